"""Which level is mine: questions, a choice that can change, and what comes along."""

import itertools

import pytest

from lti_tool.competencies.queries import library
from lti_tool.portfolios.levels import Question, answers_in, same_tasks, suggestion
from tests.portfolios.writing import Writer, begin, writer
from tests.tool import TUTOR, Tool, Visitor


@pytest.mark.parametrize("answers", list(itertools.product((True, False), repeat=4)), ids=str)
def test_every_combination_has_a_level_and_a_reason(answers: tuple[bool, ...]) -> None:
    found = suggestion(dict(zip(Question, answers, strict=True)))
    regulated, autonomous, specialist, leading = answers
    assert found
    assert found.reason
    wanted = 1 if not (regulated and autonomous) else 3 if specialist and leading else 2
    assert found.level == wanted


def test_without_all_answers_there_is_no_suggestion() -> None:
    assert suggestion({Question.REGULATED: True}) is None
    assert answers_in({"regulated": "yes", "leading": "perhaps"}) == {Question.REGULATED: True}


def test_topics_fit_word_for_word_and_nowhere_else() -> None:
    one, two, three = (library()[f"portfolio-{level}"] for level in (1, 2, 3))
    fits = same_tasks(one, two)
    assert 0 < len(fits) < len(one.by_code)
    assert all(one.by_code[a].topic == two.by_code[b].topic for a, b in fits.items())
    assert len(same_tasks(two, three)) > 25
    assert same_tasks(two, two) == {}


def test_somebody_new_is_asked_for_their_level(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = amina.get("portfolio/")
    assert answer.status_code == 303
    page = amina.client.get(answer.location).text
    assert page.count("Choose level") == 3
    asked = amina.get("portfolio/level?regulated=yes&autonomous=yes&specialist=no&leading=no&ask=1")
    assert "Level 2 describes your work best" in asked.text
    assert "Answer all four questions" in amina.get("portfolio/level?regulated=yes&ask=1").text


def test_a_level_can_be_changed_and_nothing_is_deleted(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("At level 1.")
    visitor = amina.visitor
    second = begin(visitor, "portfolio-2")
    assert second.path != amina.path
    second.save("At level 2.")
    assert begin(visitor, "portfolio-1").path == amina.path
    assert "At level 1.</textarea>" in amina.get().text
    assert "At level 2.</textarea>" in second.get().text


def test_what_is_no_portfolio_cannot_be_chosen(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    for wrong in ("self-assessment-1", "nothing", ""):
        assert amina.post("portfolio/level", {"instrument": wrong}).status_code == 400
    assert tool.sign_in("tara", roles=TUTOR).get("portfolio/level").status_code == 403


def test_what_fits_is_copied_and_what_is_written_stays(tool: Tool) -> None:
    amina = writer(tool)
    fits = same_tasks(library()["portfolio-2"], library()["portfolio-1"])
    (here, there), (here2, there2) = list(fits.items())[:2]
    amina.save("Copied.", code=there, declaration="consent")
    amina.save("Not copied.", code=there2)
    second = begin(amina.visitor, "portfolio-2")
    second.save("Mine here.", code=here2)
    page = amina.visitor.get("portfolio/?chosen=1").text
    assert "Bring along what fits" in page
    source = amina.path.rpartition("/")[2]
    answer = amina.visitor.post(f"{second.path}/carry", {"source": source})
    assert "1 text was copied" in amina.visitor.client.get(answer.location).text
    assert "Copied.</textarea>" in second.get(here).text
    assert "Mine here.</textarea>" in second.get(here2).text
    assert "Copied.</textarea>" in amina.get(there).text
    again = amina.visitor.post(f"{second.path}/carry", {"source": source})
    assert "nothing left to copy" in amina.visitor.client.get(again.location).text
    elsewhere = amina.visitor.post(f"{second.path}/carry", {"source": "unknown"})
    assert elsewhere.status_code == 404


def test_the_same_portfolio_opens_from_another_course(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("From the first course.")
    elsewhere: Visitor = tool.sign_in("amina", course="course-2")
    assert "From the first course.</textarea>" in Writer(elsewhere, amina.path).get().text
    assert elsewhere.get("portfolio/").status_code == 303  # there, nothing is chosen yet
    assert begin(elsewhere).path == amina.path

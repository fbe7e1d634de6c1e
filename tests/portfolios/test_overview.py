"""The overview, the way to it from a placement, what tutors see; how many statements it takes."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import event, select

from lti_tool.competencies.queries import library
from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.exports.personal.shapes import json_schema
from lti_tool.grades.models import Score
from tests.exports.records import bring, record_in, zip_of
from tests.portfolios.writing import PORTFOLIO, TEXT, Writer, begin, writer
from tests.tool import TUTOR, Tool


@contextmanager
def statements(tool: Tool) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        found.append(statement)

    event.listen(tool.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(tool.database.engine, "before_cursor_execute", note)


def test_a_portfolio_placement_opens_its_portfolio(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=PORTFOLIO)
    first = amina.get()
    assert first.status_code == 303
    assert first.location.endswith("/portfolio/")
    page = amina.get("portfolio/level").text
    assert "Your course asks for it" in page
    begin(amina)
    page = amina.client.get(first.location).text
    assert "12 tasks in 4 domains." in " ".join(page.split())
    assert "Begin here" in page
    for path in ("domain/1", "summary", "goals", "change", "papers"):
        assert "this activity is a portfolio" in amina.get(path).text, path
    assert amina.get("my-record").status_code == 200


def test_the_overview_says_what_is_there_and_what_is_missing(tool: Tool) -> None:
    amina = writer(tool)
    amina.save(TEXT, ticks={"0": True}, declaration="anonymised")
    amina.save("Only begun.", code="2.01")
    page = " ".join(amina.visitor.get("portfolio/").text.split())
    assert "1 of 12 tasks ready" in page
    assert "2 begun" in page
    assert "19 words" in page
    assert "1 of 2 points ticked" in page
    assert "Still: say how nobody can be known by it" in page
    assert "Continue with" in page


def test_a_placement_may_ask_for_some_domains(tool: Tool) -> None:
    few = SetUp("portfolio-1", (1, 4), GradeRule.COMPLETION)
    amina = tool.sign_in("amina", set_up=few)
    begin(amina)
    assert "3 tasks in 2 domains." in " ".join(amina.get("portfolio/").text.split())
    begin(amina, "portfolio-2")
    page = " ".join(amina.get("portfolio/").text.split())
    assert "31 tasks in 5 domains." in page
    assert "Your course asks for “IMH CPD Programme portfolio, Level 1”." in page


def test_tutors_see_who_has_written_how_much_and_no_text(tool: Tool) -> None:
    amina = writer(tool)
    amina.save(f"A secret. {TEXT}", declaration="anonymised")
    tool.sign_in("ben", set_up=PORTFOLIO)
    other = writer(tool, "olga", organisation="Other")
    other.save("Elsewhere.")
    tara = tool.sign_in("tara", roles=TUTOR, set_up=PORTFOLIO)
    page = " ".join(tara.get("course").text.split())
    words = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "1 has not started" in words
    assert "2 learners" in words
    assert "1 of 12" in page
    assert "19" in page
    assert "secret" not in page
    assert "olga" not in page
    seen = tara.client.get(tara.get().location).text
    assert "This is what learners are asked." in seen
    assert "secret" not in seen


def test_nothing_goes_to_the_gradebook(tool: Tool) -> None:
    amina = writer(tool)
    amina.save(TEXT, declaration="anonymised")
    tool.sign_in("amina", set_up=PORTFOLIO)
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(Score)).first() is None


def test_a_grade_that_a_self_assessment_left_is_not_written_over(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    rating = {"code": "1.01", "state": "achieved", "note": "", "version": 0}
    assert amina.post_json("ratings", rating).status_code == 200
    tool.sign_in("amina", set_up=PORTFOLIO)
    with tool.database.transaction(write=False) as session:
        assert session.execute(select(Score.value)).scalar_one() == 2


@pytest.mark.parametrize("view", ["overview", "task"])
def test_the_number_of_statements_does_not_grow_with_what_is_written(tool: Tool, view: str) -> None:
    amina = writer(tool, instrument="portfolio-3")
    path = "portfolio/" if view == "overview" else amina.task("1.01")
    amina.save(TEXT)
    with statements(tool) as few:
        assert amina.visitor.get(path).status_code == 200
    for code in library()["portfolio-3"].by_code:
        amina.save(f"{code}: {TEXT}", 1 if code == "1.01" else 0, code)
    with statements(tool) as many:
        assert amina.visitor.get(path).status_code == 200
    # A task shows evidence, statements and what lies beside it as well: more, and as constant.
    assert len(many) == len(few) <= (12 if view == "overview" else 20), many


def test_it_opens_beside_a_self_assessment(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    assert "your practice in your own words" in amina.get().text
    desk: Writer = begin(amina)
    assert desk.get().status_code == 200
    assert amina.get("summary").status_code == 200


def test_the_whole_record_has_every_text_and_every_version(tool: Tool) -> None:
    amina = writer(tool)
    amina.save("The first words.", ticks={"1": True}, declaration="consent")
    amina.save("Quite other words.", 1)
    content = zip_of(amina.visitor)
    Draft202012Validator(json_schema()).validate(record_in(content))
    (portfolio,) = record_in(content)["portfolios"]
    assert (portfolio["instrument"], portfolio["worked_on_in"]) == ("portfolio-1", ["Link link-1"])
    (account,) = portfolio["accounts"]
    assert (account["text"], account["declaration"], account["ticks"]) == (
        "Quite other words.",
        "consent",
        [1],
    )
    assert [one["text"] for one in account["versions"]] == [
        "The first words.",
        "Quite other words.",
    ]
    page = zipfile.ZipFile(io.BytesIO(content)).read("index.html").decode()
    assert "Quite other words." in page
    assert "Texts of your portfolios" in amina.visitor.get("my-record").text
    ben = writer(tool, "ben")
    assert record_in(zip_of(ben.visitor))["portfolios"][0]["accounts"] == []
    looked = bring(ben.visitor, content)
    assert looked.status_code == 303
    page = ben.visitor.client.get(looked.location).text
    assert "Texts of portfolios" in page
    assert "A task that has a text here keeps it." in page

"""The tutor's pages over HTTP: what they show, at which cost, and to whom."""

from typing import Any

from sqlalchemy import event, update

from lti_tool.courses.rules import NOT_SET_UP, GradeRule, SetUp
from lti_tool.grades.models import Score
from tests.tool import TUTOR, Tool, Visitor


def rate(visitor: Visitor, code: str, **more: Any) -> None:
    answer = {"code": code, "state": "achieved", "note": "", "version": 0} | more
    assert visitor.post_json("ratings", answer).status_code == 200


def person_of(page: str) -> str:
    return page.split("/learners/")[1].split('"')[0]


def statements(tool: Tool, visitor: Visitor, path: str) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(tool.database.engine, "before_cursor_execute", counted)
    assert visitor.get(path).status_code == 200
    event.remove(tool.database.engine, "before_cursor_execute", counted)
    return count


def fail_grades(tool: Tool, reason: str = "person-not-gradable") -> None:
    with tool.database.transaction() as session:
        session.execute(update(Score).values(state="failed", reason=reason))


def test_the_course_page_shows_who_has_come_and_how_far_they_are(tool: Tool) -> None:
    rate(tool.sign_in("amina", name="Amina O'Brien-Żółć"), "1.01")
    tool.sign_in("ben", name="محمد")
    page = tool.sign_in("tara", roles=TUTOR).get("course").text
    assert "Amina O&#39;Brien-Żółć" in page
    assert "محمد" in page
    assert "1 of 63 rated" in page
    assert "1 of 10 rated, 1 achieved" in page
    assert "2 learners" in page


def test_the_number_of_statements_does_not_grow_with_the_learners(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR)
    rate(tool.sign_in("first"), "1.01")
    few = statements(tool, tara, "course")
    for number in range(12):
        learner = tool.sign_in(f"learner-{number}")
        rate(learner, "1.01")
        rate(learner, "5.02")
    assert statements(tool, tara, "course") == few
    # Begin (SQLite), session, placement, wordings; learners, answers, overdue goals, grades; and
    # for bar and menu: notices that are not read, whether there is a desk.
    assert few <= 10


def test_a_course_that_nobody_has_opened_says_so(tool: Tool) -> None:
    assert "Nobody has come yet" in tool.sign_in("tara", roles=TUTOR).get("course").text


def test_a_fact_leads_to_those_whom_it_concerns(tool: Tool) -> None:
    rate(tool.sign_in("amina", name="Amina"), "1.01")
    tool.sign_in("ben", name="Ben")
    tara = tool.sign_in("tara", roles=TUTOR)
    page = tara.get("course?show=not-started").text
    assert "Ben" in page
    assert ">Amina<" not in page
    assert "good news" in tara.get("course?show=stuck").text


def test_learners_are_sorted_as_asked(tool: Tool) -> None:
    rate(tool.sign_in("amina", name="Amina"), "1.01")
    tool.sign_in("ben", name="Ben")
    tara = tool.sign_in("tara", roles=TUTOR)
    assert tara.get("course?sort=progress").text.index(">Ben<") < tara.get(
        "course?sort=progress"
    ).text.index(">Amina<")
    by_name = tara.get("course?sort=-name").text
    assert 'aria-sort="descending"' in by_name
    assert by_name.index(">Ben<") < by_name.index(">Amina<")
    assert tara.get("course?sort=nonsense&show=nonsense").status_code == 200


def test_a_failed_grade_says_why_and_can_be_sent_again(tool: Tool) -> None:
    rate(tool.sign_in("amina"), "1.01")
    fail_grades(tool)
    tara = tool.sign_in("tara", roles=TUTOR)
    page = tara.get("course").text
    assert "someone who has left the course" in page
    address = page.split('action="')[1].split('"')[0].removeprefix(tara.home)
    answer = tara.post(address, {})
    assert answer.status_code == 303
    assert "on its way" in tara.client.get(answer.location).text
    with tool.database.transaction(write=False) as session:
        assert session.query(Score).one().state == "waiting"


def test_a_reason_that_is_not_known_is_still_told_in_words(tool: Tool) -> None:
    rate(tool.sign_in("amina"), "1.01")
    fail_grades(tool, "something-new")
    assert "The LMS refused it." in tool.sign_in("tara", roles=TUTOR).get("course").text


def test_a_grade_of_another_placement_cannot_be_sent_from_here(tool: Tool) -> None:
    rate(tool.sign_in("amina", course="other"), "1.01")
    fail_grades(tool)
    tara = tool.sign_in("tara", roles=TUTOR)
    assert tara.post("scores/1/retry", {}).status_code == 404
    assert tara.post(f"scores/{'9' * 30}/retry", {}).status_code == 404
    with tool.database.transaction(write=False) as session:
        assert session.query(Score).one().state == "failed"


def test_a_learner_is_read_with_answers_notes_and_history(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Amina")
    rate(amina, "1.01", note="A home visit")
    tara = tool.sign_in("tara", roles=TUTOR)
    page = tara.get("learners/" + person_of(tara.get("course").text))
    assert page.status_code == 200
    for words in ("Amina", "A home visit", "Answers and notes", "History", "cannot change it"):
        assert words in page.text
    assert "<textarea" not in page.text


def test_a_tutor_reads_no_more_than_the_placement_asks_for(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "5.01", note="Outside this placement")
    some = SetUp("self-assessment-1", (1,), GradeRule.COMPLETION)
    tool.sign_in("amina", link="some", set_up=some)
    tara = tool.sign_in("tara", roles=TUTOR, link="some", set_up=some)
    page = tara.get("learners/" + person_of(tara.get("course").text)).text
    assert "Outside this placement" not in page
    assert "5.01" not in page


def test_a_learner_of_another_course_is_not_found(tool: Tool) -> None:
    tool.sign_in("amina", course="other")
    there = tool.sign_in("tara", roles=TUTOR, course="other")
    person = person_of(there.get("course").text)
    here = tool.sign_in("tom", roles=TUTOR)
    assert here.get(f"learners/{person}").status_code == 404
    assert here.get("learners/nobody").status_code == 404


def test_a_learner_can_reach_none_of_it(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    rate(amina, "1.01")
    tara = tool.sign_in("tara", roles=TUTOR)
    person = person_of(tara.get("course").text)
    for path in ("course", f"learners/{person}", "set-up"):
        assert amina.get(path).status_code == 403
    assert amina.post("scores/1/retry", {}).status_code == 403
    assert amina.post("set-up", {}).status_code == 403


def test_a_placement_that_is_not_set_up_leads_to_its_set_up(tool: Tool) -> None:
    tara = tool.sign_in("tara", roles=TUTOR, link="bare", set_up=NOT_SET_UP)
    assert tara.get("course").location.endswith("/set-up")
    assert tara.get("learners/anyone").status_code == 404

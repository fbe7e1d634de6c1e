"""The tutor's pages of a portfolio over HTTP: what they show, at which cost, and to whom."""

from datetime import timedelta

import time_machine
from sqlalchemy import update

from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.grades.models import Score
from lti_tool.kernel import clock
from lti_tool.portfolios.submitting.grading import record_verdict
from lti_tool.portfolios.submitting.services import begin_review, return_for_more
from tests.dashboards.test_views import person_of, statements
from tests.portfolios.handing_in import begun, handed_in, ready
from tests.tool import TUTOR, Tool, Visitor

PORTFOLIO = SetUp("portfolio-1", (), GradeRule.COMPLETION)


def tutor(tool: Tool) -> Visitor:
    return tool.sign_in("tara", roles=TUTOR, set_up=PORTFOLIO)


def words(page: str) -> str:
    return " ".join(page.split())


def test_each_learner_is_shown_with_counts_and_where_the_portfolio_is(tool: Tool) -> None:
    begun(tool, "amina", name="Amina")
    ready(tool, "ben", name="Ben")
    handed_in(tool, "cerys", name="Cerys")
    page = words(tutor(tool).get("course").text)
    assert "3 learners" in page
    assert "0 of 12 ready" in page
    assert page.count("12 of 12 ready") == 2
    assert "waiting for an assessor" in page
    assert "Handed in, not graded yet" in page
    # Facts: one has not started, one waits.
    assert 'data-fact="not-started"' in page
    assert "is handed in and waits for its outcome" in page


def test_no_word_that_a_learner_wrote_is_on_a_tutors_page(tool: Tool) -> None:
    handing, _ = handed_in(tool, "amina", name="Amina")
    handing.tool.sign_in("amina")
    tara = tutor(tool)
    course = tara.get("course").text
    learner = tara.get(f"learners/{person_of(course)}").text
    for page in (course, learner):
        assert "I sat with a mother" not in page


def test_a_learners_page_has_parts_submissions_and_the_grade(tool: Tool) -> None:
    handing, submission = handed_in(tool, "amina", name="Amina")
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
        assert return_for_more(session, submission.id, handing.codes[9:])
        record_verdict(
            session, submission, met=9, total=12, recognised=False, comment="9 of 12 met."
        )
    second = handing.hand_in()
    assert second.number == 2
    tara = tutor(tool)
    page = words(tara.get(f"learners/{person_of(tara.get('course').text)}").text)
    assert "12 of 12 ready" in page
    assert "for 3 tasks" in page
    assert "waiting for an assessor" in page
    assert "75 of 100" in page


def test_what_was_taken_back_is_explained(tool: Tool) -> None:
    handing, submission = handed_in(tool, "amina", name="Amina")
    handing.withdraw(submission.public_id)
    tara = tutor(tool)
    page = words(tara.get(f"learners/{person_of(tara.get('course').text)}").text)
    assert "Taken back on" in page
    assert "an LMS offers no way to undo that" in page


def test_a_fact_leads_to_those_whom_it_concerns(tool: Tool) -> None:
    begun(tool, "amina", name="Amina")
    handed_in(tool, "cerys", name="Cerys")
    tara = tutor(tool)
    page = tara.get("course?show=waiting").text
    assert "Cerys" in page
    assert ">Amina<" not in page
    assert "good news" in tara.get("course?show=returned").text
    assert tara.get("course?show=nonsense").status_code == 200


def test_who_wrote_and_stayed_away_is_stuck_and_who_waits_is_not(tool: Tool) -> None:
    with time_machine.travel(clock.now() - timedelta(days=20)):
        handing = begun(tool, "amina", name="Amina")
        handing.write(handing.codes[0], "A beginning.")
        handed_in(tool, "cerys", name="Cerys")
    page = tutor(tool).get("course?show=stuck").text
    assert "Amina" in page
    assert "Cerys" not in page


def test_learners_are_sorted_by_how_far_they_are(tool: Tool) -> None:
    handed_in(tool, "amina", name="Amina")
    begun(tool, "ben", name="Ben")
    tara = tutor(tool)
    page = tara.get("course?sort=progress").text
    assert page.index("Ben") < page.index("Amina")
    page = tara.get("course?sort=-progress").text
    assert page.index("Amina") < page.index("Ben")


def test_a_grade_that_failed_can_be_sent_again_from_both_pages(tool: Tool) -> None:
    handed_in(tool, "amina", name="Amina")
    with tool.database.transaction() as session:
        session.execute(update(Score).values(state="failed", reason="person-not-gradable"))
    tara = tutor(tool)
    page = tara.get("course?show=grade-failed").text
    assert "Try again" in page
    person = person_of(page)
    score = page.split("/scores/")[1].split("/")[0]
    assert tara.post(f"scores/{score}/retry", {"learner": person}).location.endswith(
        f"/learners/{person}?retried=1"
    )
    with tool.database.transaction(write=False) as session:
        assert session.query(Score).one().state == "waiting"


def test_what_was_handed_in_is_not_sent_over_a_tutors_grade_by_a_button(tool: Tool) -> None:
    handed_in(tool, "amina", name="Amina")
    with tool.database.transaction() as session:
        session.execute(update(Score).values(state="overridden", overridden_value=70))
    page = words(tutor(tool).get("course").text)
    assert "Changed in the gradebook to 70 of 100" in page
    assert "Send ours again" not in page


def test_the_number_of_statements_does_not_grow_with_the_learners(tool: Tool) -> None:
    tara = tutor(tool)
    handed_in(tool, "first")
    few = statements(tool, tara, "course")
    for number in range(9):
        begun(tool, f"learner-{number}")
    handed_in(tool, "last")
    assert statements(tool, tara, "course") == few


def test_who_learns_sees_neither_page(tool: Tool) -> None:
    handing, _ = handed_in(tool, "amina")
    page = tutor(tool).get("course").text
    assert handing.visitor.get("course").status_code == 403
    assert handing.visitor.get(f"learners/{person_of(page)}").status_code == 403


def test_somebody_of_another_course_is_not_found(tool: Tool) -> None:
    handed_in(tool, "amina")
    tutor(tool)
    elsewhere = tool.sign_in("tom", roles=TUTOR, set_up=PORTFOLIO, course="other", link="other")
    person = person_of(tutor(tool).get("course").text)
    assert elsewhere.get(f"learners/{person}").status_code == 404
    assert "Nobody has come yet" in elsewhere.get("course").text

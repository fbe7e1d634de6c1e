"""The log of a submission: every step, for administrators; nobody edits it, in either engine."""

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.models import Review, ReviewEvent
from tests.reviews.deciding import PARTLY, given_to_two, released_by_one, work
from tests.reviews.offices import ADMINISTRATOR, acts, office
from tests.tool import TUTOR, Tool


def is_whole(tool: Tool, submission: SubmissionView) -> bool:
    with tool.database.transaction(write=False) as session:
        return log.is_whole(session, submission.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE review_events SET act = 'agreed'",
        "UPDATE review_events SET details = '{}'",
        "UPDATE review_events SET number = number + 100",
        "UPDATE review_events SET digest = ''",
        "DELETE FROM review_events",
    ],
)
def test_the_database_refuses_to_change_or_remove_a_line(tool: Tool, statement: str) -> None:
    _handing, submission, _reader = released_by_one(tool)
    before = acts(tool, submission)
    with (
        pytest.raises(DBAPIError, match="only added to"),
        tool.database.transaction() as session,
    ):
        session.execute(text(statement))
    assert acts(tool, submission) == before
    assert is_whole(tool, submission)


def test_a_line_changed_by_force_shows(tool: Tool) -> None:
    _handing, submission, _reader = released_by_one(tool)
    is_sqlite = tool.database.is_sqlite
    with tool.database.transaction() as session:
        if is_sqlite:
            session.execute(text("DROP TRIGGER review_events_fixed"))
        else:
            session.execute(text("ALTER TABLE review_events DISABLE TRIGGER ALL"))
        session.execute(
            update(ReviewEvent)
            .where(ReviewEvent.act == "released")
            .values(details={"outcome": "not-recognised"})
        )
    try:
        assert not is_whole(tool, submission)
        page = office(tool).get(f"reviews/{submission.public_id}")
        assert "changed or taken out of the database by force" in page.text
    finally:
        if not is_sqlite:
            with tool.database.transaction() as session:
                session.execute(text("ALTER TABLE review_events ENABLE TRIGGER ALL"))


def test_the_page_shows_each_step_with_who_and_in_which_part(tool: Tool) -> None:
    _handing, submission, _reader = released_by_one(tool, {"1.01": PARTLY})
    work(tool)
    page = office(tool).get(f"reviews/{submission.public_id}")
    assert page.status_code == 200
    for said in ("Handed in", "Given to an assessor", "Reading begun", "Reading done",
                 "Outcome released to the learner", "11 of 12 met", "Open again: 1.01",
                 "Person rosa", "(assessor)", "Whole: every line"):  # fmt: skip
        assert said in page.text, said


def test_what_readers_decide_is_not_on_the_page_before_the_release(tool: Tool) -> None:
    _handing, submission, rosa, _sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    page = office(tool).get(f"reviews/{submission.public_id}").text
    assert "Reading done" in page
    assert "More evidence wanted" not in page
    assert "More 1.01." not in page


def test_an_administrator_does_not_look_into_the_review_of_their_own_portfolio(
    tool: Tool,
) -> None:
    handing, submission, _reader = released_by_one(tool)
    oneself = tool.sign_in("amina", roles=ADMINISTRATOR, course="office")
    assert oneself.actor.person_id == handing.visitor.actor.person_id
    assert oneself.get(f"reviews/{submission.public_id}").status_code == 403
    assert oneself.post(f"reviews/{submission.public_id}/register", {}).status_code == 403


def test_the_log_is_for_administrators_of_the_organisation_alone(tool: Tool) -> None:
    handing, submission, reader = released_by_one(tool)
    path = f"reviews/{submission.public_id}"
    for who in (handing.visitor, reader.visitor, tool.sign_in("tara", roles=TUTOR)):
        assert who.get(path).status_code == 403
    stranger = tool.sign_in("olga", roles=ADMINISTRATOR, organisation="Other")
    assert stranger.get(path).status_code == 404
    assert office(tool).get("reviews/unknown").status_code == 404
    assert office(tool).get("reviews/%00").status_code == 404


def test_a_log_that_has_not_begun_says_so(tool: Tool) -> None:
    from tests.portfolios.handing_in import handed_in

    _handing, submission = handed_in(tool)
    page = office(tool).get(f"reviews/{submission.public_id}")
    assert "The log begins when the worker takes the submission up" in page.text
    assert "Nobody yet." in page.text
    with tool.database.transaction(write=False) as session:
        assert session.query(Review).count() == 0

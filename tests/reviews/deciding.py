"""What tests of outcomes share: submissions that were read, decided and released."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from lti_tool.grades.models import Score
from lti_tool.notifications.models import Notification
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.outcomes.appealing import make_appeal, withdraw_appeal
from lti_tool.reviews.outcomes.matters import Matter, matter_of, seal_of
from lti_tool.reviews.outcomes.queries import OutcomeView
from lti_tool.reviews.outcomes.releasing import release
from lti_tool.reviews.outcomes.rules import Whose, parse_reason
from lti_tool.reviews.outcomes.services import send_to_moderator
from lti_tool.reviews.rules import Overall, Terms, Verdict
from lti_tool.wiring.messages import make_worker
from tests.portfolios.handing_in import Handing, handed_in
from tests.reviews.offices import Reader, allocated, appoint, now, set_terms
from tests.tool import Tool, Visitor

UTC = ZoneInfo("UTC")
TWO = Terms(readers_1=2, readers_2=2, readers_3=2)
PARTLY, NOT_YET = Verdict.PARTLY, Verdict.NOT_YET


def matter(tool: Tool, submission: SubmissionView) -> Matter:
    with tool.database.transaction(write=False) as session:
        return matter_of(session, now(tool, submission))


def let_go(
    tool: Tool, reader: Reader, submission: SubmissionView, whose: Whose = Whose.BOTH
) -> OutcomeView:
    """Releases what the decision page shows to this assessor."""
    found = matter(tool, submission)
    review = reader.review(submission)
    with tool.database.transaction() as session:
        seen = seal_of(found.comes_to(review, whose))
        return release(session, reader.assessor, review, seen=seen, whose=whose)


def read_by_one(
    tool: Tool, not_met: dict[str, Verdict] | None = None, overall: Overall | None = None
) -> tuple[Handing, SubmissionView, Reader]:
    """Returns a submission that its one reader has done."""
    reader = appoint(tool, "rosa")
    handing, submission = handed_in(tool)
    allocated(tool, submission)
    reader.read(submission, not_met, overall)
    return handing, submission, reader


def released_by_one(
    tool: Tool, not_met: dict[str, Verdict] | None = None, overall: Overall | None = None
) -> tuple[Handing, SubmissionView, Reader]:
    handing, submission, reader = read_by_one(tool, not_met, overall)
    let_go(tool, reader, submission)
    return handing, now(tool, submission), reader


def given_to_two(
    tool: Tool, *, terms: Terms = TWO
) -> tuple[Handing, SubmissionView, Reader, Reader]:
    """Returns a submission with two readers, neither of whom has begun."""
    set_terms(tool, terms)
    rosa, sam = appoint(tool, "rosa"), appoint(tool, "sam")
    handing, submission = handed_in(tool)
    assert len(allocated(tool, submission)) == 2
    return handing, submission, rosa, sam


def send(tool: Tool, reader: Reader, submission: SubmissionView) -> None:
    with tool.database.transaction() as session:
        send_to_moderator(session, reader.assessor, reader.review(submission))


def appeal(
    tool: Tool, who: Visitor, submission: SubmissionView, reason: str = "I had shown it."
) -> None:
    with tool.database.transaction() as session:
        make_appeal(session, who.actor, submission, parse_reason(reason), UTC)


def take_back(tool: Tool, who: Visitor, submission: SubmissionView) -> None:
    with tool.database.transaction() as session:
        withdraw_appeal(session, who.actor, submission)


def work(tool: Tool) -> None:
    """Lets the worker do what waits."""
    make_worker(tool.runtime).drain()


def told(tool: Tool, who: Visitor) -> list[str]:
    """Returns what kinds of things somebody was told, in order."""
    with tool.database.transaction(write=False) as session:
        rows = session.execute(
            select(Notification.kind)
            .where(Notification.person_id == who.actor.person_id)
            .order_by(Notification.id)
        )
        return list(rows.scalars())


def grade(tool: Tool, handing: Handing) -> tuple[int | None, str]:
    """Returns the grade of a learner and its comment."""
    with tool.database.transaction(write=False) as session:
        row = session.execute(
            select(Score.value, Score.comment).where(
                Score.placement_id == handing.visitor.placement_id,
                Score.person_id == handing.visitor.actor.person_id,
            )
        ).one()
    return row.value, row.comment

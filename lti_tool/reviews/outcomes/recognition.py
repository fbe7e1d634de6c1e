"""What the register makes of a verdict that recognises: entered, or refused, and asked again."""

from datetime import timedelta

from sqlalchemy.orm import Session

from lti_tool.courses.queries import administrators_of
from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.outbox import services as outbox
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.models import ReviewEvent
from lti_tool.reviews.outcomes.queries import OutcomeView, outcomes_of
from lti_tool.reviews.rules import LANE, RECOGNISE, Act, By, Overall
from lti_tool.reviews.services import hold, title_of


def note_entered(session: Session, outcome: OutcomeView, entry: str) -> None:
    """Notes that somebody is on the register, and tells them. A second time changes nothing."""
    submission = hold(session, outcome.submission_id)
    if is_entered(log.lines_of(session, submission.id)):
        return
    log.write(
        session,
        submission.id,
        Act.RECOGNISED,
        By.TOOL,
        details={"entry": entry, "number": outcome.number},
    )
    told = Telling(
        person_id=submission.person_id,
        organisation_id=submission.organisation_id,
        kind=Kind.RECOGNISED,
        reference=f"recognised:{submission.public_id}",
        placement_id=submission.placement_id,
        endpoint="recognition.mine",
        params={"title": title_of(session, submission)},
    )
    tell(session, [told])


def note_refused(session: Session, outcome: OutcomeView, code: str) -> None:
    """Notes why the register did not take somebody, and tells administrators, who can ask again."""
    submission = hold(session, outcome.submission_id)
    log.write(session, submission.id, Act.NOT_ENTERED, By.TOOL, details={"reason": code})
    count = len(log.lines_of(session, submission.id))
    tell(
        session,
        [
            Telling(
                person_id=person_id,
                organisation_id=submission.organisation_id,
                kind=Kind.RECOGNITION_REFUSED,
                reference=f"not-entered:{submission.public_id}:{count}",
                endpoint="review_log.submission",
                link={"submission": submission.public_id},
                params={"title": title_of(session, submission)},
            )
            for person_id in administrators_of(session, submission.organisation_id)
        ],
    )


def ask_again(session: Session, submission: SubmissionView) -> None:
    """Asks the register again for who was refused; raises `Conflict` where nobody was."""
    now = hold(session, submission.id)
    if not is_refused(log.lines_of(session, now.id)):
        raise Conflict(
            N_("There is nothing to ask the register again."),
            code="not-refused",
            advice=N_("Look at the log: it says how it stands."),
        )
    outcome = next(one for one in outcomes_of(session, now.id) if one.overall is Overall.RECOGNISED)
    outbox.put(session, RECOGNISE, str(outcome.id), lane=LANE, delay=timedelta(0))


def is_entered(lines: list[ReviewEvent]) -> bool:
    """Says whether the register has taken what this log ends in."""
    return any(line.act == Act.RECOGNISED for line in lines)


def is_refused(lines: list[ReviewEvent]) -> bool:
    """Says whether the register refused, and nothing came of it since."""
    return any(line.act == Act.NOT_ENTERED for line in lines) and not is_entered(lines)

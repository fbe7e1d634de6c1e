"""The ledger of scores: what arrived, what was answered, and whether it was stored."""

from sqlalchemy.orm import Session

from lti_tool.demo.faults import Fault, FaultKind
from lti_tool.demo.models import Person, ReceivedScore
from lti_tool.demo.platform.scoring import Score
from lti_tool.kernel.clock import now


def enter(
    session: Session,
    place: tuple[int, int],
    body: bytes,
    *,
    score: Score | None,
    person: Person | None = None,
    status: int | None,
    fault: Fault | None,
    is_stored: bool = False,
) -> None:
    """Adds a line for a score that was posted to `place`, a course and a line item."""
    course_id, line_item_id = place
    score = score or Score({})
    is_lost = fault is not None and fault.kind is FaultKind.LOST_ANSWER
    session.add(
        ReceivedScore(
            received_at=now(),
            course_id=course_id,
            line_item_id=line_item_id,
            user_id=score.user_id,
            person_key=person.key if person else None,
            value=score.given,
            maximum=score.maximum,
            comment=score.comment,
            timestamp=str(score.fields.get("timestamp", "")),
            activity_progress=score.activity,
            grading_progress=score.grading,
            body=body.decode("utf-8", errors="replace"),
            is_stored=is_stored,
            status=None if is_lost else status,
            fault=fault.kind if fault else None,
        )
    )

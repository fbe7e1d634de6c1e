"""Reading of the desk: what is to be read, the queue, notes, phrases."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import SubmissionTask
from lti_tool.reviews.models import Review

_REVIEWS = table_of(Review)
_TASKS = table_of(SubmissionTask)


def codes_to_read(session: Session, submission_id: int) -> tuple[str, ...]:
    """Returns the competencies that are to be read, in order: all but those accepted before."""
    rows = session.execute(
        select(_TASKS.c.code)
        .where(_TASKS.c.submission_id == submission_id, _TASKS.c.accepted_in.is_(None))
        .order_by(_TASKS.c.place)
    )
    return tuple(rows.scalars())


def notes_of(session: Session, review_id: int) -> tuple[str, int]:
    """Returns an assessor's private notes on a reading, and their version."""
    row = session.execute(
        select(_REVIEWS.c.notes, _REVIEWS.c.notes_version).where(_REVIEWS.c.id == review_id)
    ).one()
    return row.notes, row.notes_version

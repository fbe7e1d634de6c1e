"""Reminding assessors of readings whose target date has passed: a worker's round tells each once."""

from datetime import date

from sqlalchemy import exists, literal, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.notifications.models import Notification
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.reviews.models import Assessor, Review
from lti_tool.reviews.rules import OPEN

_REVIEWS = table_of(Review)
_ASSESSORS = table_of(Assessor)
_SUBMISSIONS = table_of(Submission)
_NOTIFICATIONS = table_of(Notification)
_TOLD_AT_ONCE = 200
_REFERENCE = literal("review-due:") + _REVIEWS.c.public_id


def remind_assessors(session: Session, today: date) -> int:
    """Tells assessors of their readings that are overdue; returns of how many."""
    was_told = exists().where(
        _NOTIFICATIONS.c.person_id == _ASSESSORS.c.person_id,
        _NOTIFICATIONS.c.reference == _REFERENCE,
    )
    rows = session.execute(
        select(
            _REVIEWS.c.public_id,
            _REVIEWS.c.organisation_id,
            _ASSESSORS.c.person_id,
            _SUBMISSIONS.c.level,
            _REFERENCE.label("reference"),
        )
        .join(_ASSESSORS, _ASSESSORS.c.id == _REVIEWS.c.assessor_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _REVIEWS.c.submission_id)
        .where(
            _REVIEWS.c.state.in_(sorted(state.value for state in OPEN)),
            _REVIEWS.c.due_on < today,
            ~was_told,
        )
        .order_by(_REVIEWS.c.due_on)
        .limit(_TOLD_AT_ONCE)
    )
    found = [
        Telling(
            person_id=row.person_id,
            organisation_id=row.organisation_id,
            kind=Kind.REVIEW_DUE,
            reference=row.reference,
            endpoint="desk.reading",
            link={"review": row.public_id},
            params={"level": str(row.level)},
        )
        for row in rows
    ]
    tell(session, found)
    return len(found)

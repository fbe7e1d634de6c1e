"""What a person was told, and what they wrote as assessor, read for a record."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes_handed_in as shapes
from lti_tool.kernel.models import table_of
from lti_tool.notifications.models import MailWish, Notification
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.reviews.models import Assessor, AssessorConflict, Finding, Phrase, Review

_ASSESSORS = table_of(Assessor)
_REVIEWS = table_of(Review)
_FINDINGS = table_of(Finding)
_READING = (
    *("part", "state", "level", "allocated_at", "due_on", "begun_at", "done_at"),
    *("verdict", "summary", "notes"),
)
_NOTICE = ("kind", "params", "created_at", "read_at", "mailed_at", "mail_failure")
_OFFICE = ("levels", "capacity", "moderates", "active", "away_until", "appointed_at")


def notifications_of(session: Session, person_id: int) -> list[shapes.Notification]:
    """Returns what a person was told, oldest first."""
    table = table_of(Notification)
    rows = session.execute(select(table).where(table.c.person_id == person_id).order_by(table.c.id))
    return [shapes.Notification.model_construct(**_picked(row, _NOTICE)) for row in rows]


def mail_of(session: Session, person_id: int) -> shapes.Mail | None:
    """Returns what a person said about e-mail, or None."""
    table = table_of(MailWish)
    row = session.execute(select(table).where(table.c.person_id == person_id)).first()
    return shapes.Mail.model_construct(**_picked(row, ("wanted", "changed_at"))) if row else None


def assessing_of(session: Session, person_id: int) -> list[shapes.Assessing]:
    """Returns a person's appointments as assessor with their own words in them.

    Nothing of the people whose portfolios they read: neither names nor texts.
    """
    rows = session.execute(
        select(_ASSESSORS).where(_ASSESSORS.c.person_id == person_id).order_by(_ASSESSORS.c.id)
    ).all()
    return [
        shapes.Assessing.model_construct(
            **_picked(row, _OFFICE),
            readings=_readings(session, row.id),
            phrases=_phrases(session, row.id),
            conflicts=_conflicts(session, row.id),
        )
        for row in rows
    ]


def _readings(session: Session, assessor_id: int) -> list[shapes.Reading]:
    rows = session.execute(
        select(_REVIEWS, Submission.level)
        .join(Submission, Submission.id == _REVIEWS.c.submission_id)
        .where(_REVIEWS.c.assessor_id == assessor_id)
        .order_by(_REVIEWS.c.id)
    ).all()
    findings: dict[int, list[shapes.Finding]] = defaultdict(list)
    found = session.execute(
        select(_FINDINGS)
        .join(_REVIEWS, _REVIEWS.c.id == _FINDINGS.c.review_id)
        .where(_REVIEWS.c.assessor_id == assessor_id)
        .order_by(_FINDINGS.c.review_id, _FINDINGS.c.code)
    )
    for one in found:
        fields = ("code", "verdict", "feedback", "changed_at")
        findings[one.review_id].append(shapes.Finding.model_construct(**_picked(one, fields)))
    return [
        shapes.Reading.model_construct(
            id=row.public_id, **_picked(row, _READING), findings=findings[row.id]
        )
        for row in rows
    ]


def _phrases(session: Session, assessor_id: int) -> list[str]:
    wanted = select(Phrase.text).where(Phrase.assessor_id == assessor_id).order_by(Phrase.id)
    return list(session.execute(wanted).scalars())


def _conflicts(session: Session, assessor_id: int) -> list[shapes.Conflict]:
    table = table_of(AssessorConflict)
    rows = session.execute(
        select(table).where(table.c.assessor_id == assessor_id).order_by(table.c.id)
    )
    fields = ("reason", "declared_at")
    return [shapes.Conflict.model_construct(**_picked(row, fields)) for row in rows]


def _picked(row: Row[Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}

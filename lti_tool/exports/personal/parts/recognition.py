"""The person's entries on the Recognition Register, with their log and credentials."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes
from lti_tool.register.models import RegisterCredential, RegisterEntry, RegisterEvent


def recognition_of(session: Session, person_id: int) -> list[shapes.Recognition]:
    """Returns the person's entries, the oldest first."""
    rows = session.execute(
        select(RegisterEntry).where(RegisterEntry.person_id == person_id).order_by(RegisterEntry.id)
    ).scalars()
    return [_entry(session, row, person_id) for row in rows]


def _entry(session: Session, row: RegisterEntry, person_id: int) -> shapes.Recognition:
    return shapes.Recognition.model_construct(
        level=row.level,
        instrument=row.instrument,
        instrument_version=row.instrument_version,
        recognised_on=row.recognised_on,
        renewed_on=row.renewed_on,
        valid_until=row.valid_until,
        name=row.name,
        place=row.place,
        shown=row.shown,
        state=row.state,
        code=row.code,
        renewal_asked_at=row.renewal_asked_at,
        badges=_badges(session, row.id),
        log=_log(session, row.id, person_id),
    )


def _badges(session: Session, entry_id: int) -> list[shapes.Badge]:
    rows = session.execute(
        select(RegisterCredential)
        .where(RegisterCredential.entry_id == entry_id)
        .order_by(RegisterCredential.id)
    ).scalars()
    return [
        shapes.Badge.model_construct(
            issued_at=row.issued_at,
            ends_at=row.ends_at,
            suspended=row.suspended,
            signed=row.signed,
        )
        for row in rows
    ]


def _log(session: Session, entry_id: int, person_id: int) -> list[shapes.RegisterEvent]:
    rows = session.execute(
        select(RegisterEvent)
        .where(RegisterEvent.entry_id == entry_id)
        .order_by(RegisterEvent.number)
    ).scalars()
    return [
        shapes.RegisterEvent.model_construct(
            at=row.at,
            act=row.act,
            by_oneself=row.by_person_id == person_id,
            reason=row.reason,
            details=row.details,
        )
        for row in rows
    ]

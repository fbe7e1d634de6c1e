"""Reminding owners that their recognition ends: a worker's round tells each once per end date."""

from calendar import monthrange
from datetime import date, timedelta

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.notifications.models import Notification
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.register.models import RegisterEntry, RegisterTerms
from lti_tool.register.rules import State, reminder_day

_ENTRIES = table_of(RegisterEntry)
_NOTIFICATIONS = table_of(Notification)
_TOLD_AT_ONCE = 200
_REFERENCE = literal("renewal:") + _ENTRIES.c.public_id + ":" + cast(_ENTRIES.c.valid_until, String)


def remind_owners(session: Session, today: date) -> int:
    """Tells owners whose recognition ends within their organisation's time for it; returns how many.

    Not who asked for renewal already, nor who is suspended; where the time is over, the register
    itself says so. A renewal brings a new end date, and so a reminder of its own.
    """
    terms = select(RegisterTerms.organisation_id, RegisterTerms.remind_months)
    count = 0
    for organisation_id, months in session.execute(terms).all():
        found = _to_remind(session, organisation_id, today, latest_end(today, months))
        tell(session, found)
        count += len(found)
    return count


def latest_end(today: date, months: int) -> date:
    """Returns the last end date of which owners are reminded today, so many months ahead."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    day = date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
    # A month that is shorter than the one ahead: its last day reminds of several.
    while reminder_day(day + timedelta(days=1), months) <= today:
        day += timedelta(days=1)
    return day


def _to_remind(session: Session, organisation_id: int, today: date, latest: date) -> list[Telling]:
    was_told = exists().where(
        _NOTIFICATIONS.c.person_id == _ENTRIES.c.person_id,
        _NOTIFICATIONS.c.reference == _REFERENCE,
    )
    rows = session.execute(
        select(_ENTRIES, _REFERENCE.label("reference"))
        .where(
            _ENTRIES.c.organisation_id == organisation_id,
            _ENTRIES.c.state == State.RECOGNISED.value,
            _ENTRIES.c.valid_until.between(today, latest),
            _ENTRIES.c.renewal_asked_at.is_(None),
            ~was_told,
        )
        .order_by(_ENTRIES.c.valid_until)
        .limit(_TOLD_AT_ONCE)
    )
    return [
        Telling(
            person_id=row.person_id,
            organisation_id=organisation_id,
            kind=Kind.RENEWAL_DUE,
            reference=row.reference,
            endpoint="recognition.mine",
            params={"level": str(row.level), "day": row.valid_until.isoformat()},
        )
        for row in rows
    ]

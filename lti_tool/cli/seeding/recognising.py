"""Rows of the register: entries with their log. Credentials are signed beside. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from lti_tool.cli.seeding.people import Pen
from lti_tool.cli.seeding.texts import PLACES
from lti_tool.register.log import digest_of
from lti_tool.register.models import RegisterEvent
from lti_tool.register.rules import INSTRUMENTS, Act, By, State, last_day
from lti_tool.register.searching import kept_folded

_YEARS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """That somebody is on the register: by a review, or by what was known before."""

    person_id: int
    name: str
    level: int
    reference: str
    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as its credential needs it."""

    id: int
    code: str
    level: int
    recognised_on: date
    valid_until: date
    is_suspended: bool


def earlier(pen: Pen, person_id: int, name: str) -> Found:
    """Returns a recognition of some time in the last four years, at Level 1 or 2."""
    level = pen.chance.draw.choice((1, 1, 2))
    at = pen.chance.days_ago(10, 4 * 365)
    reference = f"operator:{level}:{at.date().isoformat()}"
    return Found(person_id, name, level, reference, By.OPERATOR, at)


def add_entry(pen: Pen, found: Found) -> Entry:
    """An entry, four of five shown, one of fifty suspended; some have come to their end."""
    chance = pen.chance
    day = found.at.date()
    is_suspended = chance.draw.random() < 0.02
    place = chance.draw.choice(PLACES)
    facts: dict[str, Any] = {
        "level": found.level,
        "instrument": INSTRUMENTS[found.level],
        "instrument_version": pen.ground.asked.version,
        "recognised_on": day,
        "valid_until": last_day(day, _YEARS),
    }
    code = chance.code()
    entry_id = pen.add(
        "register_entries",
        public_id=chance.public_id(),
        code=code,
        organisation_id=pen.ground.organisation_id,
        person_id=found.person_id,
        renewed_on=None,
        name=found.name,
        name_words=kept_folded(found.name),
        place=place,
        place_words=kept_folded(place),
        shown=chance.draw.random() < 0.8,
        state=(State.SUSPENDED if is_suspended else State.RECOGNISED).value,
        renewal_asked_at=None,
        created_at=found.at,
        **facts,
    )
    details = {
        "instrument": facts["instrument"],
        "version": facts["instrument_version"],
        "valid_until": facts["valid_until"].isoformat(),
    }
    before = _line(
        pen, entry_id, "", 1, act=Act.RECOGNISED, by=found.by, at=found.at,
        reference=found.reference, details=details,
    )  # fmt: skip
    if is_suspended:
        later = found.at + timedelta(days=5)
        _line(
            pen, entry_id, before, 2, act=Act.SUSPENDED, by=By.OPERATOR, at=later,
            reason="A question was raised about this entry.",
        )  # fmt: skip
    return Entry(entry_id, code, found.level, day, facts["valid_until"], is_suspended)


def _line(
    pen: Pen,
    entry_id: int,
    before: str,
    number: int,
    *,
    act: Act,
    by: By,
    at: datetime,
    reason: str = "",
    reference: str = "",
    details: dict[str, Any] | None = None,
) -> str:
    values = {
        "entry_id": entry_id,
        "number": number,
        "at": at,
        "act": act.value,
        "by": by.value,
        "by_person_id": None,
        "reason": reason,
        "reference": reference,
        "details": details or {},
    }
    digest = digest_of(before, RegisterEvent(**values))
    pen.add("register_events", **values, digest=digest)
    return digest

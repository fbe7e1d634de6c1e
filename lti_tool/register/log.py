"""The log of an entry: lines are added, each tied to the one before it, and none is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.chained import line_digest
from lti_tool.register.models import RegisterEntry, RegisterEvent
from lti_tool.register.rules import Act, By


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts, and in what part."""

    by: By
    person_id: int | None = None


def write(
    session: Session,
    entry_id: int,
    act: Act,
    author: Author,
    *,
    reason: str = "",
    reference: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Adds a line to an entry's log. The entry is locked by whoever changes it."""
    last = session.execute(
        select(RegisterEvent.number, RegisterEvent.digest)
        .where(RegisterEvent.entry_id == entry_id)
        .order_by(RegisterEvent.number.desc())
        .limit(1)
    ).first()
    line = RegisterEvent(
        entry_id=entry_id,
        number=last.number + 1 if last else 1,
        at=clock.now(),
        act=act.value,
        by=author.by.value,
        by_person_id=author.person_id,
        reason=reason,
        reference=reference,
        details=dict(details or {}),
    )
    line.digest = digest_of(last.digest if last else "", line)
    session.add(line)
    session.flush()


def is_whole(session: Session, entry_id: int) -> bool:
    """Says whether every line still says what was written, and none between is missing."""
    before, number = "", 0
    rows = session.execute(
        select(RegisterEvent)
        .where(RegisterEvent.entry_id == entry_id)
        .order_by(RegisterEvent.number)
    ).scalars()
    for line in rows:
        number += 1
        if line.number != number or line.digest != digest_of(before, line):
            return False
        before = line.digest
    return number > 0


def has_counted(session: Session, entry_id: int, reference: str) -> bool:
    """Says whether what a reference names is in the log already."""
    found = select(RegisterEvent.id).where(
        RegisterEvent.entry_id == entry_id, RegisterEvent.reference == reference
    )
    return bool(reference) and session.execute(found.limit(1)).first() is not None


def facts_of(entry: RegisterEntry) -> dict[str, Any]:
    """Returns what a line about a recognition keeps: by which portfolio, until when."""
    return {
        "instrument": entry.instrument,
        "version": entry.instrument_version,
        "valid_until": entry.valid_until.isoformat(),
    }


def digest_of(before: str, line: RegisterEvent) -> str:
    """Returns the digest that a line has, after the digest of the line before it."""
    said = [
        line.entry_id,
        line.number,
        line.at.isoformat(),
        line.act,
        line.by,
        line.reason,
        line.reference,
        line.details,
    ]
    return line_digest(before, said)

"""The history of a case: lines are added, each tied to the one before, and none is changed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel import clock
from lti_tool.kernel.chained import line_digest
from lti_tool.portfolios.cases.models import ConfidentialityEvent
from lti_tool.portfolios.cases.rules import Act, By


@dataclass(frozen=True, slots=True)
class Line:
    """A line as pages show it. `who` is the name of whoever acted, for administrators alone."""

    number: int
    at: datetime
    act: Act
    by: By
    who: str
    words: str


def write(
    session: Session, case_id: int, act: Act, by: By, person_id: int | None, words: str = ""
) -> None:
    """Adds a line. Whoever changes a case holds the lock of the portfolio's owner."""
    last = session.execute(
        select(ConfidentialityEvent.number, ConfidentialityEvent.digest)
        .where(ConfidentialityEvent.case_id == case_id)
        .order_by(ConfidentialityEvent.number.desc())
        .limit(1)
    ).first()
    line = ConfidentialityEvent(
        case_id=case_id,
        number=last.number + 1 if last else 1,
        at=clock.now(),
        act=act.value,
        by=by.value,
        by_person_id=person_id,
        words=words,
    )
    line.digest = _digest(last.digest if last else "", line)
    session.add(line)
    session.flush()


def lines_of(session: Session, case_id: int) -> list[Line]:
    """Returns the history of a case, the oldest line first."""
    rows = session.execute(
        select(ConfidentialityEvent, Person.name, Person.public_id)
        .outerjoin(Person, Person.id == ConfidentialityEvent.by_person_id)
        .where(ConfidentialityEvent.case_id == case_id)
        .order_by(ConfidentialityEvent.number)
    )
    return [
        Line(
            line.number,
            line.at,
            Act(line.act),
            By(line.by),
            display_name(name, public_id) if public_id else "",
            line.words,
        )
        for line, name, public_id in rows
    ]


def is_whole(session: Session, case_id: int) -> bool:
    """Says whether every line still says what was written, and none between is missing."""
    before, count = "", 0
    rows = session.execute(
        select(ConfidentialityEvent)
        .where(ConfidentialityEvent.case_id == case_id)
        .order_by(ConfidentialityEvent.number)
    ).scalars()
    for line in rows:
        count += 1
        if line.number != count or line.digest != _digest(before, line):
            return False
        before = line.digest
    return count > 0


def newest_of(session: Session, case_ids: Collection[int], acts: Collection[Act]) -> dict[int, Act]:
    """Returns for each case the newest line that is one of these, in one statement."""
    if not case_ids:
        return {}
    rows = session.execute(
        select(ConfidentialityEvent.case_id, ConfidentialityEvent.act)
        .where(
            ConfidentialityEvent.case_id.in_(case_ids),
            ConfidentialityEvent.act.in_([act.value for act in acts]),
        )
        .order_by(ConfidentialityEvent.number)
    )
    return {row.case_id: Act(row.act) for row in rows}


def _digest(before: str, line: ConfidentialityEvent) -> str:
    said = [line.case_id, line.number, line.at.isoformat(), line.act, line.by, line.words]
    return line_digest(before, said)

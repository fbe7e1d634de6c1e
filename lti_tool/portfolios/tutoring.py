"""What tutors and observers see of portfolios: counts, states and dates, never a word of the text."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.models import Account, Portfolio, PortfolioChoice
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import LIVE, State

_PORTFOLIOS = table_of(Portfolio)
_CHOICES = table_of(PortfolioChoice)
_ACCOUNTS = table_of(Account)
_EVIDENCE = table_of(Evidence)
_LINKS = table_of(EvidenceLink)
_SUBMISSIONS = table_of(Submission)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A submission, without its content. `changed_at` is when its state last changed."""

    number: int
    instrument: str
    level: int
    state: State
    submitted_at: datetime
    changed_at: datetime
    reopened: int

    @property
    def is_waiting(self) -> bool:
        """Whether assessors have it, or will."""
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How far one task is: whether it is begun and ready, its words, its pieces of evidence."""

    is_begun: bool = False
    is_ready: bool = False
    words: int = 0
    evidence: int = 0


def evidence_of_people(
    session: Session, placement_id: int, person_ids: Collection[int]
) -> Mapping[int, int]:
    """Returns how many pieces of evidence serve each person's portfolio, in one statement.

    One piece counts once, however many tasks it serves.
    """
    if not person_ids:
        return {}
    rows = session.execute(
        select(_CHOICES.c.person_id, func.count(_EVIDENCE.c.id.distinct()).label("pieces"))
        .join(_LINKS, _LINKS.c.portfolio_id == _CHOICES.c.portfolio_id)
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .where(
            _CHOICES.c.placement_id == placement_id,
            _CHOICES.c.person_id.in_(person_ids),
            _EVIDENCE.c.removed_at.is_(None),
        )
        .group_by(_CHOICES.c.person_id)
    )
    return {row.person_id: int(row.pieces) for row in rows}


def submissions_of_people(
    session: Session, placement_id: int, person_ids: Collection[int]
) -> Mapping[int, list[HandedIn]]:
    """Returns what these people handed in at a placement, the newest first, in one statement."""
    found: dict[int, list[HandedIn]] = defaultdict(list)
    if person_ids:
        rows = session.execute(
            select(_SUBMISSIONS)
            .where(
                _SUBMISSIONS.c.placement_id == placement_id,
                _SUBMISSIONS.c.person_id.in_(person_ids),
            )
            .order_by(_SUBMISSIONS.c.submitted_at.desc(), _SUBMISSIONS.c.id.desc())
        )
        for row in rows:
            found[row.person_id].append(
                HandedIn(
                    row.number,
                    row.instrument,
                    row.level,
                    State(row.state),
                    row.submitted_at,
                    row.changed_at,
                    len(row.reopened),
                )
            )
    return found


def tasks_of_person(
    session: Session, placement_id: int, person_id: int
) -> tuple[str, Mapping[str, TaskCounts]]:
    """Returns the instrument that a person works on in a placement, and counts by task.

    The instrument is empty before a choice. Two statements.
    """
    mine = and_(_CHOICES.c.placement_id == placement_id, _CHOICES.c.person_id == person_id)
    rows = session.execute(
        select(_PORTFOLIOS.c.instrument, _ACCOUNTS.c.code, _ACCOUNTS.c.words, *_MARKS)
        .join(_CHOICES, _CHOICES.c.portfolio_id == _PORTFOLIOS.c.id)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.portfolio_id == _PORTFOLIOS.c.id)
        .where(mine)
    ).all()
    pieces = session.execute(
        select(_LINKS.c.code, func.count().label("pieces"))
        .join(_CHOICES, _CHOICES.c.portfolio_id == _LINKS.c.portfolio_id)
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .where(mine, _EVIDENCE.c.removed_at.is_(None))
        .group_by(_LINKS.c.code)
    )
    evidence = {row.code: int(row.pieces) for row in pieces}
    written = {row.code: row for row in rows if row.code}
    counts = {
        code: TaskCounts(
            bool(written[code].begun) if code in written else False,
            bool(written[code].ready) if code in written else False,
            written[code].words if code in written else 0,
            evidence.get(code, 0),
        )
        for code in written.keys() | evidence.keys()
    }
    return (rows[0].instrument if rows else ""), counts


_HAS_TEXT = _ACCOUNTS.c.text != ""
_MARKS = (
    case((_HAS_TEXT, 1), else_=0).label("begun"),
    case(
        (and_(_HAS_TEXT, _ACCOUNTS.c.declaration != "", _ACCOUNTS.c.places == 0), 1), else_=0
    ).label("ready"),
)

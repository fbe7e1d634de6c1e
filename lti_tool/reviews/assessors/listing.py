"""The office's list: every submission with how it stands, its readers, age and target."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import LIVE, State
from lti_tool.reviews.assessors.waiting import lacks_somebody
from lti_tool.reviews.models import Assessor, Review
from lti_tool.reviews.rules import OPEN, STANDING, Part, ReviewState

_SUBMISSIONS = table_of(Submission)
_REVIEWS = table_of(Review)
_ASSESSORS = table_of(Assessor)
_PEOPLE = table_of(Person)
A_PAGE = 50
MOST_PAGES = 1000


class Wish(StrEnum):
    """What the office looks for in the list."""

    ALL = ""
    WAITING = "waiting"
    NOBODY = "nobody"
    IN_REVIEW = "in-review"
    OVERDUE = "overdue"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which submissions, and which page of them."""

    level: int | None = None
    wish: Wish = Wish.ALL
    page: int = 1


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """One standing reading of a submission, for the list."""

    public_id: str
    name: str
    assessor: str
    part: Part
    state: ReviewState
    due_on: date


@dataclass(frozen=True, slots=True)
class SubmissionLine:
    """A submission in the list. `lacks` says whether it is waiting for somebody to read it."""

    id: int
    public_id: str
    name: str
    instrument: str
    level: int
    number: int
    state: State
    submitted_at: datetime
    lacks: bool
    readers: tuple[ReaderLine, ...] = ()

    @property
    def due_on(self) -> date | None:
        """The earliest target of what is being read."""
        days = [one.due_on for one in self.readers if one.state in OPEN]
        return min(days) if days else None


def submissions_listed(
    session: Session, actor: Actor, wanted: Wanted
) -> tuple[list[SubmissionLine], bool]:
    """Returns a page of the organisation's submissions, and whether there are more.

    The longest waiting first; decided ones newest first. Two statements, however many there are.
    """
    newest = wanted.wish in {Wish.ALL, Wish.DECIDED, Wish.WITHDRAWN}
    order = _SUBMISSIONS.c.submitted_at.desc() if newest else _SUBMISSIONS.c.submitted_at
    rows = session.execute(
        select(
            _SUBMISSIONS.c.id,
            _SUBMISSIONS.c.public_id,
            _SUBMISSIONS.c.instrument,
            _SUBMISSIONS.c.level,
            _SUBMISSIONS.c.number,
            _SUBMISSIONS.c.state,
            _SUBMISSIONS.c.submitted_at,
            _PEOPLE.c.name,
            _PEOPLE.c.public_id.label("person"),
            and_(_is_live(), lacks_somebody()).label("lacks"),
        )
        .join(_PEOPLE, _PEOPLE.c.id == _SUBMISSIONS.c.person_id)
        .where(
            _SUBMISSIONS.c.organisation_id == actor.organisation_id,
            *([_SUBMISSIONS.c.level == wanted.level] if wanted.level else []),
            *_conditions(wanted.wish),
        )
        .order_by(order, _SUBMISSIONS.c.id)
        .limit(A_PAGE + 1)
        .offset((wanted.page - 1) * A_PAGE)
    ).all()
    found = [_line(row) for row in rows[:A_PAGE]]
    readers = readers_of(session, [one.id for one in found])
    return [replace(one, readers=readers.get(one.id, ())) for one in found], len(rows) > A_PAGE


def readers_of(session: Session, submissions: list[int]) -> dict[int, tuple[ReaderLine, ...]]:
    """Returns the standing readings of submissions with their assessors' names."""
    rows = session.execute(
        select(
            _REVIEWS.c.submission_id,
            _REVIEWS.c.public_id,
            _REVIEWS.c.part,
            _REVIEWS.c.state,
            _REVIEWS.c.due_on,
            _ASSESSORS.c.public_id.label("assessor"),
            _PEOPLE.c.name,
            _PEOPLE.c.public_id.label("person"),
        )
        .join(_ASSESSORS, _ASSESSORS.c.id == _REVIEWS.c.assessor_id)
        .join(_PEOPLE, _PEOPLE.c.id == _ASSESSORS.c.person_id)
        .where(
            _REVIEWS.c.submission_id.in_(submissions),
            _REVIEWS.c.state.in_([state.value for state in STANDING]),
        )
        .order_by(_REVIEWS.c.id)
    )
    found: dict[int, tuple[ReaderLine, ...]] = {}
    for row in rows:
        line = ReaderLine(
            row.public_id,
            display_name(row.name, row.person),
            row.assessor,
            Part(row.part),
            ReviewState(row.state),
            row.due_on,
        )
        found[row.submission_id] = (*found.get(row.submission_id, ()), line)
    return found


def counts_of(session: Session, actor: Actor) -> dict[str, int]:
    """Returns what the office acts on: how many wait for somebody, and how many are overdue."""
    row = session.execute(
        select(
            _count(actor, and_(_is_live(), lacks_somebody())).label("nobody"),
            _count(actor, _is_overdue()).label("overdue"),
            _count(actor, _is_live()).label("live"),
            _count(actor).label("all"),
        )
    ).one()
    return dict(row._mapping)  # noqa: SLF001 - a row's public mapping


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    decided = [State.RETURNED, State.RECOGNISED, State.NOT_RECOGNISED]
    return {
        Wish.ALL: [],
        Wish.WAITING: [_in([State.SUBMITTED])],
        Wish.NOBODY: [_is_live(), lacks_somebody()],
        Wish.IN_REVIEW: [_in([State.IN_REVIEW])],
        Wish.OVERDUE: [_is_overdue()],
        Wish.DECIDED: [_in(decided)],
        Wish.WITHDRAWN: [_in([State.WITHDRAWN])],
    }[wish]


def _in(states: list[State]) -> ColumnElement[bool]:
    return _SUBMISSIONS.c.state.in_([state.value for state in states])


def _is_live() -> ColumnElement[bool]:
    return _in(sorted(LIVE))


def _is_overdue() -> ColumnElement[bool]:
    """A reading of it is open past its day."""
    return and_(
        _is_live(),
        exists()
        .where(
            _REVIEWS.c.submission_id == _SUBMISSIONS.c.id,
            _REVIEWS.c.state.in_([state.value for state in OPEN]),
            _REVIEWS.c.due_on < clock.now().date(),
        )
        .correlate(_SUBMISSIONS),
    )


def _count(actor: Actor, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(_SUBMISSIONS)
        .where(_SUBMISSIONS.c.organisation_id == actor.organisation_id, *conditions)
        .scalar_subquery()
    )


def _line(row: Row[Any]) -> SubmissionLine:
    return SubmissionLine(
        id=row.id,
        public_id=row.public_id,
        name=display_name(row.name, row.person),
        instrument=row.instrument,
        level=row.level,
        number=row.number,
        state=State(row.state),
        submitted_at=row.submitted_at,
        lacks=bool(row.lacks),
    )

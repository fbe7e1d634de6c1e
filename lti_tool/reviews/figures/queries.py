"""Reading of what the figures rest on, in a constant number of statements."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import Submission, SubmissionTask
from lti_tool.portfolios.submitting.rules import LIVE
from lti_tool.reviews.figures.rules import (
    Agreement,
    Figures,
    FirstTime,
    Load,
    Overdue,
    Period,
    agreement,
    spread,
)
from lti_tool.reviews.models import Assessor, Outcome, Review
from lti_tool.reviews.rules import OPEN, STANDING, Overall, Part, ReviewState

_SUBMISSIONS = table_of(Submission)
_TASKS = table_of(SubmissionTask)
_OUTCOMES = table_of(Outcome)
_REVIEWS = table_of(Review)
_ASSESSORS = table_of(Assessor)
_PEOPLE = table_of(Person)
_OPEN = [state.value for state in OPEN]
_LEVELS = (1, 2, 3)


def figures_of(
    session: Session, organisation_id: int, period: Period, today: date, zone: ZoneInfo
) -> Figures:
    """Returns the figures of an organisation: of outcomes and readings of a period, and now.

    A period counts by the day of the release, and for readers by the day on which both were
    done; what is open or overdue is so today.
    """
    first = _first_outcomes(session, organisation_id)
    released = [row for row in first if period.holds(row.released_at.astimezone(zone).date())]
    pairs = _pairs(session, organisation_id, period, zone)
    return Figures(
        times=spread(row.released_at - row.submitted_at for row in released),
        by_competency=_by_competency(session, pairs),
        overall=agreement((one.first_verdict, two.first_verdict) for one, two in pairs),
        pairs=len(pairs),
        first_times=[
            _first_time(level, [row for row in released if row.is_first]) for level in _LEVELS
        ],
        loads=_loads(session, organisation_id, period, today, zone),
        overdue=_overdue(session, organisation_id, today),
        unallocated=_unallocated(session, organisation_id),
    )


class _Released(NamedTuple):
    """The first outcome of a submission; `is_first` where the portfolio had none before."""

    released_at: datetime
    submitted_at: datetime
    level: int
    outcome: str
    is_first: bool


def _first_outcomes(session: Session, organisation_id: int) -> list[_Released]:
    rows = session.execute(
        select(
            _OUTCOMES.c.released_at,
            _OUTCOMES.c.outcome,
            _SUBMISSIONS.c.submitted_at,
            _SUBMISSIONS.c.level,
            _SUBMISSIONS.c.portfolio_id,
        )
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _OUTCOMES.c.submission_id)
        .where(_OUTCOMES.c.organisation_id == organisation_id, _OUTCOMES.c.number == 1)
        .order_by(_SUBMISSIONS.c.portfolio_id, _SUBMISSIONS.c.number)
    )
    found, before = [], 0
    for row in rows:
        is_first = row.portfolio_id != before
        found.append(_Released(row.released_at, row.submitted_at, row.level, row.outcome, is_first))
        before = row.portfolio_id
    return found


def _first_time(level: int, released: Sequence[_Released]) -> FirstTime:
    came_to = [row.outcome for row in released if row.level == level]
    return FirstTime(
        level,
        came_to.count(Overall.RECOGNISED),
        came_to.count(Overall.MORE_EVIDENCE),
        came_to.count(Overall.NOT_RECOGNISED),
    )


def _pairs(
    session: Session, organisation_id: int, period: Period, zone: ZoneInfo
) -> list[tuple[Any, Any]]:
    """Both readers of each submission that two have decided apart, in the order of allocation."""
    rows = session.execute(
        select(
            _REVIEWS.c.submission_id,
            _REVIEWS.c.first_verdict,
            _REVIEWS.c.first_findings,
            _REVIEWS.c.done_at,
        )
        .where(
            _REVIEWS.c.organisation_id == organisation_id,
            _REVIEWS.c.part == Part.READER.value,
            _REVIEWS.c.state.in_([state.value for state in STANDING]),
            _REVIEWS.c.first_verdict != "",
        )
        .order_by(_REVIEWS.c.submission_id, _REVIEWS.c.id)
    )
    by_submission: dict[int, list[Any]] = {}
    for row in rows:
        by_submission.setdefault(row.submission_id, []).append(row)
    return [
        (found[0], found[1])
        for found in by_submission.values()
        if len(found) > 1 and _is_in(found[:2], period, zone)
    ]


def _is_in(found: list[Any], period: Period, zone: ZoneInfo) -> bool:
    done = [one.done_at for one in found if one.done_at is not None]
    if not done:  # both are thinking again
        return period == Period()
    return period.holds(max(done).astimezone(zone).date())


def _by_competency(session: Session, pairs: list[tuple[Any, Any]]) -> Agreement:
    """Over every competency that both judged; what was accepted before was not judged anew."""
    accepted = _accepted(session, [one.submission_id for one, _two in pairs])
    return agreement(
        (verdict, two.first_findings.get(code, ""))
        for one, two in pairs
        for code, verdict in one.first_findings.items()
        if (one.submission_id, code) not in accepted
    )


def _accepted(session: Session, submissions: Collection[int]) -> set[tuple[int, str]]:
    if not submissions:
        return set()
    rows = session.execute(
        select(_TASKS.c.submission_id, _TASKS.c.code).where(
            _TASKS.c.submission_id.in_(submissions), _TASKS.c.accepted_in.is_not(None)
        )
    )
    return {(row.submission_id, row.code) for row in rows}


def _loads(
    session: Session, organisation_id: int, period: Period, today: date, zone: ZoneInfo
) -> list[Load]:
    rows = session.execute(
        select(_ASSESSORS, _PEOPLE.c.name, _PEOPLE.c.public_id.label("person"))
        .join(_PEOPLE, _PEOPLE.c.id == _ASSESSORS.c.person_id)
        .where(_ASSESSORS.c.organisation_id == organisation_id)
        .order_by(_ASSESSORS.c.id)
    ).all()
    readings: dict[int, list[Any]] = {}
    for reading in session.execute(
        select(
            _REVIEWS.c.assessor_id, _REVIEWS.c.state, _REVIEWS.c.due_on, _REVIEWS.c.done_at
        ).where(
            _REVIEWS.c.organisation_id == organisation_id,
            _REVIEWS.c.state.in_([*_OPEN, ReviewState.DONE.value]),
        )
    ):
        readings.setdefault(reading.assessor_id, []).append(reading)
    found = []
    for row in rows:
        own = readings.get(row.id, [])
        still_open = [one for one in own if one.state in _OPEN]
        done = [one for one in own if one.state == ReviewState.DONE]
        load = Load(
            name=display_name(row.name, row.person),
            active=row.active,
            capacity=row.capacity,
            open=len(still_open),
            overdue=sum(one.due_on < today for one in still_open),
            done=sum(period.holds(one.done_at.astimezone(zone).date()) for one in done),
        )
        if row.active or load.open or load.done:
            found.append(load)
    return sorted(found, key=lambda one: (-one.open, one.name))


def _overdue(session: Session, organisation_id: int, today: date) -> list[Overdue]:
    rows = session.execute(
        select(
            _SUBMISSIONS.c.public_id,
            _SUBMISSIONS.c.level,
            _REVIEWS.c.due_on,
            _REVIEWS.c.allocated_at,
            _PEOPLE.c.name,
            _PEOPLE.c.public_id.label("person"),
        )
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _REVIEWS.c.submission_id)
        .join(_ASSESSORS, _ASSESSORS.c.id == _REVIEWS.c.assessor_id)
        .join(_PEOPLE, _PEOPLE.c.id == _ASSESSORS.c.person_id)
        .where(
            _REVIEWS.c.organisation_id == organisation_id,
            _REVIEWS.c.state.in_(_OPEN),
            _REVIEWS.c.due_on < today,
        )
        .order_by(_REVIEWS.c.due_on, _REVIEWS.c.id)
        .limit(200)
    )
    return [
        Overdue(
            submission=row.public_id,
            assessor=display_name(row.name, row.person),
            level=row.level,
            due_on=row.due_on,
            allocated_at=row.allocated_at,
        )
        for row in rows
    ]


def _unallocated(session: Session, organisation_id: int) -> int:
    """How many wait without anybody who reads them."""
    is_read = exists().where(
        and_(
            _REVIEWS.c.submission_id == _SUBMISSIONS.c.id,
            _REVIEWS.c.state.in_([state.value for state in STANDING]),
        )
    )
    return session.execute(
        select(func.count()).where(
            _SUBMISSIONS.c.organisation_id == organisation_id,
            _SUBMISSIONS.c.state.in_([state.value for state in LIVE]),
            ~is_read.correlate(_SUBMISSIONS),
        )
    ).scalar_one()

"""Reading of goals and training records. A person belongs to one organisation, and so do these."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.storage.queries import FileView, files_by_id
from lti_tool.training.plans.models import Goal, GoalChange, TrainingRecord
from lti_tool.training.plans.rules import (
    Act,
    Certificate,
    GoalChangeView,
    GoalState,
    GoalView,
    RecordState,
    RecordView,
    Sight,
    differences,
    hours_by_year,
)

__all__ = [
    "goal_of",
    "goals_of",
    "goals_seen",
    "history_of_goal",
    "hours_by_year",
    "overdue_goals_of_people",
    "record_of",
    "records_of",
]

_GOALS = table_of(Goal)
_CHANGES = table_of(GoalChange)
_RECORDS = table_of(TrainingRecord)
_KEPT_RECORDS = select(_RECORDS, _GOALS.c.public_id.label("goal")).outerjoin(
    _GOALS, _GOALS.c.id == _RECORDS.c.goal_id
)


def goals_of(session: Session, person_id: int, instrument: str | None = None) -> list[GoalView]:
    """Returns a person's goals by date; with an instrument, those tied to its competencies."""
    wanted = select(_GOALS).where(_GOALS.c.person_id == person_id)
    if instrument is not None:
        wanted = wanted.where(_GOALS.c.instrument == instrument)
    return _goals(session, wanted)


def goals_seen(session: Session, person_id: int, sight: Sight) -> list[GoalView]:
    """Returns those of a learner's goals that the tutors of a course see, by date."""
    return _goals(session, select(_GOALS).where(_GOALS.c.person_id == person_id, _seen(sight)))


def goal_of(session: Session, person_id: int, public_id: str) -> GoalView:
    """Returns one of a person's goals; raises `NotFound` for any other."""
    row = session.execute(
        select(_GOALS).where(
            _GOALS.c.public_id == as_kept(public_id), _GOALS.c.person_id == person_id
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such goal of yours."), code="goal-unknown")
    return _goal(row)


def overdue_goals_of_people(
    session: Session, person_ids: Collection[int], today: date, sight: Sight | None = None
) -> Mapping[int, int]:
    """Returns the number of overdue goals by person, for those who have any; one statement.

    With a sight, only what the tutors of that course see is counted.
    """
    conditions = [
        _GOALS.c.person_id.in_(person_ids),
        _GOALS.c.state == GoalState.OPEN,
        _GOALS.c.by_when < today,
    ]
    if sight is not None:
        conditions.append(_seen(sight))
    rows = session.execute(
        select(_GOALS.c.person_id, func.count().label("goals"))
        .where(*conditions)
        .group_by(_GOALS.c.person_id)
    )
    return {row.person_id: row.goals for row in rows}


def history_of_goal(session: Session, goal_id: int) -> list[GoalChangeView]:
    """Returns every change of a goal that was read before, newest first."""
    rows = session.execute(
        select(_CHANGES).where(_CHANGES.c.goal_id == goal_id).order_by(_CHANGES.c.version)
    ).all()
    found: list[GoalChangeView] = []
    before: Mapping[str, Any] | None = None
    for row in rows:
        changed = differences(before, row.after)
        found.append(GoalChangeView(row.version, Act(row.act), row.changed_at, changed))
        before = row.after
    return found[::-1]


def records_of(
    session: Session, person_id: int, state: RecordState = RecordState.KEPT
) -> list[RecordView]:
    """Returns a person's training record, newest first; the removed entries when asked for."""
    rows = session.execute(
        _KEPT_RECORDS.where(_RECORDS.c.person_id == person_id, _RECORDS.c.state == state).order_by(
            _RECORDS.c.ended_on.desc(), _RECORDS.c.id.desc()
        )
    ).all()
    return _records(session, person_id, rows)


def record_of(session: Session, person_id: int, public_id: str) -> RecordView:
    """Returns one entry of a person's training record, removed or not; raises `NotFound`."""
    rows = session.execute(
        _KEPT_RECORDS.where(
            _RECORDS.c.public_id == as_kept(public_id), _RECORDS.c.person_id == person_id
        )
    ).all()
    if not rows:
        raise NotFound(N_("There is no such entry in your training record."), code="record-unknown")
    return _records(session, person_id, rows)[0]


def _seen(sight: Sight) -> ColumnElement[bool]:
    """The same in SQL as `Sight.sees`."""
    return or_(
        and_(_GOALS.c.instrument == sight.instrument, _GOALS.c.code.in_(sight.codes)),
        and_(_GOALS.c.instrument == "", _GOALS.c.course_id == sight.course_id),
    )


def _goals(session: Session, wanted: Select[Any]) -> list[GoalView]:
    rows = session.execute(wanted.order_by(_GOALS.c.by_when, _GOALS.c.id))
    return [_goal(row) for row in rows]


def _goal(row: Row[Any]) -> GoalView:
    facts = dict(row._mapping)  # noqa: SLF001 - a row's public mapping
    facts.pop("organisation_id")
    return GoalView(**(facts | {"state": GoalState(facts["state"])}))


def _records(session: Session, person_id: int, rows: Sequence[Row[Any]]) -> list[RecordView]:
    files = files_by_id(session, person_id, [row.file_id for row in rows if row.file_id])
    return [_record(row, files.get(row.file_id)) for row in rows]


def _record(row: Row[Any], file: FileView | None) -> RecordView:
    certificate = (
        Certificate(file.id, file.public_id, file.name, file.media_type, file.size)
        if file
        else None
    )
    return RecordView(
        id=row.id,
        public_id=row.public_id,
        title=row.title,
        provider=row.provider,
        begun_on=row.begun_on,
        ended_on=row.ended_on,
        quarter_hours=row.quarter_hours,
        reflection=row.reflection,
        ties=tuple((instrument, code) for instrument, code in row.ties),
        offer=row.offer,
        goal=row.goal or "",
        certificate=certificate,
        state=RecordState(row.state),
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        removed_at=row.removed_at,
    )

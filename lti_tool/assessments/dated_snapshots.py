"""Snapshots at the date that a placement sets: from the history, however late they are taken."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, exists, select
from sqlalchemy.orm import Session, aliased

from lti_tool.assessments.comparison import SnapshotKind
from lti_tool.assessments.models import RatingChange, Snapshot
from lti_tool.assessments.snapshots import freeze, insert_once, new_values
from lti_tool.competencies.queries import instruments_for, library
from lti_tool.courses.models import Course, Membership, Placement
from lti_tool.courses.queries import PlacementView
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor, Role

# How many people's snapshots one round of the worker takes, so that it holds no lock for long.
A_ROUND = 100
CATCH_UP = timedelta(days=60)
# A rating is stamped before its transaction commits: what was saved just before midnight
# must be there to be read.
GRACE = timedelta(minutes=2)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Returns the moment, in UTC, when a day ends where the installation is."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)


def is_due(day: date | None, zone: ZoneInfo) -> bool:
    """Says whether the snapshots of a placement's day can be taken by now."""
    return day is not None and clock.now() >= end_of_day(day, zone) + GRACE


def take_dated_snapshots(session: Session, zone: ZoneInfo, *, limit: int = A_ROUND) -> int:
    """Takes what placements' dates ask for and is not there yet; returns how many snapshots.

    For every learner of the course who had answered something when the day ended, from the
    history: what was changed since does not count, so it does not matter how late this runs,
    or how often. At most `limit` people a round, and `CATCH_UP` back; a learner who comes
    back after a longer time gets theirs on that visit.
    """
    today = clock.now().astimezone(zone).date()
    days = session.execute(
        select(Placement.snapshot_on)
        .where(Placement.snapshot_on.between(today - CATCH_UP, today))
        .distinct()
        .order_by(Placement.snapshot_on)
    ).scalars()
    taken = 0
    for day in list(days):
        if day is not None and taken < limit and is_due(day, zone):
            end = end_of_day(day, zone)
            wanted = _missing(day, end).order_by(Placement.id).limit(limit - taken)
            taken += sum(_take_dated(session, row, end) for row in session.execute(wanted).all())
    return taken


def is_own_dated_missing(
    session: Session, actor: Actor, place: PlacementView, zone: ZoneInfo
) -> bool:
    """Says whether a learner's snapshot for the placement's date is due and not there yet."""
    return _own_missing(session, actor, place, zone) is not None


def take_own_dated(session: Session, actor: Actor, place: PlacementView, zone: ZoneInfo) -> bool:
    """Takes one learner's snapshot for the placement's date, if it is due and missing.

    So nobody who comes back after the date waits for the worker. Says whether it took one.
    """
    row = _own_missing(session, actor, place, zone)
    return row is not None and _take_dated(session, row, end_of_day(row.snapshot_on, zone))


def _missing(day: date, end: datetime) -> Select[*tuple[Any, ...]]:
    """The learners of placements with this day who had answered something and have no snapshot."""
    taken = exists().where(
        Snapshot.person_id == Membership.person_id,
        Snapshot.placement_id == Placement.id,
        Snapshot.due_on == day,
    )
    answered = exists().where(
        RatingChange.person_id == Membership.person_id,
        RatingChange.instrument == Placement.instrument,
        RatingChange.changed_at < end,
    )
    return (
        select(
            Membership.person_id,
            Placement.id.label("placement_id"),
            Placement.course_id,
            Placement.snapshot_on,
            Placement.instrument,
            Course.organisation_id,
        )
        .join(Course, Course.id == Placement.course_id)
        .join(Membership, Membership.course_id == Placement.course_id)
        .where(
            Placement.snapshot_on == day,
            Placement.instrument.in_(list(library())),
            Membership.active,
            Membership.last_seen_at.is_not(None),
            Membership.roles.contains(Role.LEARNER.value),
            Membership.first_seen_at < end,
            answered,
            ~taken,
        )
    )


def _own_missing(
    session: Session, actor: Actor, place: PlacementView, zone: ZoneInfo
) -> Row[Any] | None:
    day = place.milestones.snapshot_on
    if day is None or not actor.is_learner or not is_due(day, zone):
        return None
    wanted = _missing(day, end_of_day(day, zone)).where(
        Placement.id == place.id, Membership.person_id == actor.person_id
    )
    return session.execute(wanted).first()


def _take_dated(session: Session, row: Row[Any], end: datetime) -> bool:
    asked = instruments_for(session, row.organisation_id)[row.instrument]
    values = new_values(row.person_id, asked.id, asked.version, SnapshotKind.DATED) | {
        "occasion": f"date:{row.snapshot_on.isoformat()}:{row.placement_id}",
        "course_id": row.course_id,
        "placement_id": row.placement_id,
        "due_on": row.snapshot_on,
        "taken_at": end,
    }
    snapshot_id = insert_once(session, values)
    if snapshot_id is None:
        return False
    freeze(session, _as_it_was(snapshot_id, end))
    return True


def _as_it_was(snapshot_id: int, end: datetime) -> Select[*tuple[Any, ...]]:
    """The answers that stood at a moment: of each competency, the newest change before it."""
    later = aliased(RatingChange)
    superseded = exists().where(
        later.rating_id == RatingChange.rating_id,
        later.version > RatingChange.version,
        later.changed_at < end,
    )
    return (
        select(
            Snapshot.id,
            RatingChange.code,
            RatingChange.to_state,
            RatingChange.to_note,
            RatingChange.version,
            RatingChange.instrument_version,
            RatingChange.changed_at,
        )
        .join(
            RatingChange,
            (RatingChange.person_id == Snapshot.person_id)
            & (RatingChange.instrument == Snapshot.instrument),
        )
        .where(Snapshot.id == snapshot_id, RatingChange.changed_at < end, ~superseded)
    )

"""The question "Looking back, at the start I was …": asked at the end, kept apart from the true baseline.

People judge their start differently once they know more (response shift). What they say
looking back stands beside the baseline, is compared on its own, and never changes it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.assessments.comparison import SnapshotHead, SnapshotKind
from lti_tool.assessments.models import LookingBack, Snapshot
from lti_tool.assessments.rules import Answer, Rated, State
from lti_tool.assessments.snapshot_queries import head_of
from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.text import N_

_WITHDRAWN = ""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What a person says today of how they were at the start, for one competency."""

    instrument: str
    code: str
    answer: Answer
    version: int
    answered_at: datetime
    baseline_id: int
    instrument_version: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks a learner to look back, with which instrument, and to which baseline."""

    place: PlacementView
    asked: Instrument
    baseline: SnapshotHead


def looking_back_of(session: Session, person_id: int, instrument: str) -> dict[str, LookedBack]:
    """Returns what stands now of a person's answers looking back, by code; withdrawn ones not."""
    return {
        one.code: one
        for one in all_looking_back_of(session, person_id)
        if one.instrument == instrument
    }


def all_looking_back_of(session: Session, person_id: int) -> list[LookedBack]:
    """Returns what stands now of a person's answers looking back, of every instrument."""
    rows = session.execute(
        select(LookingBack)
        .where(LookingBack.person_id == person_id)
        .order_by(LookingBack.instrument, LookingBack.code, LookingBack.version)
    ).scalars()
    newest = {(row.instrument, row.code): row for row in rows}
    return [
        LookedBack(
            row.instrument,
            row.code,
            Answer(State(row.state), row.note),
            row.version,
            row.answered_at,
            row.baseline_id,
            row.instrument_version,
        )
        for row in newest.values()
        if row.state != _WITHDRAWN
    ]


def looking_back_counts(
    session: Session, person_ids: Collection[int], instrument: str
) -> Mapping[int, int]:
    """Returns how many competencies each person has answered looking back: all a tutor sees."""
    newest = (
        select(
            LookingBack.person_id,
            LookingBack.code,
            func.max(LookingBack.version).label("version"),
        )
        .where(LookingBack.person_id.in_(person_ids), LookingBack.instrument == instrument)
        .group_by(LookingBack.person_id, LookingBack.code)
        .subquery()
    )
    rows = session.execute(
        select(LookingBack.person_id, func.count())
        .join(
            newest,
            (newest.c.person_id == LookingBack.person_id)
            & (newest.c.code == LookingBack.code)
            & (newest.c.version == LookingBack.version),
        )
        .where(LookingBack.instrument == instrument, LookingBack.state != _WITHDRAWN)
        .group_by(LookingBack.person_id)
    )
    return {row[0]: row[1] for row in rows}


def start_of_looking_back(
    session: Session, person_id: int, instrument: str
) -> tuple[SnapshotHead | None, int]:
    """Returns a person's baseline and how many competencies they looked back on, if any.

    One statement, for a page that is opened often; withdrawn answers count as well.
    """
    said = (
        select(func.count(LookingBack.code.distinct()))
        .where(LookingBack.person_id == person_id, LookingBack.instrument == instrument)
        .scalar_subquery()
    )
    row = session.execute(
        select(Snapshot, said).where(
            Snapshot.person_id == person_id,
            Snapshot.instrument == instrument,
            Snapshot.occasion == SnapshotKind.BASELINE.value,
        )
    ).first()
    return (head_of(row[0]), row[1]) if row else (None, 0)


def is_asked(
    place: PlacementView,
    baseline: SnapshotHead | None,
    ratings: Mapping[str, Rated],
    zone: ZoneInfo,
) -> bool:
    """Says whether a learner is asked to look back now.

    The placement must ask, and there must be a true baseline to stand beside. With a date, it
    begins on that day; without one, when the learner came back on a later day than that of
    the baseline and changed an answer.
    """
    if not place.milestones.asks_looking_back or baseline is None:
        return False
    if place.milestones.snapshot_on:
        return clock.now().astimezone(zone).date() >= place.milestones.snapshot_on
    first_day = baseline.taken_at.astimezone(zone).date()
    changes = (rated.changed_at for rated in ratings.values() if rated.changed_at)
    return any(moment.astimezone(zone).date() > first_day for moment in changes)


def look_back(
    session: Session,
    actor: Actor,
    asking: Asking,
    code: str,
    answer: Answer | None,
    seen_version: int,
) -> bool:
    """Stores one answer, or, without one, withdraws it; says whether anything changed.

    `seen_version` is what the learner's page built on, 0 for none. Raises `Conflict` when
    another answer was given meanwhile; `NotFound` for a competency outside the placement;
    `NotAllowed` for anyone but a learner.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners look back on themselves."), code="role-not-allowed")
    scope = asking.asked.scope(asking.place.set_up.domains)
    if not any(code in domain.codes for domain in scope):
        raise NotFound(N_("This activity does not ask for that competency."), code="code-unknown")
    lock_person(session, actor.person_id)
    row = _newest(session, actor.person_id, asking.asked.id, code)
    state, note = (answer.state.value, answer.note) if answer else (_WITHDRAWN, "")
    if (state, note) == ((row.state, row.note) if row else (_WITHDRAWN, "")):
        return False
    standing = row.version if row and row.state != _WITHDRAWN else 0
    if standing != seen_version:
        raise Conflict(
            N_("This answer was changed in another tab or on another device."),
            code="changed-elsewhere",
            advice=N_("Save again to keep what you see here."),
        )
    version = (row.version if row else 0) + 1
    session.add(_row(actor, asking, code, version, state, note))
    session.flush()
    return True


def withdraw_all(session: Session, actor: Actor, asking: Asking) -> int:
    """Withdraws everything that a learner said looking back; returns how many answers it were.

    The rows stay as history of what was said; no page, paper or count shows them any more.
    """
    lock_person(session, actor.person_id)
    standing = looking_back_of(session, actor.person_id, asking.asked.id)
    session.add_all(
        _row(actor, asking, one.code, one.version + 1, _WITHDRAWN, "") for one in standing.values()
    )
    session.flush()
    return len(standing)


def _newest(session: Session, person_id: int, instrument: str, code: str) -> LookingBack | None:
    return session.execute(
        select(LookingBack)
        .where(
            LookingBack.person_id == person_id,
            LookingBack.instrument == instrument,
            LookingBack.code == code,
        )
        .order_by(LookingBack.version.desc())
        .limit(1)
    ).scalar_one_or_none()


def _row(
    actor: Actor, asking: Asking, code: str, version: int, state: str, note: str
) -> LookingBack:
    return LookingBack(
        person_id=actor.person_id,
        instrument=asking.asked.id,
        instrument_version=asking.asked.version,
        code=code,
        version=version,
        baseline_id=asking.baseline.id,
        placement_id=asking.place.id,
        state=state,
        note=note,
        answered_at=clock.now(),
    )

"""Taking answers, their history, snapshots and looking-back answers in from a record."""

from collections.abc import Collection, Iterable
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.assessments.models import LookingBack, Snapshot, SnapshotAnswer
from lti_tool.assessments.rules import Answer, State
from lti_tool.assessments.services_import import (
    BroughtAnswer,
    BroughtChange,
    keep_changes,
    take_answers,
)
from lti_tool.courses.queries import PlacementView
from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.comparing import Findings, origin_of
from lti_tool.exports.personal.parts.ledger import Ledger
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.secrets import new_public_id

_BASELINE, _BY_HAND = "baseline", "by-hand"


def take_ratings(
    session: Session,
    actor: Actor,
    place: PlacementView,
    record: shapes.Record,
    findings: Findings,
    chosen: Collection[str],
    *,
    delay: timedelta,
) -> int:
    """Takes the answers that are new, and of those newer there the ones of chosen instruments.

    Returns how many answers were taken.
    """
    taken = 0
    for group in findings.answers:
        newer = [pair.theirs for pair in group.newer_there] if group.instrument in chosen else []
        taken += take_answers(
            session,
            actor,
            place,
            group.instrument,
            [_answer(one) for one in (*group.new, *newer)],
            origin=record.origin.installation,
            delay=delay,
        )
    return taken


def take_history(
    session: Session, actor: Actor, record: shapes.Record, changes: Iterable[shapes.RatingChange]
) -> int:
    """Keeps every change as it was made elsewhere; returns how many were new."""
    return keep_changes(session, actor.person_id, [_change(record, one) for one in changes])


def take_snapshots(
    session: Session, actor: Actor, ledger: Ledger, record: shapes.Record, findings: Findings
) -> int:
    """Keeps the snapshots; the baseline becomes the baseline where there is none yet.

    Where there is one it stays: the other is kept as a snapshot with a name. Returns how many.
    """
    have = set(
        session.execute(
            select(Snapshot.instrument).where(
                Snapshot.person_id == actor.person_id, Snapshot.kind == _BASELINE
            )
        ).scalars()
    )
    for one in findings.snapshots:
        is_second = one.kind == _BASELINE and one.instrument in have
        if one.kind == _BASELINE:
            have.add(one.instrument)
        here = _store(session, actor, one, record if is_second else None)
        ledger.note("snapshot", one.id, here, {"kind": one.kind} if is_second else {})
    return len(findings.snapshots)


def take_looking_back(
    session: Session,
    actor: Actor,
    place: PlacementView,
    ledger: Ledger,
    answers: Collection[shapes.LookingBack],
) -> int:
    """Keeps the looking-back answers; their baseline came in with them. Returns how many."""
    rows = [
        {
            "person_id": actor.person_id,
            "instrument": one.instrument,
            "instrument_version": one.instrument_version,
            "code": one.code,
            "version": one.version,
            "baseline_id": ledger.row("snapshot", one.baseline),
            "placement_id": place.id,
            "state": one.state,
            "note": one.note,
            "answered_at": one.answered_at,
        }
        for one in answers
    ]
    if rows:
        session.execute(insert(LookingBack), rows)
    return len(rows)


def _store(
    session: Session, actor: Actor, one: shapes.Snapshot, second_baseline_of: shapes.Record | None
) -> tuple[int, str]:
    public_id = new_public_id()
    kind, label = one.kind, one.label
    if second_baseline_of is not None:
        kind, label = _BY_HAND, f"Baseline: {second_baseline_of.origin.organisation}"[:100]
    snapshot_id = session.execute(
        insert(Snapshot)
        .values(
            public_id=public_id,
            person_id=actor.person_id,
            instrument=one.instrument,
            instrument_version=one.instrument_version,
            course_id=actor.course_id,
            placement_id=None,
            kind=kind,
            occasion=_BASELINE if kind == _BASELINE else f"brought:{public_id}",
            label=label,
            due_on=one.due_on,
            taken_at=one.taken_at,
        )
        .returning(Snapshot.id)
    ).scalar_one()
    rows = [answer.model_dump() | {"snapshot_id": snapshot_id} for answer in one.answers]
    if rows:
        session.execute(insert(SnapshotAnswer), rows)
    return int(snapshot_id), public_id


def _answer(one: shapes.Rating) -> BroughtAnswer:
    answer = Answer(State(one.state), one.note)
    return BroughtAnswer(one.code, answer, one.instrument_version, one.changed_at)


def _change(record: shapes.Record, one: shapes.RatingChange) -> BroughtChange:
    installation, person = origin_of(record, one)
    return BroughtChange(
        origin=installation,
        origin_person=person,
        instrument=one.instrument,
        instrument_version=one.instrument_version,
        code=one.code,
        version=one.version,
        changed_at=one.changed_at,
        by_oneself=one.by_oneself,
        before=Answer(State(one.from_state), one.from_note),
        after=Answer(State(one.to_state), one.to_note),
    )

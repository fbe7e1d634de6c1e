"""Answers, every change of them, snapshots and looking-back answers, read for a record."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.models import LookingBack, Rating, RatingChange, Snapshot, SnapshotAnswer
from lti_tool.assessments.models_import import ImportedChange
from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.parts.names import Names


def ratings_of(session: Session, person_id: int) -> list[shapes.Rating]:
    """Returns the present answers to every instrument."""
    rows = session.execute(
        select(Rating).where(Rating.person_id == person_id).order_by(Rating.instrument, Rating.code)
    ).scalars()
    return [
        shapes.Rating.model_construct(
            instrument=row.instrument,
            instrument_version=row.instrument_version,
            code=row.code,
            state=row.state,
            note=row.note,
            version=row.version,
            changed_at=row.changed_at,
        )
        for row in rows
    ]


def changes_of(session: Session, person_id: int) -> list[shapes.RatingChange]:
    """Returns every change of an answer: first those made here, then those brought from elsewhere."""
    here = session.execute(
        select(RatingChange).where(RatingChange.person_id == person_id).order_by(RatingChange.id)
    ).scalars()
    elsewhere = session.execute(
        select(ImportedChange)
        .where(ImportedChange.person_id == person_id)
        .order_by(ImportedChange.changed_at, ImportedChange.id)
    ).scalars()
    return [
        *(
            _change(row, by_oneself=row.actor_id == row.person_id, taken_from=row.origin)
            for row in here
        ),
        *(_change(row, by_oneself=row.by_oneself, source=_source(row)) for row in elsewhere),
    ]


def snapshots_of(session: Session, person_id: int, names: Names) -> list[shapes.Snapshot]:
    """Returns every snapshot with its answers, oldest first."""
    heads = session.execute(
        select(Snapshot)
        .where(Snapshot.person_id == person_id)
        .order_by(Snapshot.taken_at, Snapshot.id)
    ).scalars()
    answers = _answers(session, person_id)
    return [
        shapes.Snapshot.model_construct(
            id=names.of("snapshot", row.public_id),
            instrument=row.instrument,
            instrument_version=row.instrument_version,
            kind=row.kind,
            label=row.label,
            due_on=row.due_on,
            taken_at=row.taken_at,
            answers=answers[row.id],
        )
        for row in heads
    ]


def looking_back_of(session: Session, person_id: int, names: Names) -> list[shapes.LookingBack]:
    """Returns every answer to "looking back", oldest first, with the baseline that it looks to."""
    rows = session.execute(
        select(LookingBack, Snapshot.public_id)
        .join(Snapshot, Snapshot.id == LookingBack.baseline_id)
        .where(LookingBack.person_id == person_id)
        .order_by(LookingBack.id)
    )
    return [
        shapes.LookingBack.model_construct(
            instrument=row.instrument,
            instrument_version=row.instrument_version,
            code=row.code,
            version=row.version,
            baseline=names.of("snapshot", public_id),
            state=row.state,
            note=row.note,
            answered_at=row.answered_at,
        )
        for row, public_id in rows
    ]


def _answers(session: Session, person_id: int) -> dict[int, list[shapes.SnapshotAnswer]]:
    rows = session.execute(
        select(SnapshotAnswer)
        .join(Snapshot, Snapshot.id == SnapshotAnswer.snapshot_id)
        .where(Snapshot.person_id == person_id)
        .order_by(SnapshotAnswer.snapshot_id, SnapshotAnswer.code)
    ).scalars()
    found: dict[int, list[shapes.SnapshotAnswer]] = defaultdict(list)
    for row in rows:
        found[row.snapshot_id].append(
            shapes.SnapshotAnswer.model_construct(
                code=row.code,
                state=row.state,
                note=row.note,
                version=row.version,
                instrument_version=row.instrument_version,
                changed_at=row.changed_at,
            )
        )
    return found


def _change(
    row: RatingChange | ImportedChange,
    *,
    by_oneself: bool,
    source: shapes.Source | None = None,
    taken_from: str | None = None,
) -> shapes.RatingChange:
    return shapes.RatingChange.model_construct(
        instrument=row.instrument,
        instrument_version=row.instrument_version,
        code=row.code,
        version=row.version,
        changed_at=row.changed_at,
        by_oneself=by_oneself,
        from_state=row.from_state,
        to_state=row.to_state,
        from_note=row.from_note,
        to_note=row.to_note,
        source=source,
        taken_from=taken_from,
    )


def _source(row: ImportedChange) -> shapes.Source:
    return shapes.Source.model_construct(installation=row.origin, person=row.origin_person)

"""Goals with their history, training taken, and certificates, read for a record."""

from collections import defaultdict
from pathlib import PurePosixPath

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.parts.names import Names
from lti_tool.exports.personal.rules import file_name
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.storage.models import StoredFile
from lti_tool.training.plans.models import Goal, GoalChange, TrainingRecord


def goals_of(session: Session, person_id: int, names: Names) -> list[shapes.Goal]:
    """Returns every goal with every change of it, oldest first."""
    rows = session.execute(
        select(Goal).where(Goal.person_id == person_id).order_by(Goal.id)
    ).scalars()
    changes = _changes(session, person_id)
    return [
        shapes.Goal.model_construct(
            id=names.of("goal", row.public_id),
            instrument=row.instrument,
            instrument_version=row.instrument_version,
            code=row.code,
            what=row.what,
            by_when=row.by_when,
            offer=row.offer,
            training=row.training,
            evidence=row.evidence,
            state=row.state,
            outcome=row.outcome,
            done_at=row.done_at,
            version=row.version,
            created_at=row.created_at,
            changed_at=row.changed_at,
            changes=changes[row.id],
        )
        for row in rows
    ]


def training_of(session: Session, person_id: int, names: Names) -> list[shapes.TrainingRecord]:
    """Returns every entry of the training record, oldest first, removed ones too."""
    rows = session.execute(
        select(TrainingRecord, Goal.public_id, StoredFile.public_id)
        .outerjoin(Goal, Goal.id == TrainingRecord.goal_id)
        .outerjoin(StoredFile, StoredFile.id == TrainingRecord.file_id)
        .where(TrainingRecord.person_id == person_id)
        .order_by(TrainingRecord.id)
    )
    return [_taken(row, goal, file, names) for row, goal, file in rows]


def files_of(
    session: Session, person_id: int, names: Names
) -> tuple[list[shapes.File], dict[str, str]]:
    """Returns the files of a person, and by each one's path in the zip the digest of its blob.

    A removed file is among them as long as it can be had back. What serves as evidence alone is
    not: a recording may have 500 MB, and each piece can be had from its page.
    """
    is_evidence = exists().where(Evidence.file_id == StoredFile.id)
    is_certificate = exists().where(TrainingRecord.file_id == StoredFile.id)
    rows = session.execute(
        select(StoredFile)
        .where(StoredFile.person_id == person_id, ~is_evidence | is_certificate)
        .order_by(StoredFile.id)
    ).scalars()
    found, digests = [], {}
    for number, row in enumerate(rows, 1):
        path = file_name(number, PurePosixPath(row.name).suffix)
        digests[path] = row.digest
        found.append(
            shapes.File.model_construct(
                id=names.of("file", row.public_id),
                path=path,
                name=row.name,
                media_type=row.media_type,
                size=row.size,
                sha256=row.digest,
                created_at=row.created_at,
            )
        )
    return found, digests


def _changes(session: Session, person_id: int) -> dict[int, list[shapes.GoalChange]]:
    rows = session.execute(
        select(GoalChange)
        .join(Goal, Goal.id == GoalChange.goal_id)
        .where(Goal.person_id == person_id)
        .order_by(GoalChange.goal_id, GoalChange.version)
    ).scalars()
    found: dict[int, list[shapes.GoalChange]] = defaultdict(list)
    for row in rows:
        found[row.goal_id].append(
            shapes.GoalChange.model_construct(
                version=row.version,
                act=row.act,
                changed_at=row.changed_at,
                after=shapes.GoalFacts.model_construct(**row.after),
            )
        )
    return found


def _taken(
    row: TrainingRecord, goal: str | None, file: str | None, names: Names
) -> shapes.TrainingRecord:
    return shapes.TrainingRecord.model_construct(
        id=names.of("training", row.public_id),
        title=row.title,
        provider=row.provider,
        begun_on=row.begun_on,
        ended_on=row.ended_on,
        quarter_hours=row.quarter_hours,
        reflection=row.reflection,
        ties=[(instrument, code) for instrument, code in row.ties],
        offer=row.offer,
        goal=names.of("goal", goal) if goal else None,
        file=names.of("file", file) if file else None,
        state=row.state,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
        removed_at=row.removed_at,
    )

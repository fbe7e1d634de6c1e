"""Taking goals with their history, training and certificates in from a record."""

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.parts.ledger import Ledger
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.secrets import new_public_id
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.rules import check_file
from lti_tool.storage.services import keep_file
from lti_tool.training.plans.models import Goal, GoalChange, TrainingRecord

Codes = Mapping[str, Collection[str]]


def take_goals(
    session: Session, actor: Actor, ledger: Ledger, goals: Collection[shapes.Goal]
) -> int:
    """Keeps goals with every change of them, at the times at which they were made."""
    for goal in goals:
        public_id = new_public_id()
        facts = goal.model_dump(exclude={"id", "changes"})
        goal_id = session.execute(
            insert(Goal)
            .values(
                public_id=public_id,
                organisation_id=actor.organisation_id,
                person_id=actor.person_id,
                course_id=None,
                **facts,
            )
            .returning(Goal.id)
        ).scalar_one()
        rows = [
            {"goal_id": goal_id, "actor_id": actor.person_id} | change.model_dump()
            for change in goal.changes
        ]
        session.execute(insert(GoalChange), rows)
        ledger.note("goal", goal.id, (int(goal_id), public_id), {})
    return len(goals)


def take_training(
    session: Session,
    actor: Actor,
    ledger: Ledger,
    entries: Collection[shapes.TrainingRecord],
    known: Codes,
    file_rows: Mapping[str, int],
) -> int:
    """Keeps entries of the training record; ties to competencies unknown here stay aside.

    `file_rows` are the certificates that came in, by their names in the record.
    """
    for entry in entries:
        public_id = new_public_id()
        ties = [tie for tie in entry.ties if tie[1] in known.get(tie[0], ())]
        facts = entry.model_dump(exclude={"id", "goal", "file", "ties"})
        row_id = session.execute(
            insert(TrainingRecord)
            .values(
                public_id=public_id,
                organisation_id=actor.organisation_id,
                person_id=actor.person_id,
                goal_id=ledger.row("goal", entry.goal) if entry.goal else None,
                file_id=file_rows.get(entry.file) if entry.file else None,
                ties=[list(tie) for tie in ties],
                **facts,
            )
            .returning(TrainingRecord.id)
        ).scalar_one()
        left = {} if len(ties) == len(entry.ties) else {"ties": [list(t) for t in entry.ties]}
        ledger.note("training", entry.id, (int(row_id), public_id), left)
    return len(entries)


def take_files(
    session: Session,
    actor: Actor,
    blobs: Blobs,
    ledger: Ledger,
    record: shapes.Record,
    entries: Collection[shapes.TrainingRecord],
    read: Callable[[shapes.File], bytes],
    *,
    limit: int,
) -> dict[str, int]:
    """Keeps the certificates of entries, one in memory at a time; returns their rows by name.

    What each is, is read from its content once more.
    """
    wanted = {entry.file for entry in entries if entry.file}
    rows: dict[str, int] = {}
    for file in record.files:
        if file.id in wanted:
            kept = keep_file(session, actor, blobs, check_file(file.name, read(file), limit=limit))
            ledger.note("file", file.id, (kept.id, kept.public_id), {})
            rows[file.id] = kept.id
    return rows

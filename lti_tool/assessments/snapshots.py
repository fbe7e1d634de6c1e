"""Taking snapshots: the baseline by itself, others by hand; `dated_snapshots` has a third kind.

A snapshot freezes answers with their notes and the framework's edition that each answers. Its
answers are copied inside the database and never change; only a snapshot that its owner took
by hand can be named anew or removed.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.assessments.comparison import SnapshotHead, SnapshotKind
from lti_tool.assessments.models import Rating, Snapshot, SnapshotAnswer
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.snapshot_queries import head_of, snapshots_of
from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import InvalidInput, NotAllowed, NotFound, TooLarge
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_

LONGEST_LABEL = 100
MOST_BY_HAND = 200
_SNAPSHOTS = table_of(Snapshot)
_COLUMNS = ("snapshot_id", "code", "state", "note", "version", "instrument_version", "changed_at")


def take_baseline(session: Session, person_id: int, place: PlacementView, edition: str) -> bool:
    """Keeps a person's answers as their baseline, unless there is one; says whether it did.

    The caller has seen that everything that the placement asks for is answered. `edition` is
    the framework version in force.
    """
    instrument = place.set_up.instrument
    values = new_values(person_id, instrument, edition, SnapshotKind.BASELINE) | {
        "occasion": SnapshotKind.BASELINE.value,
        "course_id": place.course_id,
        "placement_id": place.id,
    }
    snapshot_id = insert_once(session, values)
    if snapshot_id is None:
        return False
    freeze(session, _present(snapshot_id))
    return True


def keep_by_hand(
    session: Session, actor: Actor, place: PlacementView, asked: Instrument, label: str
) -> SnapshotHead:
    """Keeps a learner's answers as they stand, under a name of theirs; returns the snapshot.

    Raises `InvalidInput` when nothing is answered yet or there are too many, `TooLarge` for a
    name that is too long, `NotAllowed` for anyone but a learner.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners keep snapshots."), code="role-not-allowed")
    text = parse_label(label)
    lock_person(session, actor.person_id)
    if not ratings_of(session, actor.person_id, asked.id):
        raise InvalidInput(
            N_("There is nothing to keep yet."),
            code="nothing-to-keep",
            advice=N_("Rate a competency first; then a snapshot can hold it."),
        )
    if len(snapshots_of(session, actor.person_id, asked.id)) >= MOST_BY_HAND:
        raise InvalidInput(
            N_("You have kept %(limit)s snapshots; more cannot be kept."),
            code="snapshots-too-many",
            advice=N_("Remove one that you no longer need."),
            params={"limit": MOST_BY_HAND},
        )
    values = new_values(actor.person_id, asked.id, asked.version, SnapshotKind.BY_HAND) | {
        "course_id": place.course_id,
        "placement_id": place.id,
        "label": text,
    }
    values["occasion"] = values["public_id"]
    row = Snapshot(**values)
    session.add(row)
    session.flush()
    freeze(session, _present(row.id))
    return head_of(row)


def rename(session: Session, actor: Actor, public_id: str, label: str) -> None:
    """Gives a snapshot that its owner took by hand another name; raises `NotFound` otherwise."""
    text = parse_label(label)
    changed = session.execute(
        update(Snapshot).where(*_own_by_hand(actor, public_id)).values(label=text)
    )
    _found(changed.rowcount)  # type: ignore[attr-defined]  # a cursor's result has it


def remove(session: Session, actor: Actor, public_id: str) -> None:
    """Removes a snapshot that its owner took by hand; raises `NotFound` for any other.

    The ratings and their history stay. A baseline cannot be removed, nor a course's dated one.
    """
    row_id = session.execute(
        select(Snapshot.id).where(*_own_by_hand(actor, public_id))
    ).scalar_one_or_none()
    _found(row_id or 0)
    session.execute(delete(SnapshotAnswer).where(SnapshotAnswer.snapshot_id == row_id))
    session.execute(delete(Snapshot).where(Snapshot.id == row_id))


def parse_label(label: object) -> str:
    """Returns a snapshot's name on one line; raises `TooLarge` with a count."""
    text = " ".join(str(label or "").replace("\0", "").split())
    if len(text) > LONGEST_LABEL:
        raise TooLarge(
            N_("This name has %(count)s characters; %(limit)s can be kept."),
            code="label-too-long",
            advice=N_("Shorten it and save again."),
            params={"count": f"{len(text):,}", "limit": LONGEST_LABEL},
        )
    return text.encode("utf-8", "replace").decode()


def new_values(person_id: int, instrument: str, edition: str, kind: SnapshotKind) -> dict[str, Any]:
    """Returns the columns of a new snapshot that every kind has."""
    return {
        "public_id": new_public_id(),
        "person_id": person_id,
        "instrument": instrument,
        "instrument_version": edition,
        "kind": kind.value,
        "label": "",
        "due_on": None,
        "taken_at": clock.now(),
    }


def insert_once(session: Session, values: dict[str, Any]) -> int | None:
    """Inserts a snapshot and returns its id, or None where another request was there first."""
    return session.execute(
        insert_into(session, _SNAPSHOTS)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["person_id", "instrument", "occasion"])
        .returning(_SNAPSHOTS.c.id)
    ).scalar_one_or_none()


def freeze(session: Session, answers: Select[*tuple[Any, ...]]) -> None:
    """Copies answers into a snapshot, inside the database."""
    session.execute(insert(SnapshotAnswer).from_select(_COLUMNS, answers))


def _present(snapshot_id: int) -> Select[*tuple[Any, ...]]:
    """The answers that stand now, for the person and instrument of a snapshot."""
    return (
        select(
            Snapshot.id,
            Rating.code,
            Rating.state,
            Rating.note,
            Rating.version,
            Rating.instrument_version,
            Rating.changed_at,
        )
        .join(
            Rating,
            (Rating.person_id == Snapshot.person_id) & (Rating.instrument == Snapshot.instrument),
        )
        .where(Snapshot.id == snapshot_id)
    )


def _own_by_hand(actor: Actor, public_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Snapshot.public_id == public_id,
        Snapshot.person_id == actor.person_id,
        Snapshot.kind == SnapshotKind.BY_HAND.value,
    )


def _found(rows: int) -> None:
    if not rows:
        raise NotFound(
            N_("There is no such snapshot of yours that can be changed."),
            code="snapshot-unknown",
            advice=N_("A baseline and the snapshots of a course stay as they are."),
        )

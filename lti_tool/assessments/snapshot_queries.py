"""Reading of snapshots and of what moved between them; always of one person."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.comparison import (
    NOW,
    Comparison,
    Point,
    SnapshotHead,
    SnapshotKind,
    compare,
)
from lti_tool.assessments.models import Snapshot, SnapshotAnswer
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import Answer, Rated, State
from lti_tool.competencies.models import Instrument
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_


def snapshots_of(session: Session, person_id: int, instrument: str) -> list[SnapshotHead]:
    """Returns a person's snapshots of an instrument without their answers, oldest first."""
    rows = session.execute(
        select(Snapshot)
        .where(Snapshot.person_id == person_id, Snapshot.instrument == instrument)
        .order_by(Snapshot.taken_at, Snapshot.id)
    ).scalars()
    return [head_of(row) for row in rows]


def all_snapshots_of(session: Session, person_id: int) -> list[SnapshotHead]:
    """Returns a person's snapshots of every instrument, oldest first, as a whole record holds."""
    rows = session.execute(
        select(Snapshot)
        .where(Snapshot.person_id == person_id)
        .order_by(Snapshot.taken_at, Snapshot.id)
    ).scalars()
    return [head_of(row) for row in rows]


def latest_two(
    session: Session, person_id: int, instrument: str
) -> tuple[SnapshotHead, SnapshotHead] | None:
    """Returns a person's two newest snapshots, the older first; None while there are fewer."""
    found = snapshots_of(session, person_id, instrument)
    return (found[-2], found[-1]) if len(found) > 1 else None


def baseline_of(session: Session, person_id: int, instrument: str) -> SnapshotHead | None:
    """Returns a person's true baseline, or None before they first answered everything asked."""
    return baseline_among(snapshots_of(session, person_id, instrument))


def baseline_among(heads: Collection[SnapshotHead]) -> SnapshotHead | None:
    """Returns the baseline among one person's snapshots of one instrument, if it is there."""
    return next((head for head in heads if head.kind is SnapshotKind.BASELINE), None)


def answers_of(
    session: Session, snapshot_ids: Collection[int]
) -> Mapping[int, Mapping[str, Rated]]:
    """Returns the frozen answers of snapshots by snapshot and code, in one statement."""
    rows = session.execute(
        select(SnapshotAnswer).where(SnapshotAnswer.snapshot_id.in_(snapshot_ids))
    ).scalars()
    found: dict[int, dict[str, Rated]] = defaultdict(dict)
    for row in rows:
        found[row.snapshot_id][row.code] = Rated(
            Answer(State(row.state), row.note), row.version, row.changed_at, row.instrument_version
        )
    return found


def comparison_of(
    session: Session,
    person_id: int,
    asked: Instrument,
    one: str,
    other: str = NOW,
    *,
    domains: tuple[int, ...] = (),
) -> Comparison:
    """Returns what moved between two points, each a snapshot's public id or "now".

    Raises `NotFound` for a snapshot that is not this person's, or of another instrument.
    """
    heads = snapshots_of(session, person_id, asked.id)
    return comparison_among(session, person_id, asked, heads, (one, other), domains)


def comparison_among(
    session: Session,
    person_id: int,
    asked: Instrument,
    heads: Collection[SnapshotHead],
    names: tuple[str, str],
    domains: tuple[int, ...] = (),
) -> Comparison:
    """Returns as `comparison_of`, where the person's snapshots have been read already."""
    by_name = {head.public_id: head for head in heads}
    chosen = [_head(by_name, name) for name in names]
    frozen = answers_of(session, [head.id for head in chosen if head])
    current = ratings_of(session, person_id, asked.id) if None in chosen else {}
    one, other = (
        Point(head.taken_at, frozen.get(head.id, {}), head) if head else Point(clock.now(), current)
        for head in chosen
    )
    return compare(asked, one, other, domains)


def head_of(row: Snapshot) -> SnapshotHead:
    """Returns a snapshot's row as services and pages read it."""
    return SnapshotHead(
        id=row.id,
        public_id=row.public_id,
        kind=SnapshotKind(row.kind),
        label=row.label,
        due_on=row.due_on,
        taken_at=row.taken_at,
        instrument=row.instrument,
        instrument_version=row.instrument_version,
        course_id=row.course_id,
        placement_id=row.placement_id,
    )


def _head(by_name: Mapping[str, SnapshotHead], name: str) -> SnapshotHead | None:
    if name == NOW:
        return None
    try:
        return by_name[name]
    except KeyError:
        raise NotFound(
            N_("There is no such snapshot of yours."),
            code="snapshot-unknown",
            advice=N_("It may have been removed. Choose another one."),
        ) from None

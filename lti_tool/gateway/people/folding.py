"""Where two people who are one both have a row of which there can be one alone: put together.

Nothing is thrown away. The newer answer stands and both histories run on as one, by time; the
earlier baseline stays the baseline and the other becomes a snapshot kept by hand; a membership
keeps the identifier under which the person came last.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, Row, Table, bindparam, select, update
from sqlalchemy.orm import Session

from lti_tool.assessments.comparison import SnapshotKind
from lti_tool.assessments.models import LookingBack, Rating, RatingChange, Snapshot
from lti_tool.courses.models import Membership
from lti_tool.gateway.people.journal import Joining
from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState
from lti_tool.kernel.models import table_of

MEMBERSHIPS = table_of(Membership)
RATINGS = table_of(Rating)
CHANGES = table_of(RatingChange)
SNAPSHOTS = table_of(Snapshot)
LOOKING_BACK = table_of(LookingBack)
SCORES = table_of(Score)

# What a launch or a roster says of a member; the address of their pages is not among it.
_SAID = (
    *("identity_id", "roles", "active", "last_seen_at"),
    *("sees", "own_dates", "listed_at", "listed_roles", "groups"),
)
_ANSWER = ("state", "note", "instrument_version", "changed_at")
_NEVER = datetime.min.replace(tzinfo=UTC)
_LABEL = "From the record that was joined"


def fold_memberships(joining: Joining) -> None:
    """In a course where both are, who came last says the identifier that grades go to."""
    for absorbed, remaining in list(joining.pairs(MEMBERSHIPS, "person_id")):
        is_newer = (absorbed.last_seen_at or _NEVER) > (remaining.last_seen_at or _NEVER)
        source = absorbed if is_newer else remaining
        said = {name: getattr(source, name) for name in _SAID}
        first = min(absorbed.first_seen_at, remaining.first_seen_at)
        joining.change(MEMBERSHIPS, remaining, **said, first_seen_at=first)
        joining.change(MEMBERSHIPS, absorbed, roles="", active=False, sees=None, listed_roles="")
    joining.move(MEMBERSHIPS, "person_id", also=("identity_id",))


def fold_ratings(joining: Joining) -> None:
    """The newer answer stands; the changes of both become one history, in the order of time."""
    for absorbed, remaining in list(joining.pairs(RATINGS, "person_id")):
        rows = _rows(joining.session, CHANGES, CHANGES.c.rating_id.in_([absorbed.id, remaining.id]))
        ordered = sorted(rows, key=lambda row: (row.changed_at, row.id))
        wanted = [
            (row, {"rating_id": remaining.id, "version": place})
            for place, row in enumerate(ordered, start=1)
        ]
        _renumber(joining, CHANGES, wanted)
        newer = absorbed if absorbed.changed_at > remaining.changed_at else remaining
        answer = {name: getattr(newer, name) for name in _ANSWER}
        joining.change(RATINGS, remaining, **answer, version=len(ordered) or remaining.version)
    joining.move(RATINGS, "person_id")


def fold_snapshots(joining: Joining) -> None:
    """Of two for one occasion, the earlier keeps it; the other is kept as if taken by hand."""
    for absorbed, remaining in list(joining.pairs(SNAPSHOTS, "person_id")):
        later = absorbed if absorbed.taken_at >= remaining.taken_at else remaining
        joining.change(
            SNAPSHOTS,
            later,
            occasion=f"joined:{later.public_id}"[:60],
            kind=SnapshotKind.BY_HAND.value,
            label=later.label or _LABEL,
        )
    joining.move(SNAPSHOTS, "person_id")


def fold_looking_back(joining: Joining) -> None:
    """The answers of both become one series for each competency, in the order of time."""
    people = (joining.absorbed_id, joining.remaining_id)
    rows = _rows(joining.session, LOOKING_BACK, LOOKING_BACK.c.person_id.in_(people))
    for group in _grouped(rows, lambda row: (row.instrument, row.code)):
        if any(row.person_id == joining.absorbed_id for row in group):
            ordered = sorted(group, key=lambda row: (row.answered_at, row.id))
            wanted = [
                (row, {"person_id": joining.remaining_id, "version": place})
                for place, row in enumerate(ordered, start=1)
            ]
            _renumber(joining, LOOKING_BACK, wanted)


def fold_scores(joining: Joining) -> None:
    """The remaining person's cell goes on; its next timestamp exceeds what either was sent with.

    The other's row rests and is sent no more: it may be about the very same cell.
    """
    for absorbed, remaining in list(joining.pairs(SCORES, "person_id")):
        sent = [moment for moment in (absorbed.sent_stamp, remaining.sent_stamp) if moment]
        joining.session.execute(
            update(SCORES)
            .where(SCORES.c.id == remaining.id)
            .values(sent_stamp=max(sent, default=None))
        )
        joining.change(
            SCORES,
            absorbed,
            delivered_version=absorbed.version,
            state=DeliveryState.DELIVERED.value,
        )
    joining.move(SCORES, "person_id")


def renumber(
    session: Session,
    table: Table,
    wanted: Iterable[tuple[int, dict[str, Any]]],
    *,
    column: str = "version",
) -> None:
    """Gives rows new versions at once: over negative ones, since no two may ever be the same."""
    wanted = list(wanted)
    if not wanted:
        return
    number: BindParameter[int] = bindparam("number")
    session.connection().execute(
        update(table).where(table.c.id == number).values({column: -table.c.id}),
        [{"number": row_id} for row_id, _ in wanted],
    )
    for row_id, values in wanted:
        session.execute(update(table).where(table.c.id == row_id).values(**values))


def _renumber(
    joining: Joining, table: Table, wanted: list[tuple[Row[Any], dict[str, Any]]]
) -> None:
    renumber(joining.session, table, [(row.id, values) for row, values in wanted])
    joining.remember(
        table,
        [(row.id, {name: getattr(row, name) for name in values}, values) for row, values in wanted],
    )


def _rows(session: Session, table: Table, condition: Any) -> list[Row[Any]]:
    return list(session.execute(select(table).where(condition).order_by(table.c.id)))


def _grouped(
    rows: Iterable[Row[Any]], key: Callable[[Row[Any]], tuple[str, str]]
) -> list[list[Row[Any]]]:
    groups: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.values())

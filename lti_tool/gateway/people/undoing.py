"""Undoing a join: each row goes back to whom it was taken from, as far as it is still what it was.

What was added since stays with the person who remained, with two exceptions: a membership goes
with the identifier that made it, and an answer that was changed since is there twice, as it was
before the join and as it is now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Row, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import Identity
from lti_tool.gateway.people.folding import (
    CHANGES,
    LOOKING_BACK,
    MEMBERSHIPS,
    RATINGS,
    SCORES,
    renumber,
)
from lti_tool.gateway.people.folding_portfolios import ACCOUNTS, VERSIONS
from lti_tool.gateway.people.journal import as_json, from_json, table_named
from lti_tool.gateway.people.models import MergedRow
from lti_tool.gateway.people.queries import is_joined_since
from lti_tool.gateway.people.rules import ENDED, MergeView, check_undo
from lti_tool.gateway.people.services import (
    check_administrator,
    lock_both,
    note_undone,
    record_everywhere,
)
from lti_tool.gateway.people.undoing_portfolios import take_apart
from lti_tool.grades.rules import DeliveryState
from lti_tool.grades.services import retry
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.models import table_of

log = structlog.get_logger()

_IDENTITIES = table_of(Identity)
_SERIES = {CHANGES.name, RATINGS.name, LOOKING_BACK.name, ACCOUNTS.name, VERSIONS.name}


@dataclass(frozen=True, slots=True)
class _Undoing:
    session: Session
    merge: MergeView
    rows: Mapping[str, Mapping[int, Mapping[str, Any]]] = field(default_factory=dict)

    def before(self, table: Table) -> Mapping[int, Mapping[str, Any]]:
        """Returns the columns that the join changed, as they were, by the row's number."""
        return self.rows.get(table.name, {})


def undo_join(session: Session, actor: Actor, merge: MergeView, *, delay: timedelta) -> None:
    """Takes a join back. Raises `NotAllowed`, and `Conflict` where it cannot be undone now."""
    check_administrator(actor)
    lock_both(session, merge.remaining_id, merge.absorbed_id)
    check_undo(merge, is_joined_since(session, merge))
    if not note_undone(session, actor, merge.id):
        return
    entries = list(
        session.execute(
            select(MergedRow).where(MergedRow.merge_id == merge.id).order_by(MergedRow.id.desc())
        ).scalars()
    )
    undoing = _Undoing(session, merge, _first_states(entries))
    for entry in entries:
        if entry.table_name not in _SERIES:
            _bring_back(session, entry)
    _bring_back_ratings(undoing)
    _bring_back_looking_back(undoing)
    accounts, versions = undoing.before(ACCOUNTS), undoing.before(VERSIONS)
    take_apart(session, accounts, versions, merge.merged_at)
    _let_memberships_follow(undoing)
    for person in (merge.remaining_id, merge.absorbed_id):
        record_everywhere(session, person, delay)
        _send_again(session, person)
    log.info("join undone", merge=merge.id, by=actor.person_id)


def _first_states(entries: Sequence[MergedRow]) -> dict[str, dict[int, dict[str, Any]]]:
    """Returns each row's columns before the join; the entries come newest first."""
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for entry in entries:
        table = table_named(entry.table_name)
        said = {name: from_json(table.c[name], value) for name, value in entry.before.items()}
        found.setdefault(entry.table_name, {}).setdefault(entry.row_id, {}).update(said)
    return found


def _bring_back(session: Session, entry: MergedRow) -> None:
    """Restores the columns that still hold what the join wrote, and always a member's identifier."""
    table = table_named(entry.table_name)
    row = session.execute(select(table).where(table.c.id == entry.row_id)).one_or_none()
    if row is None:
        return
    back = {
        name: from_json(table.c[name], value)
        for name, value in entry.before.items()
        if name == "identity_id" or as_json(getattr(row, name)) == entry.after[name]
    }
    if back:
        session.execute(update(table).where(table.c.id == row.id).values(**back))


def _bring_back_ratings(undoing: _Undoing) -> None:
    """Each answer gets its own history back; changes made since stay with who remained."""
    known = undoing.before(CHANGES)
    for number, before in undoing.before(RATINGS).items():
        rows = _changes(undoing.session, number)
        own = [row for row in rows if row.id in known]
        since = [row for row in rows if row.id not in known]
        if "person_id" in before:
            _return_rating(undoing, number, own, since)
        else:
            _unfold_rating(undoing, number, before, own, since)
    for number, said in known.items():
        people = {name: said[name] for name in ("person_id", "actor_id") if name in said}
        if people:
            _set(undoing.session, CHANGES, number, people)


def _return_rating(
    undoing: _Undoing, number: int, own: Sequence[Row[Any]], since: Sequence[Row[Any]]
) -> None:
    """An answer that only the one had: it goes back, and what was changed since makes a new one."""
    session = undoing.session
    _set(session, RATINGS, number, {"person_id": undoing.merge.absorbed_id})
    if not since or not own:
        return
    row = session.execute(select(RATINGS).where(RATINGS.c.id == number)).one()
    new = session.execute(
        insert(RATINGS)
        .values(
            person_id=undoing.merge.remaining_id,
            instrument=row.instrument,
            code=row.code,
            version=len(since),
            **_answer_after(since[-1]),
        )
        .returning(RATINGS.c.id)
    ).scalar_one()
    renumber(session, CHANGES, _numbered(since, {"rating_id": new}))
    _set(session, RATINGS, number, _answer_after(own[-1]) | {"version": own[-1].version})


def _unfold_rating(
    undoing: _Undoing,
    number: int,
    before: Mapping[str, Any],
    own: Sequence[Row[Any]],
    since: Sequence[Row[Any]],
) -> None:
    """An answer that both had: both histories are taken apart again."""
    known = undoing.before(CHANGES)
    places = [
        (row.id, {name: known[row.id][name] for name in ("rating_id", "version")}) for row in own
    ]
    first = before["version"] + 1
    renumber(undoing.session, CHANGES, places + _numbered(since, {}, first=first))
    after = _answer_after(since[-1]) | {"version": before["version"] + len(since)} if since else {}
    _set(undoing.session, RATINGS, number, {**before, **after})


def _bring_back_looking_back(undoing: _Undoing) -> None:
    session, known = undoing.session, undoing.before(LOOKING_BACK)
    rows = session.execute(
        select(LOOKING_BACK)
        .where(LOOKING_BACK.c.person_id == undoing.merge.remaining_id)
        .order_by(LOOKING_BACK.c.version)
    ).all()
    groups = {(row.instrument, row.code) for row in rows if row.id in known}
    for group in groups:
        there = [row for row in rows if (row.instrument, row.code) == group]
        back = [(row.id, dict(known[row.id])) for row in there if row.id in known]
        staying = sum(said["person_id"] == undoing.merge.remaining_id for _, said in back)
        since = [row for row in there if row.id not in known]
        renumber(session, LOOKING_BACK, back + _numbered(since, {}, first=staying + 1))


def _let_memberships_follow(undoing: _Undoing) -> None:
    """A course that was come to since, under an identifier that goes back, goes back with it."""
    session, merge = undoing.session, undoing.merge
    back = select(_IDENTITIES.c.id).where(_IDENTITIES.c.person_id == merge.absorbed_id)
    there = select(MEMBERSHIPS.c.course_id).where(MEMBERSHIPS.c.person_id == merge.absorbed_id)
    courses = list(session.execute(there).scalars())
    session.execute(
        update(MEMBERSHIPS)
        .where(
            MEMBERSHIPS.c.person_id == merge.remaining_id,
            MEMBERSHIPS.c.identity_id.in_(back),
            MEMBERSHIPS.c.course_id.not_in(courses),
        )
        .values(person_id=merge.absorbed_id)
    )
    theirs = select(MEMBERSHIPS.c.id).where(MEMBERSHIPS.c.person_id == merge.absorbed_id)
    for name in sorted(ENDED):
        table = table_named(name.split(".")[0])
        session.execute(delete(table).where(table.c.membership_id.in_(theirs)))


def _send_again(session: Session, person_id: int) -> None:
    """A grade that had not arrived before the join still has not: it waits again."""
    waiting = select(SCORES.c.id).where(
        SCORES.c.person_id == person_id,
        SCORES.c.state.in_((DeliveryState.WAITING.value, DeliveryState.RETRYING.value)),
    )
    numbers = list(session.execute(waiting).scalars())
    if numbers:
        retry(session, numbers)


def _changes(session: Session, rating: int) -> Sequence[Row[Any]]:
    return session.execute(
        select(CHANGES).where(CHANGES.c.rating_id == rating).order_by(CHANGES.c.version)
    ).all()


def _answer_after(change: Row[Any]) -> dict[str, Any]:
    return {
        "state": change.to_state,
        "note": change.to_note,
        "instrument_version": change.instrument_version,
        "changed_at": change.changed_at,
    }


def _numbered(
    rows: Sequence[Row[Any]], values: dict[str, Any], *, first: int = 1
) -> list[tuple[int, dict[str, Any]]]:
    return [(row.id, values | {"version": place}) for place, row in enumerate(rows, start=first)]


def _set(session: Session, table: Table, number: int, values: Mapping[str, Any]) -> None:
    session.execute(update(table).where(table.c.id == number).values(**values))

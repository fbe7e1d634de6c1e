"""Asking for a course's roster, and storing what came: people, roles, groups, who has left.

The LMS's list is believed when it is whole, and for what it knows best. It says who is in the
course. Of roles a launch knows more: Moodle lists its non-teaching editors as learners and
launches them as instructors. So a launch's roles stand until the list itself says something else
than it did before; who has never come has the roles of the list.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import Identity, Membership, Person
from lti_tool.courses.rosters.models import CourseRoster
from lti_tool.courses.rosters.queries import RosterSource
from lti_tool.courses.rosters.rules import (
    FRESH_FOR,
    MOST_GROUPS,
    TOPIC,
    Group,
    Listed,
    once_each,
)
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.outbox import services as outbox

_PEOPLE = table_of(Person)
_IDENTITIES = table_of(Identity)
_MEMBERSHIPS = table_of(Membership)
_ROSTERS = table_of(CourseRoster)


def ask_for_roster(
    session: Session, course_id: int, registration_id: int, *, by_hand: bool = False
) -> bool:
    """Puts the fetching of a course's roster into the outbox; returns whether it was its turn.

    One atomic statement claims the turn, so that of ten tutors at once one asks. `by_hand`: a
    person asks, so that a message that backs off from an LMS that was down is tried at once.
    """
    now = clock.now()
    session.execute(
        insert_into(session, _ROSTERS)
        .values(course_id=course_id, reason="", groups=[])
        .on_conflict_do_nothing()
    )
    claimed = session.execute(
        update(_ROSTERS)
        .where(
            _ROSTERS.c.course_id == course_id,
            or_(
                _ROSTERS.c.asked_at.is_(None),
                _ROSTERS.c.asked_at <= now - FRESH_FOR,
                # The clock was set back: by more than it takes to wait for somebody else's turn.
                _ROSTERS.c.asked_at > now + FRESH_FOR,
            ),
        )
        .values(asked_at=now)
    )
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return False
    lane = f"registration:{registration_id}"
    outbox.put(session, TOPIC, str(course_id), lane=lane, delay=timedelta(0))
    if by_hand:
        outbox.hurry(session, TOPIC, [str(course_id)])
    return True


def store_listed(
    session: Session, source: RosterSource, listed: Sequence[Listed], listed_at: datetime
) -> None:
    """Stores some of a roster's people, in a number of statements that does not grow with them.

    They are known by (registration, `user_id`), so that another registration's people are never
    touched. A name is taken up when it is given, and never erased; no e-mail is stored. Somebody who
    only looks on, or is not active, is stored only when they are known here already.
    """
    known = _known(session, source, listed)
    wanted = [one for one in listed if one.is_worth_knowing and one.subject not in known]
    if wanted:
        _add_people(session, source, wanted)
        known = _known(session, source, listed)
    _take_up_names(session, known, listed)
    at_hand = [(known[one.subject], one) for one in listed if one.subject in known]
    numbers = {row.person_id: row.id for row, _ in at_hand}
    people = once_each((row.person_id, one) for row, one in at_hand)
    there = _present(session, source, people)
    rows = [
        _membership(source, person, numbers[person], one, listed_at)
        for person, one in sorted(people.items())
        if person in there or one.is_worth_knowing
    ]
    if rows:
        session.connection().execute(_upserted(session), rows)


def complete_roster(
    session: Session, source: RosterSource, groups: Sequence[Group], listed_at: datetime
) -> None:
    """Ends the storing of a whole roster: who was not on it is no longer in the course.

    Whoever launched since it was begun is there, whatever the list says.
    """
    session.execute(
        update(_MEMBERSHIPS)
        .where(
            _MEMBERSHIPS.c.course_id == source.course_id,
            _MEMBERSHIPS.c.active,
            or_(_MEMBERSHIPS.c.listed_at.is_(None), _MEMBERSHIPS.c.listed_at != listed_at),
            or_(_MEMBERSHIPS.c.last_seen_at.is_(None), _MEMBERSHIPS.c.last_seen_at < listed_at),
        )
        .values(active=False, groups=[])
    )
    stored = [{"id": one.id, "name": one.name, "kind": one.kind} for one in groups[:MOST_GROUPS]]
    _note(session, source.course_id, {"fetched_at": clock.now(), "reason": "", "groups": stored})


def note_failure(session: Session, course_id: int, reason: str) -> None:
    """Remembers why a roster did not come. What the last whole one said stays as it is."""
    _note(session, course_id, {"failed_at": clock.now(), "reason": reason[:60]})


def _note(session: Session, course_id: int, values: Mapping[str, Any]) -> None:
    blank = {"course_id": course_id, "reason": "", "groups": []}
    session.execute(
        insert_into(session, _ROSTERS)
        .values(**(blank | dict(values)))
        .on_conflict_do_update(index_elements=["course_id"], set_=dict(values))
    )


def _known(session: Session, source: RosterSource, listed: Sequence[Listed]) -> dict[str, Any]:
    rows = session.execute(
        select(_IDENTITIES.c.id, _IDENTITIES.c.subject, _IDENTITIES.c.person_id, _PEOPLE.c.name)
        .join(_PEOPLE, _PEOPLE.c.id == _IDENTITIES.c.person_id)
        .where(
            _IDENTITIES.c.registration_id == source.registration_id,
            _IDENTITIES.c.subject.in_([one.subject for one in listed]),
        )
    )
    return {row.subject: row for row in rows}


def _add_people(session: Session, source: RosterSource, wanted: Sequence[Listed]) -> None:
    """Adds people with their identities; who launches for the first time just now keeps theirs."""
    now = clock.now()
    given = {new_public_id(): one for one in sorted(wanted, key=lambda one: one.subject)}
    blank = {"organisation_id": source.organisation_id, "email": "", "created_at": now}
    connection = session.connection()
    connection.execute(
        insert(_PEOPLE),
        [blank | {"public_id": key, "name": one.name} for key, one in given.items()],
    )
    added = session.execute(
        select(_PEOPLE.c.public_id, _PEOPLE.c.id).where(_PEOPLE.c.public_id.in_(list(given)))
    )
    numbers = {row.public_id: row.id for row in added}
    connection.execute(
        insert_into(session, _IDENTITIES).on_conflict_do_nothing(),
        [
            {
                "registration_id": source.registration_id,
                "subject": one.subject,
                "person_id": numbers[key],
            }
            for key, one in given.items()
        ],
    )
    owned = select(_IDENTITIES.c.id).where(_IDENTITIES.c.person_id == _PEOPLE.c.id)
    session.execute(
        _PEOPLE.delete().where(_PEOPLE.c.id.in_(list(numbers.values())), ~owned.exists())
    )


def _take_up_names(session: Session, known: Mapping[str, Any], listed: Sequence[Listed]) -> None:
    names = {
        known[one.subject].person_id: one.name
        for one in listed
        if one.name and one.subject in known and known[one.subject].name != one.name
    }
    if names:
        session.connection().execute(
            update(_PEOPLE).where(_PEOPLE.c.id == bindparam("person")).values(name=bindparam("to")),
            [{"person": person, "to": name} for person, name in sorted(names.items())],
        )


def _present(session: Session, source: RosterSource, people: Mapping[int, Listed]) -> set[int]:
    return set(
        session.execute(
            select(_MEMBERSHIPS.c.person_id).where(
                _MEMBERSHIPS.c.course_id == source.course_id,
                _MEMBERSHIPS.c.person_id.in_(list(people)),
            )
        ).scalars()
    )


def _membership(
    source: RosterSource, person_id: int, identity_id: int, one: Listed, listed_at: datetime
) -> dict[str, Any]:
    roles = " ".join(sorted(role.value for role in one.roles))
    return {
        "public_id": new_public_id(),
        "course_id": source.course_id,
        "person_id": person_id,
        "identity_id": identity_id,
        "roles": roles,
        "active": one.active,
        "first_seen_at": listed_at,
        "last_seen_at": None,
        "listed_at": listed_at,
        # A role that is none of ours has its sign, so that a change of it is one.
        "listed_roles": roles or "-",
        "groups": list(one.groups),
    }


def _upserted(session: Session) -> Any:
    statement = insert_into(session, _MEMBERSHIPS)
    new = statement.excluded
    said_before = _MEMBERSHIPS.c.listed_roles
    list_decides = or_(
        _MEMBERSHIPS.c.last_seen_at.is_(None),
        (said_before != "") & (said_before != new.listed_roles),
    )
    # Two accounts of one person may stand in two parts of a roster: active in one is active.
    in_this_one = _MEMBERSHIPS.c.listed_at == new.listed_at
    return statement.on_conflict_do_update(
        index_elements=["course_id", "person_id"],
        set_={
            "roles": case((list_decides, new.roles), else_=_MEMBERSHIPS.c.roles),
            "active": or_(new.active, _MEMBERSHIPS.c.active & in_this_one),
            "listed_at": new.listed_at,
            "listed_roles": new.listed_roles,
            "groups": new.groups,
        },
    )

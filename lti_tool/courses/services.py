"""Changes to organisations, people, courses, memberships and placements."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Identity, Membership, Organisation, Person, Placement
from lti_tool.courses.rules import (
    BY_HAND,
    LAUNCHED,
    Enrolled,
    Enrolment,
    Milestones,
    SetUp,
    display_name,
)
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into, run
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id

_PEOPLE = table_of(Person)
_IDENTITIES = table_of(Identity)
_COURSES = table_of(Course)
_MEMBERSHIPS = table_of(Membership)
_PLACEMENTS = table_of(Placement)


def find_or_add_organisation(session: Session, name: str) -> int:
    """Returns the id of the organisation of this name, made if need be."""
    values = {"name": name, "created_at": clock.now()}
    return int(_upsert(session, table_of(Organisation), ("name",), values, {}).id)


def enrol(session: Session, enrolment: Enrolment) -> Enrolled:
    """Upserts person, course, membership and placement of a launch, and returns them.

    One reading statement tells a launch that changes nothing, the usual one, which then only
    notes when it came. All else is upserts, so that thirty first launches at once agree.
    """
    known = _known(session, enrolment)
    if known is not None and _is_current(known, enrolment):
        run(session, _NOTE_VISIT, membership=known.membership_id, now=clock.now())
        return _enrolled(known, enrolment, is_news=False)
    _store(session, enrolment)
    stored = _known(session, enrolment)
    if stored is None:
        raise RuntimeError("an enrolment that was just stored cannot be read")
    return _enrolled(stored, enrolment, is_news=True)


def lock_person(session: Session, person_id: int) -> None:
    """Makes requests of one person come in turn, so that each sees what the last one left.

    SQLite's writers come in turn anyway; PostgreSQL locks the person's row until the commit.
    """
    session.execute(select(_PEOPLE.c.id).where(_PEOPLE.c.id == person_id).with_for_update())


def set_up_placement(
    session: Session,
    actor: Actor,
    placement_id: int,
    set_up: SetUp,
    milestones: Milestones | None = None,
) -> None:
    """Stores what a tutor chose for a placement of their course; the LMS no longer changes it.

    Without `milestones`, those of the placement stay as they are.
    """
    when = (
        {}
        if milestones is None
        else {
            "snapshot_on": milestones.snapshot_on,
            "asks_looking_back": milestones.asks_looking_back,
        }
    )
    session.execute(
        update(_PLACEMENTS)
        .where(_PLACEMENTS.c.id == placement_id, _PLACEMENTS.c.course_id == actor.course_id)
        .values(
            instrument=set_up.instrument,
            domains=list(set_up.domains),
            grade_rule=set_up.grade_rule.value,
            set_up_by=BY_HAND,
            **when,
        )
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    course_id: int
    person_id: int
    identity_id: int


_KNOWN = (
    select(
        _PEOPLE.c.id.label("person_id"),
        _PEOPLE.c.public_id.label("person_public_id"),
        _PEOPLE.c.name,
        _PEOPLE.c.email,
        _COURSES.c.id.label("course_id"),
        _COURSES.c.title.label("course_title"),
        _COURSES.c.label.label("course_label"),
        _MEMBERSHIPS.c.id.label("membership_id"),
        _MEMBERSHIPS.c.public_id.label("membership_public_id"),
        _MEMBERSHIPS.c.roles,
        _MEMBERSHIPS.c.active,
        _PLACEMENTS.c.id.label("placement_id"),
        _PLACEMENTS.c.public_id.label("placement_public_id"),
        _PLACEMENTS.c.title.label("link_title"),
        _PLACEMENTS.c.instrument,
        _PLACEMENTS.c.domains,
        _PLACEMENTS.c.grade_rule,
        _PLACEMENTS.c.line_item,
        _PLACEMENTS.c.line_items,
        _PLACEMENTS.c.scopes,
        _PLACEMENTS.c.set_up_by,
    )
    .select_from(_IDENTITIES)
    .join(_PEOPLE, _PEOPLE.c.id == _IDENTITIES.c.person_id)
    .join(_COURSES, _COURSES.c.registration_id == _IDENTITIES.c.registration_id)
    .join(
        _MEMBERSHIPS,
        (_MEMBERSHIPS.c.course_id == _COURSES.c.id) & (_MEMBERSHIPS.c.person_id == _PEOPLE.c.id),
    )
    .join(_PLACEMENTS, _PLACEMENTS.c.course_id == _COURSES.c.id)
    .where(
        _IDENTITIES.c.registration_id == bindparam("registration"),
        _IDENTITIES.c.subject == bindparam("subject"),
        _COURSES.c.deployment == bindparam("deployment"),
        _COURSES.c.context == bindparam("context"),
        _PLACEMENTS.c.resource_link == bindparam("link"),
    )
)
_NOTE_VISIT = (
    update(_MEMBERSHIPS)
    .where(_MEMBERSHIPS.c.id == bindparam("membership"))
    .values(last_seen_at=bindparam("now"))
)


def _known(session: Session, enrolment: Enrolment) -> Row[Any] | None:
    return run(
        session,
        _KNOWN,
        registration=enrolment.registration_id,
        subject=enrolment.subject,
        deployment=enrolment.deployment,
        context=enrolment.context,
        link=enrolment.resource_link,
    ).first()


def _is_current(known: Row[Any], enrolment: Enrolment) -> bool:
    by_hand = known.set_up_by == BY_HAND or not enrolment.set_up.is_done
    same_set_up = by_hand or (known.instrument, tuple(known.domains), known.grade_rule) == (
        enrolment.set_up.instrument,
        enrolment.set_up.domains,
        enrolment.set_up.grade_rule.value,
    )
    return same_set_up and (
        known.active,
        known.roles,
        known.name,
        known.email,
        known.course_title,
        known.course_label,
        known.link_title,
        known.line_item,
        known.line_items,
        known.scopes,
    ) == (
        True,
        _joined(enrolment.roles),
        enrolment.name or known.name,
        enrolment.email or known.email,
        enrolment.course_title,
        enrolment.course_label,
        enrolment.link_title,
        enrolment.line_item or known.line_item,
        enrolment.line_items or known.line_items,
        _joined(enrolment.scopes),
    )


def _enrolled(row: Row[Any], enrolment: Enrolment, *, is_news: bool) -> Enrolled:
    return Enrolled(
        person_id=row.person_id,
        course_id=row.course_id,
        membership_id=row.membership_id,
        membership_public_id=row.membership_public_id,
        placement_id=row.placement_id,
        placement_public_id=row.placement_public_id,
        display_name=display_name(enrolment.name or row.name, row.person_public_id),
        is_news=is_news,
    )


def _store(session: Session, enrolment: Enrolment) -> None:
    identity = _store_person(session, enrolment)
    course = _upsert(
        session,
        _COURSES,
        ("registration_id", "deployment", "context"),
        {
            "registration_id": enrolment.registration_id,
            "deployment": enrolment.deployment,
            "context": enrolment.context,
            "organisation_id": enrolment.organisation_id,
        },
        {"title": enrolment.course_title, "label": enrolment.course_label},
    )
    keys = _Keys(course.id, identity.person_id, identity.id)
    _store_membership(session, enrolment, keys)
    _store_placement(session, enrolment, keys)


def _store_person(session: Session, enrolment: Enrolment) -> Any:
    """Returns the identity row, made with a new person when the `sub` was never seen.

    Two first launches of one `sub` at once both add a person; the identity's unique key lets
    one of them win, and the other's person, tied to nothing, is taken back.
    """
    wanted = select(_IDENTITIES.c.id, _IDENTITIES.c.person_id).where(
        _IDENTITIES.c.registration_id == enrolment.registration_id,
        _IDENTITIES.c.subject == enrolment.subject,
    )
    identity: Any = session.execute(wanted).first()
    if identity is None:
        person_id = session.execute(
            insert(_PEOPLE)
            .values(
                public_id=new_public_id(),
                organisation_id=enrolment.organisation_id,
                name=enrolment.name,
                email=enrolment.email,
                created_at=clock.now(),
            )
            .returning(_PEOPLE.c.id)
        ).scalar_one()
        identity = _upsert(
            session,
            _IDENTITIES,
            ("registration_id", "subject"),
            {
                "registration_id": enrolment.registration_id,
                "subject": enrolment.subject,
                "person_id": person_id,
            },
            {},
        )
        if identity.person_id != person_id:
            session.execute(_PEOPLE.delete().where(_PEOPLE.c.id == person_id))
    news = {k: v for k, v in (("name", enrolment.name), ("email", enrolment.email)) if v}
    if news:
        session.execute(update(_PEOPLE).where(_PEOPLE.c.id == identity.person_id).values(**news))
    return identity


def _store_membership(session: Session, enrolment: Enrolment, keys: _Keys) -> None:
    now = clock.now()
    _upsert(
        session,
        _MEMBERSHIPS,
        ("course_id", "person_id"),
        {
            "course_id": keys.course_id,
            "person_id": keys.person_id,
            "public_id": new_public_id(),
            "first_seen_at": now,
        },
        {
            "identity_id": keys.identity_id,
            "roles": _joined(enrolment.roles),
            "active": True,
            "last_seen_at": now,
        },
    )


def _store_placement(session: Session, enrolment: Enrolment, keys: _Keys) -> None:
    set_up = {
        "instrument": enrolment.set_up.instrument,
        "domains": list(enrolment.set_up.domains),
        "grade_rule": enrolment.set_up.grade_rule.value,
        "set_up_by": LAUNCHED,
    }
    always = {"title": enrolment.link_title, "scopes": _joined(enrolment.scopes)}
    # An LMS that leaves a claim out in one launch has not taken the line item away.
    addresses = {
        name: value
        for name, value in (
            ("line_item", enrolment.line_item),
            ("line_items", enrolment.line_items),
        )
        if value
    }
    placement = _upsert(
        session,
        _PLACEMENTS,
        ("course_id", "resource_link"),
        {
            "course_id": keys.course_id,
            "resource_link": enrolment.resource_link,
            "public_id": new_public_id(),
            "line_item": enrolment.line_item,
            "line_items": enrolment.line_items,
            **set_up,
            **_milestones_of_origin(session, enrolment),
        },
        always | addresses,
    )
    if enrolment.set_up.is_done:
        session.execute(
            update(_PLACEMENTS)
            .where(_PLACEMENTS.c.id == placement.id, _PLACEMENTS.c.set_up_by == LAUNCHED)
            .values(**set_up)
        )


def _milestones_of_origin(session: Session, enrolment: Enrolment) -> dict[str, Any]:
    """What a new placement takes over where its course is a copy of another.

    A day that is over belongs to the course that was copied: it is left behind.
    """
    if not enrolment.copied_from:
        return {}
    row = session.execute(
        select(_PLACEMENTS.c.snapshot_on, _PLACEMENTS.c.asks_looking_back)
        .join(_COURSES, _COURSES.c.id == _PLACEMENTS.c.course_id)
        .where(
            _PLACEMENTS.c.public_id == enrolment.copied_from,
            _COURSES.c.organisation_id == enrolment.organisation_id,
        )
    ).first()
    if row is None:
        return {}
    is_ahead = row.snapshot_on is not None and row.snapshot_on > clock.now().date()
    return {
        "snapshot_on": row.snapshot_on if is_ahead else None,
        "asks_looking_back": row.asks_looking_back,
    }


def _upsert(
    session: Session,
    table: Any,
    keys: tuple[str, ...],
    once: dict[str, Any],
    always: dict[str, Any],
) -> Row[Any]:
    """Inserts a row, or sets `always` on the one with the same keys; returns the whole row."""
    statement = insert_into(session, table).values(**(once | always))
    # Something must be set for the existing row to be returned: its own key changes nothing.
    news = always or {keys[0]: once[keys[0]]}
    statement = statement.on_conflict_do_update(index_elements=list(keys), set_=news)
    return session.execute(statement.returning(*_columns(table))).one()


def _columns(table: Table) -> list[Any]:
    return list(table.c)


def _joined(names: Any) -> str:
    return " ".join(sorted(str(name) for name in names))

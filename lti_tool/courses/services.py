"""Changes to organisations, people, courses, memberships and placements."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Row, Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Identity, Membership, Organisation, Person, Placement
from lti_tool.courses.origins import taken_over
from lti_tool.courses.rules import (
    BY_HAND,
    LAUNCHED,
    Dates,
    Enrolled,
    Enrolment,
    Milestones,
    SetUp,
    display_name,
    own_dates_at,
    with_own_dates,
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
_DATES = tuple(one.name for one in fields(Dates))


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


def enrol_member(session: Session, enrolment: Enrolment) -> Enrolled:
    """Upserts person, course and membership of a message that names no link, and returns them.

    Deep linking and what concerns one person come without a resource link (LTI Deep Linking 2.0,
    "Deep linking request message"): the placement of what is returned is 0 and "".
    """
    keys = _store_membership_of(session, enrolment)
    row = session.execute(
        select(
            _PEOPLE.c.public_id.label("person_public_id"),
            _PEOPLE.c.name,
            _MEMBERSHIPS.c.id,
            _MEMBERSHIPS.c.public_id,
        )
        .join(_MEMBERSHIPS, _MEMBERSHIPS.c.person_id == _PEOPLE.c.id)
        .where(
            _MEMBERSHIPS.c.course_id == keys.course_id, _MEMBERSHIPS.c.person_id == keys.person_id
        )
    ).one()
    return Enrolled(
        person_id=keys.person_id,
        course_id=keys.course_id,
        membership_id=row.id,
        membership_public_id=row.public_id,
        placement_id=0,
        placement_public_id="",
        display_name=display_name(row.name, row.person_public_id),
        is_news=False,
    )


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
            set_up_at=clock.now(),
            **when,
        )
    )


@dataclass(frozen=True, slots=True)
class _Keys:
    course_id: int
    person_id: int
    identity_id: int
    membership: Row[Any]


_KNOWN = (
    select(
        _PEOPLE.c.id.label("person_id"),
        _PEOPLE.c.public_id.label("person_public_id"),
        _PEOPLE.c.name,
        _PEOPLE.c.email,
        _COURSES.c.id.label("course_id"),
        _COURSES.c.title.label("course_title"),
        _COURSES.c.label.label("course_label"),
        _COURSES.c.memberships_url,
        _COURSES.c.groups_url,
        _COURSES.c.group_sets_url,
        _MEMBERSHIPS.c.id.label("membership_id"),
        _MEMBERSHIPS.c.public_id.label("membership_public_id"),
        _MEMBERSHIPS.c.roles,
        _MEMBERSHIPS.c.active,
        _MEMBERSHIPS.c.last_seen_at,
        _MEMBERSHIPS.c.sees,
        _MEMBERSHIPS.c.own_dates,
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
        *(_PLACEMENTS.c[name] for name in _DATES),
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
    """Says whether nothing is new. Who stood on the roster and comes for the first time is."""
    if known.last_seen_at is None:
        return False
    by_hand = known.set_up_by == BY_HAND or not enrolment.set_up.is_done
    same_set_up = by_hand or (known.instrument, tuple(known.domains), known.grade_rule) == (
        enrolment.set_up.instrument,
        enrolment.set_up.domains,
        enrolment.set_up.grade_rule.value,
    )
    return same_set_up and (
        known.active,
        known.roles,
        tuple(known.sees or ()),
        own_dates_at(known.own_dates, known.placement_id),
        known.name,
        known.email,
        known.course_title,
        known.course_label,
        known.memberships_url,
        known.groups_url,
        known.group_sets_url,
        known.link_title,
        known.line_item,
        known.line_items,
        known.scopes,
        *(getattr(known, name) for name in _DATES),
    ) == (
        True,
        _joined(enrolment.roles),
        enrolment.sees,
        enrolment.own_dates,
        enrolment.name or known.name,
        enrolment.email or known.email,
        enrolment.course_title,
        enrolment.course_label,
        enrolment.memberships_url or known.memberships_url,
        enrolment.groups_url or known.groups_url,
        enrolment.group_sets_url or known.group_sets_url,
        enrolment.link_title,
        enrolment.line_item or known.line_item,
        enrolment.line_items or known.line_items,
        _joined(enrolment.scopes),
        *(getattr(enrolment.dates, name) for name in _DATES),
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
    _store_placement(session, enrolment, _store_membership_of(session, enrolment))


def _store_membership_of(session: Session, enrolment: Enrolment) -> _Keys:
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
        {"title": enrolment.course_title, "label": enrolment.course_label}
        | _given(
            memberships_url=enrolment.memberships_url,
            groups_url=enrolment.groups_url,
            group_sets_url=enrolment.group_sets_url,
        ),
    )
    membership = _store_membership(session, enrolment, course.id, identity)
    return _Keys(course.id, identity.person_id, identity.id, membership)


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


def _store_membership(
    session: Session, enrolment: Enrolment, course_id: int, identity: Any
) -> Row[Any]:
    now = clock.now()
    return _upsert(
        session,
        _MEMBERSHIPS,
        ("course_id", "person_id"),
        {
            "course_id": course_id,
            "person_id": identity.person_id,
            "public_id": new_public_id(),
            "first_seen_at": now,
        },
        {
            "identity_id": identity.id,
            "roles": _joined(enrolment.roles),
            "sees": list(enrolment.sees) or None,
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
    always = {
        "title": enrolment.link_title,
        "scopes": _joined(enrolment.scopes),
        **asdict(enrolment.dates),
    }
    new_name = new_public_id()
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
            "public_id": new_name,
            "line_item": enrolment.line_item,
            "line_items": enrolment.line_items,
            **set_up,
        },
        always | addresses,
    )
    this_one = update(_PLACEMENTS).where(_PLACEMENTS.c.id == placement.id)
    if placement.public_id == new_name and (news := taken_over(session, enrolment, placement)):
        session.execute(this_one.values(**news))
    if enrolment.set_up.is_done:
        session.execute(this_one.where(_PLACEMENTS.c.set_up_by == LAUNCHED).values(**set_up))
    _store_own_dates(session, enrolment, keys.membership, placement.id)


def _store_own_dates(
    session: Session, enrolment: Enrolment, membership: Row[Any], placement_id: int
) -> None:
    """The membership's row was written a moment ago, so that no other launch changes it now."""
    stored = membership.own_dates
    dates = with_own_dates(stored, placement_id, enrolment.own_dates)
    if dates != stored:
        session.execute(
            update(_MEMBERSHIPS).where(_MEMBERSHIPS.c.id == membership.id).values(own_dates=dates)
        )


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


def _given(**values: str) -> dict[str, str]:
    """Returns what is not empty: a claim that one launch leaves out has not been taken away."""
    return {name: value for name, value in values.items() if value}


def _joined(names: Any) -> str:
    return " ".join(sorted(str(name) for name in names))

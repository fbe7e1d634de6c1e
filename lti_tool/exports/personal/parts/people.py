"""Who the person is, where they are a member, when they signed in: told, and never taken over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Identity, Membership, Organisation, Person
from lti_tool.exports.personal import shapes
from lti_tool.web.models import WebSession


def person_of(session: Session, person_id: int) -> shapes.Person:
    """Returns the person as the launches of their LMS have made them known."""
    person = session.get_one(Person, person_id)
    subjects = select(Identity.subject).where(Identity.person_id == person_id).order_by(Identity.id)
    return shapes.Person.model_construct(
        name=person.name,
        email=person.email,
        known_since=person.created_at,
        known_to_lms_as=list(session.execute(subjects).scalars()),
    )


def origin_of(session: Session, person_id: int, installation: str, version: str) -> shapes.Origin:
    """Returns who writes the record, and under which name it knows the person."""
    row = session.execute(
        select(Person.public_id, Organisation.name)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id == person_id)
    ).one()
    return shapes.Origin.model_construct(
        installation=installation, organisation=row.name, person=row.public_id, tool_version=version
    )


def courses_of(session: Session, person_id: int) -> list[shapes.Course]:
    """Returns every course in which the person is or was a member, oldest first."""
    rows = session.execute(
        select(Course.title, Course.label, Membership)
        .join(Membership, Membership.course_id == Course.id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.id)
    )
    return [
        shapes.Course.model_construct(
            title=title,
            label=label,
            roles=membership.roles.split(),
            active=membership.active,
            first_seen_at=membership.first_seen_at,
            last_seen_at=membership.last_seen_at,
        )
        for title, label, membership in rows
    ]


def sign_ins_of(session: Session, person_id: int) -> list[shapes.SignIn]:
    """Returns the sessions that are still on record, oldest first."""
    rows = session.execute(
        select(WebSession.opened_at, WebSession.seen_at)
        .where(WebSession.person_id == person_id)
        .order_by(WebSession.id)
    )
    return [shapes.SignIn.model_construct(opened_at=r.opened_at, seen_at=r.seen_at) for r in rows]

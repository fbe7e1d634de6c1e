"""Who the person is, where they are a member, when they signed in: told, and never taken over."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import (
    Course,
    Identity,
    LegacyIdentity,
    Membership,
    Organisation,
    Person,
    Placement,
)
from lti_tool.courses.rosters.models import CourseRoster
from lti_tool.courses.rules import DATA_PRIVACY_CONTEXT, own_dates_at
from lti_tool.exports.personal import shapes
from lti_tool.web.models import WebSession


def person_of(session: Session, person_id: int) -> shapes.Person:
    """Returns the person as the launches of their LMS have made them known."""
    person = session.get_one(Person, person_id)
    subjects = select(Identity.subject).where(Identity.person_id == person_id).order_by(Identity.id)
    older = (
        select(LegacyIdentity.user_id)
        .where(LegacyIdentity.person_id == person_id)
        .order_by(LegacyIdentity.id)
    )
    return shapes.Person.model_construct(
        name=person.name,
        email=person.email,
        known_since=person.created_at,
        known_to_lms_as=[*session.execute(subjects).scalars(), *session.execute(older).scalars()],
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
        select(Course.title, Course.label, Membership, CourseRoster.groups)
        .join(Membership, Membership.course_id == Course.id)
        .outerjoin(CourseRoster, CourseRoster.course_id == Course.id)
        .where(Membership.person_id == person_id, Course.context != DATA_PRIVACY_CONTEXT)
        .order_by(Membership.id)
    ).all()
    titles = _titles(session, [row.Membership for row in rows])
    return [
        shapes.Course.model_construct(
            title=title,
            label=label,
            roles=membership.roles.split(),
            active=membership.active,
            first_seen_at=membership.first_seen_at,
            last_seen_at=membership.last_seen_at,
            groups=[one["name"] for one in groups or () if one["id"] in membership.groups],
            own_dates=_own_dates(membership, titles),
        )
        for title, label, membership, groups in rows
    ]


def _titles(session: Session, memberships: Iterable[Membership]) -> dict[int, str]:
    """The titles of the placements for which somebody has dates of their own, by number."""
    numbers = [int(one) for membership in memberships for one in membership.own_dates or ()]
    if not numbers:
        return {}
    rows = session.execute(select(Placement.id, Placement.title).where(Placement.id.in_(numbers)))
    return {row.id: row.title for row in rows}


def _own_dates(membership: Membership, titles: Mapping[int, str]) -> list[shapes.OwnDates]:
    found = []
    for number in sorted(int(one) for one in membership.own_dates or ()):
        dates = own_dates_at(membership.own_dates, number)
        found.append(
            shapes.OwnDates.model_construct(
                activity=titles.get(number, ""),
                available_from=dates.available_from,
                available_until=dates.available_until,
                due_at=dates.due_at,
            )
        )
    return found


def sign_ins_of(session: Session, person_id: int) -> list[shapes.SignIn]:
    """Returns the sessions that are still on record, oldest first."""
    rows = session.execute(
        select(WebSession.opened_at, WebSession.seen_at)
        .where(WebSession.person_id == person_id)
        .order_by(WebSession.id)
    )
    return [shapes.SignIn.model_construct(opened_at=r.opened_at, seen_at=r.seen_at) for r in rows]

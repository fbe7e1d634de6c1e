"""Reading of rosters: how a course's stands, with its learners, and where to fetch one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Membership, Person
from lti_tool.courses.queries import LearnerRow
from lti_tool.courses.rosters.models import CourseRoster
from lti_tool.courses.rosters.rules import NO_ROSTER, Group, RosterView
from lti_tool.courses.rules import display_name
from lti_tool.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Participants:
    """The learners of a course, by name, and how the list of them stands."""

    learners: list[LearnerRow]
    roster: RosterView


@dataclass(frozen=True, slots=True)
class RosterSource:
    """Where a course's roster is to be had."""

    course_id: int
    organisation_id: int
    registration_id: int
    memberships_url: str
    groups_url: str
    group_sets_url: str


_ROSTER = (
    Course.memberships_url,
    CourseRoster.asked_at,
    CourseRoster.fetched_at,
    CourseRoster.failed_at,
    CourseRoster.reason,
    CourseRoster.groups.label("course_groups"),
)


def participants_of_course(session: Session, actor: Actor) -> Participants:
    """Returns the learners of the actor's course and its roster, in one statement.

    Who was on the roster once and left without ever coming is nobody's business here.
    """
    of_course = and_(
        Membership.course_id == Course.id,
        Membership.roles.contains(Role.LEARNER.value),
        or_(Membership.active, Membership.last_seen_at.is_not(None)),
    )
    rows = session.execute(
        select(
            *_ROSTER,
            Person.id,
            Person.public_id,
            Person.name,
            Membership.last_seen_at,
            Membership.active,
            Membership.groups,
        )
        .select_from(Course)
        .outerjoin(CourseRoster, CourseRoster.course_id == Course.id)
        .outerjoin(Membership, of_course)
        .outerjoin(Person, Person.id == Membership.person_id)
        .where(Course.id == actor.course_id)
    ).all()
    learners = [_learner(row) for row in rows if row.id is not None]
    return Participants(
        sorted(learners, key=lambda learner: learner.name.casefold()),
        _roster(rows[0]) if rows else NO_ROSTER,
    )


def roster_of_course(session: Session, actor: Actor) -> RosterView:
    """Returns how the roster of the actor's course stands."""
    row = session.execute(
        select(*_ROSTER)
        .select_from(Course)
        .outerjoin(CourseRoster, CourseRoster.course_id == Course.id)
        .where(Course.id == actor.course_id)
    ).first()
    return _roster(row) if row else NO_ROSTER


def roster_source(session: Session, course_id: int) -> RosterSource | None:
    """Returns where a course's roster is to be had; None where its LMS offers none."""
    row = session.execute(
        select(
            Course.id,
            Course.organisation_id,
            Course.registration_id,
            Course.memberships_url,
            Course.groups_url,
            Course.group_sets_url,
        ).where(Course.id == course_id, Course.memberships_url != "")
    ).first()
    return RosterSource(*row) if row else None


def _learner(row: Any) -> LearnerRow:
    return LearnerRow(
        row.id,
        row.public_id,
        display_name(row.name, row.public_id),
        row.last_seen_at,
        row.active,
        tuple(row.groups),
    )


def _roster(row: Any) -> RosterView:
    return RosterView(
        offered=bool(row.memberships_url),
        asked_at=row.asked_at,
        fetched_at=row.fetched_at,
        failed_at=row.failed_at,
        reason=row.reason or "",
        groups=tuple(_groups(row.course_groups or ())),
    )


def _groups(stored: Iterable[dict[str, Any]]) -> Iterable[Group]:
    for one in stored:
        yield Group(one["id"], one["name"], one.get("kind", ""))

"""Reading of courses, people and placements, always within the actor's own course."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import (
    Course,
    Identity,
    Membership,
    Organisation,
    Person,
    Placement,
    PlannedPlacement,
)
from lti_tool.courses.rules import (
    NO_DATES,
    NO_MILESTONES,
    Dates,
    GradeParts,
    GradeRule,
    Milestones,
    OwnDates,
    SetUp,
    display_name,
    own_dates_at,
)
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_


@dataclass(frozen=True, slots=True)
class PlacementView:
    """A placement as services and pages read it. Of the dates, a learner reads their own."""

    id: int
    public_id: str
    course_id: int
    registration_id: int
    title: str
    course_title: str
    set_up: SetUp
    line_item: str
    resource_link: str
    milestones: Milestones = NO_MILESTONES
    dates: Dates = NO_DATES
    points: int | None = None
    grade_parts: GradeParts = GradeParts.WHOLE

    @property
    def has_column(self) -> bool:
        """Whether grades go anywhere: to a column of the whole, or to those of its domains."""
        return bool(self.line_item) or self.grade_parts is GradeParts.DOMAINS


@dataclass(frozen=True, slots=True)
class LearnerRow:
    """A learner of a course. Without `last_seen_at` they are on its roster and never came."""

    person_id: int
    public_id: str
    name: str
    last_seen_at: datetime | None
    active: bool
    groups: tuple[str, ...] = ()


_DATES = tuple(one.name for one in fields(Dates))
_PLACEMENT = select(
    Placement.id,
    Placement.public_id,
    Placement.course_id,
    Course.registration_id,
    Placement.title,
    Course.title.label("course_title"),
    Placement.instrument,
    Placement.domains,
    Placement.grade_rule,
    Placement.line_item,
    Placement.resource_link,
    Placement.snapshot_on,
    Placement.asks_looking_back,
    Placement.points,
    Placement.grade_parts,
    *(getattr(Placement, name) for name in _DATES),
    *(getattr(PlannedPlacement, name).label(f"planned_{name}") for name in _DATES),
).join(Course, Course.id == Placement.course_id)
# What was planned for another course, as when this one is a copy, says nothing of its dates.
_PLACEMENT = _PLACEMENT.outerjoin(
    PlannedPlacement,
    (PlannedPlacement.public_id == Placement.planned)
    & (PlannedPlacement.course_id == Placement.course_id),
)


def _placement(row: object, own: OwnDates | None = None) -> PlacementView:
    r = row._mapping  # type: ignore[attr-defined]  # noqa: SLF001 - a row's public mapping
    return PlacementView(
        id=r["id"],
        public_id=r["public_id"],
        course_id=r["course_id"],
        registration_id=r["registration_id"],
        title=r["title"],
        course_title=r["course_title"],
        set_up=SetUp(r["instrument"], tuple(r["domains"]), GradeRule(r["grade_rule"])),
        line_item=r["line_item"],
        resource_link=r["resource_link"],
        milestones=Milestones(r["snapshot_on"], r["asks_looking_back"]),
        dates=own_dates_at(own, r["id"])
        .or_else(Dates(*(r[name] for name in _DATES)))
        .or_else(Dates(*(r[f"planned_{name}"] for name in _DATES))),
        points=r["points"],
        grade_parts=GradeParts(r["grade_parts"]),
    )


def placement_for(session: Session, actor: Actor, public_id: str) -> PlacementView:
    """Returns a placement of the actor's course; raises `NotFound` for any other.

    A learner reads the dates that hold for them, others those that hold for everybody.
    """
    row = session.execute(
        _PLACEMENT.add_columns(Membership.own_dates)
        .outerjoin(Membership, Membership.id == actor.membership_id)
        .where(Placement.public_id == public_id, Placement.course_id == actor.course_id)
    ).first()
    if row is None:
        raise NotFound(N_("This activity is not in your course."), code="placement-unknown")
    return _placement(row, row.own_dates if actor.is_learner else None)


def placements_of_course(session: Session, actor: Actor) -> list[PlacementView]:
    """Returns the placements of the actor's course, oldest first."""
    rows = session.execute(
        _PLACEMENT.where(Placement.course_id == actor.course_id).order_by(Placement.id)
    )
    return [_placement(row) for row in rows]


def placement_of_course(session: Session, placement_id: int) -> PlacementView:
    """Returns one placement by its number, for the machinery that has checked the way to it."""
    return _placement(session.execute(_PLACEMENT.where(Placement.id == placement_id)).one())


def placements_with_instrument(
    session: Session, person_id: int, instrument: str
) -> list[PlacementView]:
    """Returns every placement of an instrument in the courses where the person learns.

    A course whose roster has them, and to which they never came, is none of these.
    """
    rows = session.execute(
        _PLACEMENT.join(Membership, Membership.course_id == Placement.course_id).where(
            Placement.instrument == instrument,
            Membership.person_id == person_id,
            Membership.active,
            Membership.last_seen_at.is_not(None),
            Membership.roles.contains(Role.LEARNER.value),
        )
    )
    return [_placement(row) for row in rows]


def subject_of(session: Session, person_id: int, course_id: int) -> str | None:
    """Returns how the LMS of a course calls the person (`sub`), or None outside that course."""
    return session.execute(
        select(Identity.subject)
        .join(Membership, Membership.identity_id == Identity.id)
        .where(Membership.person_id == person_id, Membership.course_id == course_id)
    ).scalar_one_or_none()


def learners_of_course(session: Session, actor: Actor) -> list[LearnerRow]:
    """Returns the learners of the actor's course, by name."""
    rows = session.execute(
        select(Person.id, Person.public_id, Person.name, Membership.last_seen_at, Membership.active)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.course_id == actor.course_id,
            Membership.roles.contains(Role.LEARNER.value),
        )
    )
    learners = [
        LearnerRow(r.id, r.public_id, display_name(r.name, r.public_id), r.last_seen_at, r.active)
        for r in rows
    ]
    return sorted(learners, key=lambda learner: learner.name.casefold())


def learner_of_course(session: Session, actor: Actor, public_id: str) -> LearnerRow:
    """Returns one learner of the actor's course; raises `NotFound` for anyone else."""
    row = session.execute(
        select(Person.id, Person.public_id, Person.name, Membership.last_seen_at, Membership.active)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.course_id == actor.course_id,
            Person.public_id == public_id,
            Membership.roles.contains(Role.LEARNER.value),
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such learner in your course."), code="learner-unknown")
    name = display_name(row.name, row.public_id)
    return LearnerRow(row.id, row.public_id, name, row.last_seen_at, row.active)


def learners_of_placement(session: Session, placement: PlacementView) -> list[int]:
    """Returns the numbers of everyone who is a learner where the placement is, and has come."""
    return list(
        session.execute(
            select(Membership.person_id).where(
                Membership.course_id == placement.course_id,
                Membership.active,
                Membership.last_seen_at.is_not(None),
                Membership.roles.contains(Role.LEARNER.value),
            )
        ).scalars()
    )


def administrators_of(session: Session, organisation_id: int) -> list[int]:
    """Returns the numbers of the people who administer an organisation, in any of its courses.

    Who came as one and stood on no roster counts: an LMS's own administrators are enrolled in no
    course. Who was on a roster and is on none any more does not.
    """
    rows = session.execute(
        select(Membership.person_id)
        .join(Course, Course.id == Membership.course_id)
        .where(
            Course.organisation_id == organisation_id,
            Membership.active | Membership.listed_at.is_(None),
            Membership.roles.contains(Role.ADMINISTRATOR.value),
        )
        .distinct()
    )
    return sorted(rows.scalars())


def organisation_names(session: Session) -> dict[int, str]:
    """Returns every organisation's name by id, for the operator."""
    rows = session.execute(select(Organisation.id, Organisation.name))
    return {row.id: row.name for row in rows}

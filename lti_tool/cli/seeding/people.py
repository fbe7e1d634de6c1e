"""Rows of courses with a placement each, and of people in them. Pure."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from lti_tool.cli.seeding.plan import INSTRUMENT, Chance, Size
from lti_tool.cli.seeding.texts import Writer
from lti_tool.competencies.models import Instrument
from lti_tool.courses.rules import GradeRule
from lti_tool.kernel.actor import Role

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Blob:
    """One content that every file of the set shares."""

    digest: str
    size: int
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What the set stands on: an organisation with its registration, its portfolio, shared bytes."""

    organisation_id: int
    registration_id: int
    asked: Instrument
    picture: Blob
    document: Blob


@dataclass(frozen=True, slots=True)
class Course:
    """A course with the placement of its portfolio."""

    id: int
    placement_id: int


@dataclass(frozen=True, slots=True)
class Someone:
    """A person in a course."""

    id: int
    name: str
    course: Course


@dataclass(frozen=True, slots=True)
class Assessing:
    """An assessor with their person."""

    id: int
    public_id: str
    person_id: int


@dataclass
class Pen:
    """What every part of the set is written with: chance, texts, the ground, and rows by table."""

    ground: Ground
    size: Size
    chance: Chance
    writer: Writer
    rows: dict[str, list[Values]] = field(default_factory=lambda: defaultdict(list))

    def add(self, table: str, **values: Any) -> int:
        """Notes a row, and returns its number."""
        number = self.chance.number(table)
        self.rows[table].append({"id": number} | values)
        return number

    def taken(self) -> dict[str, list[Values]]:
        """Returns the rows so far, in the order in which tables were first written to."""
        found, self.rows = self.rows, defaultdict(list)
        return found


def add_course(pen: Pen, title: str) -> Course:
    """A course whose one link is the portfolio. It has no gradebook: nothing is ever sent."""
    chance = pen.chance
    course_id = pen.add(
        "courses",
        organisation_id=pen.ground.organisation_id,
        registration_id=pen.ground.registration_id,
        deployment="1",
        context=chance.public_id(),
        title=title,
        label=title[:20],
        memberships_url="",
        groups_url="",
        group_sets_url="",
    )
    placement_id = pen.add(
        "placements",
        public_id=chance.public_id(),
        course_id=course_id,
        resource_link=chance.public_id(),
        title="Portfolio",
        instrument=INSTRUMENT,
        domains=[],
        grade_rule=GradeRule.COMPLETION.value,
        line_item="",
        line_items="",
        scopes="",
        set_up_by="hand",
        snapshot_on=None,
        asks_looking_back=False,
        grade_parts="whole",
        planned="",
        points=None,
        set_up_at=chance.now,
        available_from=None,
        available_until=None,
        submission_from=None,
        due_at=None,
    )
    return Course(course_id, placement_id)


def add_person(pen: Pen, course: Course, *roles: Role) -> Someone:
    """A person with an identity and a membership; they came some time in the last year."""
    chance, name = pen.chance, pen.writer.name()
    came = chance.days_ago(30, 360)
    person_id = pen.add(
        "people",
        public_id=chance.public_id(),
        organisation_id=pen.ground.organisation_id,
        name=name,
        email="",
        created_at=came,
    )
    identity_id = pen.add(
        "identities",
        registration_id=pen.ground.registration_id,
        subject=chance.public_id(),
        person_id=person_id,
    )
    pen.add(
        "memberships",
        public_id=chance.public_id(),
        course_id=course.id,
        person_id=person_id,
        identity_id=identity_id,
        roles=",".join(sorted(role.value for role in roles)),
        active=True,
        first_seen_at=came,
        last_seen_at=chance.days_ago(0, 30),
        listed_at=None,
        listed_roles="",
        groups=[],
        sees=None,
        own_dates=None,
    )
    return Someone(person_id, name, course)


def add_assessor(pen: Pen, course: Course, number: int) -> Assessing:
    """An assessor of every level; one in ten settles what two readers differ on."""
    chance = pen.chance
    person = add_person(pen, course, Role.TUTOR)
    public_id = chance.public_id()
    assessor_id = pen.add(
        "assessors",
        public_id=public_id,
        organisation_id=pen.ground.organisation_id,
        person_id=person.id,
        levels=[1, 2, 3],
        capacity=200,
        moderates=number % 10 == 0,
        active=True,
        away_until=None,
        appointed_at=chance.days_ago(360, 400),
        appointed_by=None,
        changed_at=chance.days_ago(300, 360),
    )
    return Assessing(assessor_id, public_id, person.id)

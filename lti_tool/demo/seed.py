"""The invented people, courses and placements that the LMS starts with. All ids are fixed."""

import hashlib
import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.demo.database import Base
from lti_tool.demo.models import (
    AccessToken,
    Course,
    CourseRole,
    LineItem,
    Membership,
    Person,
    Placement,
    SigningKey,
    SpentAssertion,
)
from lti_tool.demo.registration import CLIENT_ID
from lti_tool.demo.service_models import Group, GroupMember, NoticeHandler

IMH101 = 2
IMH201 = 3
REVIEWERS = 4

# key, given name, family name, and the full name where it is not the two in that order
PEOPLE: Sequence[tuple[int, str, str, str, str | None]] = (
    (3, "amina", "Amina", "O'Brien-Żółć", None),
    (4, "cerys", "Cerys", "Llŷr", None),
    (5, "yusuf", "يوسف", "الخطيب", None),
    (6, "meilin", "美琳", "陈", "陈美琳"),
    (7, "oluwaseun", "Oluwaseun", "Adébáyò", None),
    (8, "siobhan", "Siobhán", "Nic Dhonnchaidh", None),
    (9, "harpreet", "Harpreet", "Dhillon", None),
    (10, "morag", "Morag", "Sinclair", None),
    (11, "gethin", "Gethin", "Prys-Jones", None),
    (12, "rhiannon", "Rhiannon", "Vaughan", None),
    (13, "babajide", "Babajide", "Adeyemi-Cole", None),
    (14, "noor", "Noor", "van der Berg", None),
)
ADMINISTRATOR = "gethin"

COURSES: Sequence[tuple[int, str, str]] = (
    (IMH101, "IMH101", "Foundations of infant mental health"),
    (IMH201, "IMH201", "Supporting early relationships"),
    (REVIEWERS, "IMHREV", "The peer reviewers' room"),
)

# Harpreet teaches the second course and learns in the first: roles belong to a course. Who shall
# review portfolios teaches neither: nobody assesses their own learners.
MEMBERS: dict[int, dict[CourseRole, tuple[str, ...]]] = {
    IMH101: {
        CourseRole.LEARNER: (
            *("amina", "cerys", "yusuf", "meilin", "oluwaseun", "siobhan"),
            "harpreet",
        ),
        CourseRole.TUTOR: ("morag",),
    },
    IMH201: {
        CourseRole.LEARNER: ("amina", "cerys", "siobhan"),
        CourseRole.TUTOR: ("harpreet", "morag"),
    },
    REVIEWERS: {
        CourseRole.TUTOR: ("rhiannon", "babajide", "noor"),
    },
}

# placement id, line item id, course, title, description, custom parameters
PLACEMENTS: Sequence[tuple[int, int, int, str, str, dict[str, str]]] = (
    (
        *(11, 31, IMH101, "Level 1 self-assessment"),
        "Where you stand in each competency at Level 1, before the course begins.",
        {"instrument": "self-assessment-1", "grade": "completion"},
    ),
    (
        *(12, 32, IMH101, "Domains 1 and 2 only"),
        "A shorter look at the first two domains.",
        {"instrument": "self-assessment-1", "domains": "1,2", "grade": "achieved"},
    ),
    (
        *(13, 33, IMH101, "Not set up yet"),
        "The tool was added here, and nobody has said yet what it should show.",
        {},
    ),
    (
        *(21, 41, IMH201, "Where am I now? Level 1"),
        "The same self-assessment again, a year later.",
        {"instrument": "self-assessment-1", "grade": "completion"},
    ),
    (
        *(22, 42, IMH201, "Level 2 self-assessment"),
        "For regulated practitioners who work on their own.",
        {"instrument": "self-assessment-2", "grade": "completion"},
    ),
    (
        *(23, 43, IMH201, "Level 3 self-assessment"),
        "For those who lead, train and supervise.",
        {"instrument": "self-assessment-3", "grade": "achieved"},
    ),
    (
        *(24, 44, IMH201, "Portfolio, Level 1"),
        "For students and practitioners who work under supervision.",
        {"instrument": "portfolio-1", "grade": "achieved"},
    ),
    (
        *(25, 45, IMH201, "Portfolio, Level 2"),
        "For regulated practitioners who work on their own.",
        {"instrument": "portfolio-2", "grade": "achieved"},
    ),
    (
        *(26, 46, IMH201, "Portfolio, Level 3"),
        "For those who lead, train and supervise. Two assessors read it.",
        {"instrument": "portfolio-3", "grade": "achieved"},
    ),
    (
        *(51, 61, REVIEWERS, "Reading portfolios"),
        "Where assessors come in: their desk is a step from here.",
        {"instrument": "portfolio-1", "grade": "none"},
    ),
)

# group id, course, name, the set that it belongs to, members
GROUPS: Sequence[tuple[int, int, str, str, tuple[str, ...]]] = (
    (1, IMH101, "Monday tutorial", "Tutorials", ("amina", "cerys", "yusuf")),
    (2, IMH101, "Thursday tutorial", "Tutorials", ("meilin", "harpreet")),
    (3, IMH101, "Health visitors", "", ("amina", "meilin")),
)

_KEPT_BY_RESET = {
    SigningKey.__table__,
    AccessToken.__table__,
    SpentAssertion.__table__,
    NoticeHandler.__table__,
}
_GIVEN = ("Aisha", "Bronwen", "Callum", "Dilys", "Ewan", "Farah", "Grace", "Hamza", "Isla", "Jin")
_FAMILY = ("Ahmed", "Boyle", "Cameron", "Davies", "Evans", "Okafor", "Patel", "Quinn", "Rossi")


def seed(session: Session) -> None:
    """Fills an empty database; does nothing when there are people already."""
    if session.scalar(select(func.count()).select_from(Person)):
        return
    _add_people(session)
    session.flush()
    _add_courses(session)
    session.flush()
    _add_placements(session)
    _add_groups(session)


def reseed(session: Session) -> None:
    """Removes all courses, people and grades, and fills the database anew.

    Keys, access tokens and addresses for notices stay: a tool that has them cached, or thinks
    that its own are kept here, need not notice.
    """
    for table in reversed(Base.metadata.sorted_tables):
        if table not in _KEPT_BY_RESET:
            session.execute(table.delete())
    session.expunge_all()
    seed(session)


def new_person(number: int, key: str, given: str, family: str, full: str | None = None) -> Person:
    """Returns a person with the identifier of each profile, the same in every database."""
    return Person(
        id=number,
        key=key,
        given_name=given,
        family_name=family,
        full_name=full or f"{given} {family}",
        email=f"{key}@larkfield.example",
        opaque_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"larkfield/people/{key}")),
        pairwise_id=hashlib.sha256(f"{CLIENT_ID}/{key}".encode()).hexdigest()[:40],
        is_administrator=key == ADMINISTRATOR,
    )


def add_learners(session: Session, course_id: int, count: int) -> list[Person]:
    """Adds so many new learners to a course; returns them."""
    last = session.scalar(select(func.max(Person.id))) or 0
    people = [
        new_person(
            number,
            f"learner-{number}",
            _GIVEN[number % len(_GIVEN)],
            f"{_FAMILY[number % len(_FAMILY)]} {number}",
        )
        for number in range(last + 1, last + 1 + count)
    ]
    session.add_all(people)
    session.flush()
    session.add_all(
        Membership(person_id=person.id, course_id=course_id, role=CourseRole.LEARNER)
        for person in people
    )
    return people


def _add_people(session: Session) -> None:
    session.add_all(new_person(*row) for row in PEOPLE)


def _add_courses(session: Session) -> None:
    numbers = {key: number for number, key, *_ in PEOPLE}
    for number, label, title in COURSES:
        opaque_id = hashlib.sha1(f"larkfield/{label}".encode(), usedforsecurity=False).hexdigest()
        session.add(Course(id=number, label=label, title=title, opaque_id=opaque_id))
    session.flush()
    session.add_all(
        Membership(person_id=numbers[key], course_id=course_id, role=role)
        for course_id, roles in MEMBERS.items()
        for role, keys in roles.items()
        for key in keys
    )


def _add_groups(session: Session) -> None:
    numbers = {key: number for number, key, *_ in PEOPLE}
    for group_id, course_id, name, kind, keys in GROUPS:
        session.add(Group(id=group_id, course_id=course_id, name=name, kind=kind))
        session.flush()
        session.add_all(GroupMember(group_id=group_id, person_id=numbers[key]) for key in keys)


def _add_placements(session: Session) -> None:
    for placement_id, item_id, course_id, title, description, custom in PLACEMENTS:
        placement = Placement(
            id=placement_id,
            course_id=course_id,
            title=title,
            description=description,
            custom=custom,
            opaque_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"larkfield/placements/{placement_id}")),
        )
        column = LineItem(
            id=item_id,
            course_id=course_id,
            placement_id=placement_id,
            label=title,
            score_maximum=100,
        )
        session.add_all((placement, column))

"""Who somebody is: by key, by course, and as the platform's services see them."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.models import Course, CourseRole, Membership, Person, Placement
from lti_tool.demo.platform.profile import Profile
from lti_tool.demo.platform.scoring import Standing
from lti_tool.kernel.errors import NotAllowed, NotFound


def person_called(session: Session, key: str) -> Person:
    """Returns a person by key; raises `NotFound`."""
    person = session.scalar(select(Person).where(Person.key == key))
    if person is None:
        raise NotFound(_("There is nobody called “%(key)s” in this LMS.", key=key))
    return person


def person_with_subject(session: Session, profile: Profile, user_id: str) -> Person | None:
    """Returns the person whom the tool knows by this identifier, or none."""
    column = profile.subject_column
    if column.type.python_type is int and not (user_id.isascii() and user_id.isdigit()):
        return None
    value = int(user_id) if column.type.python_type is int else user_id
    return session.scalar(select(Person).where(column == value))


def role_in(session: Session, person: Person, course: Course) -> CourseRole | None:
    """Returns what a person may do in a course; none when they are not in it."""
    membership = session.get(Membership, (person.id, course.id))
    if membership and membership.is_active:
        return membership.role
    return CourseRole.ADMINISTRATOR if person.is_administrator else None


def required_role(session: Session, person: Person, course: Course) -> CourseRole:
    """Returns what a person may do in a course; raises `NotAllowed` for who is not in it."""
    role = role_in(session, person, course)
    if role is None:
        raise NotAllowed(
            _("%(name)s is not in %(course)s.", name=person.full_name, course=course.label),
            advice=_("Act as somebody who is: the list is at the top of the page."),
        )
    return role


def standing_in(session: Session, person: Person | None, course_id: int) -> Standing:
    """Returns what a person is for grading; who was removed is nobody."""
    membership = session.get(Membership, (person.id, course_id)) if person else None
    if membership is None:
        return Standing.NOBODY
    if membership.role is not CourseRole.LEARNER:
        return Standing.TUTOR
    return Standing.LEARNER if membership.is_active else Standing.SUSPENDED


def teaches_anywhere(session: Session, person: Person) -> bool:
    """Whether a person is a tutor in some course."""
    taught = select(Membership).where(
        Membership.person_id == person.id, Membership.role == CourseRole.TUTOR
    )
    return session.scalar(taught.limit(1)) is not None


def course_numbered(session: Session, course_id: int) -> Course:
    """Returns a course that was not deleted; raises `NotFound`."""
    course = session.get(Course, course_id)
    if course is None or course.is_deleted:
        raise NotFound(_("There is no such course."))
    return course


def placement_numbered(session: Session, course_id: int, placement_id: int) -> Placement:
    """Returns a placement of a course; raises `NotFound`."""
    placement = session.get(Placement, placement_id)
    if placement is None or placement.course_id != course_id:
        raise NotFound(_("There is no such activity in this course."))
    return placement

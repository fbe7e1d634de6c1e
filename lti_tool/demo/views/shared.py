"""What every page needs: who is acting, and whom one may act as."""

from typing import Any

from flask import g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.lms import current_lms
from lti_tool.demo.models import Course, CourseRole, Person
from lti_tool.demo.people import course_numbered, person_called, required_role
from lti_tool.demo.platform.storage_pages import message_facts

COOKIE = "lms_user"
FIRST_PERSON = "amina"
# Thousands of learners may be added for a test; a menu of them would help nobody.
LONGEST_MENU = 24


def acting_person(session: Session) -> Person:
    """Returns who acts: by `?as=`, by cookie, else the first learner.

    Raises `NotFound` when `?as=` names nobody; a cookie that does is ignored.
    """
    wanted = request.args.get("as")
    person = person_called(session, wanted) if wanted else None
    if person is None:
        by_cookie = select(Person).where(Person.key == request.cookies.get(COOKIE, ""))
        person = session.scalar(by_cookie) or person_called(session, FIRST_PERSON)
    # By its key: the person does not outlive a transaction that is rolled back.
    g.acting_key = person.key
    return person


def entered_course(session: Session, course_id: int) -> tuple[Course, Person, CourseRole]:
    """Returns a course, who acts, and as what; raises `NotAllowed` for who is not in it."""
    person = acting_person(session)
    course = course_numbered(session, course_id)
    return course, person, required_role(session, person, course)


def page_context() -> dict[str, Any]:
    """Returns what the frame of every page shows."""
    lms = current_lms()
    with lms.database.reading() as session:
        key = g.get("acting_key") or request.cookies.get(COOKIE, "")
        acting = session.scalar(select(Person).where(Person.key == key))
        acting = acting or session.scalar(select(Person).where(Person.key == FIRST_PERSON))
        people = list(session.scalars(select(Person).order_by(Person.id).limit(LONGEST_MENU)))
    if acting not in people and acting is not None:
        people.append(acting)
    return {
        "acting": acting,
        "people": people,
        "switches": lms.switchboard.current,
        "faults_on": lms.faults.listed(),
        "messages": message_facts(lms),
        "framed": request.headers.get("Sec-Fetch-Dest") == "iframe",
    }

"""What a tutor does on the page of people: enrol, suspend, remove, and take it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.demo.lms import current_lms
from lti_tool.demo.models import CourseRole, Membership, Person
from lti_tool.demo.people import person_called
from lti_tool.demo.service_models import Group, GroupMember
from lti_tool.demo.views.shared import LONGEST_MENU, entered_course
from lti_tool.kernel.errors import InvalidInput, NotAllowed, NotFound

ROLES = {
    "learner": (CourseRole.LEARNER, True),
    "tutor": (CourseRole.TUTOR, True),
    "assistant": (CourseRole.TUTOR, False),
}
CHANGES = ("suspend", "resume", "remove")


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody of the LMS who is not in the course."""

    key: str
    name: str


def enrol_person(course_id: int) -> Response:
    """Enrols somebody, or gives them another role."""
    with current_lms().database.writing() as session:
        _enter(session, course_id)
        person = person_called(session, request.form.get("person", ""))
        try:
            role, edits = ROLES[request.form.get("role", "learner")]
        except KeyError:
            raise InvalidInput(_("There is no such role.")) from None
        known = session.get(Membership, (person.id, course_id))
        if known is None:
            known = Membership(person_id=person.id, course_id=course_id)
            session.add(known)
        known.role, known.is_active, known.does_not_edit = role, True, not edits
    return _back(course_id)


def change_person(course_id: int, key: str) -> Response:
    """Suspends somebody, takes that back, or removes them from the course."""
    wanted = request.form.get("do", "")
    if wanted not in CHANGES:
        raise InvalidInput(_("There is no such change."))
    with current_lms().database.writing() as session:
        acting = _enter(session, course_id)
        person = person_called(session, key)
        known = session.get(Membership, (person.id, course_id))
        if known is None:
            raise NotFound(_("There is no such person in this course."))
        if person.id == acting.id:
            raise NotAllowed(
                _("You cannot do that to yourself."),
                advice=_("Act as somebody else who teaches here."),
            )
        if wanted == "remove":
            session.delete(known)
        else:
            known.is_active = wanted == "resume"
    return _back(course_id)


def outsiders(session: Session, course_id: int) -> Sequence[Outsider]:
    """Returns the first few people who are not in a course."""
    inside = select(Membership.person_id).where(Membership.course_id == course_id)
    people = session.scalars(
        select(Person).where(Person.id.not_in(inside)).order_by(Person.id).limit(LONGEST_MENU)
    )
    return [Outsider(person.key, person.full_name) for person in people]


def group_names(session: Session, course_id: int) -> dict[int, list[str]]:
    """Returns the names of everybody's groups in a course, by person."""
    rows = session.execute(
        select(GroupMember.person_id, Group.name)
        .join(Group, Group.id == GroupMember.group_id)
        .where(Group.course_id == course_id)
        .order_by(Group.id)
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row.name)
    return found


def _enter(session: Session, course_id: int) -> Person:
    _here, person, role = entered_course(session, course_id)
    if role in (CourseRole.LEARNER, CourseRole.OBSERVER):
        raise NotAllowed(
            _("Learners do not change who is in a course."),
            advice=_("Act as somebody who teaches here."),
        )
    return person


def _back(course_id: int) -> Response:
    return redirect(url_for("pages.people", course_id=course_id), 303)

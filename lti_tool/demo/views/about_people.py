"""Opening the tool about a person; observers; and people whose identifier changes."""

import secrets
import uuid

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.lms import current_lms
from lti_tool.demo.models import Course, CourseRole, LineItem, Membership, Person, Placement
from lti_tool.demo.people import course_numbered, person_called, role_in
from lti_tool.demo.platform.launches import Opening
from lti_tool.demo.platform.oidc import initiate, send_form
from lti_tool.demo.views.bodies import body, whole_number
from lti_tool.demo.views.shared import acting_person, entered_course
from lti_tool.kernel.errors import InvalidInput, NotAllowed, NotFound

LOOKERS_ON = (CourseRole.LEARNER, CourseRole.OBSERVER)


def add_rules(blueprint: Blueprint) -> None:
    """Adds the addresses of the pages."""
    people = "/courses/<int:course_id>/people/<key>"
    blueprint.add_url_rule(
        "/courses/<int:course_id>/grades/<int:item_id>/<key>/review", view_func=review
    )
    blueprint.add_url_rule("/privacy", view_func=privacy)
    blueprint.add_url_rule(f"{people}/observer", view_func=add_observer, methods=["POST"])
    blueprint.add_url_rule(f"{people}/identifier", view_func=renew, methods=["POST"])


def add_control_rules(blueprint: Blueprint) -> None:
    """Adds the addresses for tests."""
    blueprint.add_url_rule("/observers", view_func=control_observer, methods=["POST"])
    blueprint.add_url_rule(
        "/people/<key>/identifier", view_func=control_identifier, methods=["POST"]
    )


def review(course_id: int, item_id: int, key: str) -> AnyResponse:
    """Opens somebody's work in the tool, from their cell of the gradebook."""
    lms = current_lms()
    with lms.database.writing() as session:
        _course, person, role = entered_course(session, course_id)
        about = person_called(session, key)
        item = session.get(LineItem, item_id)
        if not lms.profile.opens_reviews or item is None or item.course_id != course_id:
            raise NotFound(_("There is nothing to open for this cell."))
        if item.placement is None:
            raise NotFound(_("This column belongs to no activity."))
        if role in LOOKERS_ON and about.id != person.id:
            raise NotAllowed(_("You can open your own work."))
        opening = Opening(person, item.placement, "window", about, item)
        form = initiate(lms, session, opening, lms.switchboard.current.initiate_by)
    return send_form(form)


def privacy() -> AnyResponse:
    """Asks the tool what it holds about oneself; an administrator may ask about another."""
    lms = current_lms()
    with lms.database.writing() as session:
        person = acting_person(session)
        about = person_called(session, request.args.get("about", person.key))
        if not lms.profile.asks_about_privacy:
            raise NotFound(_("This LMS does not ask tools what they hold."))
        if about.id != person.id and not person.is_administrator:
            raise NotAllowed(_("You can ask about yourself."))
        opening = Opening(person, _any_placement(session, person), "window", about)
        form = initiate(lms, session, opening, lms.switchboard.current.initiate_by)
    return send_form(form)


def add_observer(course_id: int, key: str) -> AnyResponse:
    """Adds somebody to a course who looks on for one learner, such as a parent."""
    with current_lms().database.writing() as session:
        _teaching(session, course_id)
        _observer_of(session, course_id, person_called(session, key))
    return redirect(url_for("pages.people", course_id=course_id), 303)


def renew(course_id: int, key: str) -> AnyResponse:
    """Gives somebody a new identifier, as when accounts are put together."""
    with current_lms().database.writing() as session:
        _teaching(session, course_id)
        _renew(person_called(session, key))
    return redirect(url_for("pages.people", course_id=course_id), 303)


def control_observer() -> Response:
    """Adds an observer of the person `of` to `course`; returns the observer's key."""
    sent = body()
    with current_lms().database.writing() as session:
        course = course_numbered(session, whole_number(sent, "course"))
        key = _observer_of(session, course.id, person_called(session, str(sent.get("of", ""))))
    return jsonify({"key": key})


def control_identifier(key: str) -> Response:
    """Gives somebody new identifiers; returns the present profile's."""
    lms = current_lms()
    with lms.database.writing() as session:
        person = person_called(session, key)
        _renew(person)
        return jsonify({"user_id": lms.profile.subject(person)})


def _observer_of(session: Session, course_id: int, learner: Person) -> str:
    key = f"{learner.key}-parent"
    person = session.scalar(select(Person).where(Person.key == key))
    if person is None:
        number = (session.scalar(select(func.max(Person.id))) or 0) + 1
        person = Person(
            id=number,
            key=key,
            given_name="A parent",
            family_name=learner.family_name,
            full_name=f"A parent of {learner.given_name}",
            email=f"{key}@larkfield.example",
            opaque_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"larkfield/people/{key}")),
            pairwise_id=secrets.token_hex(16),
        )
        session.add(person)
        session.flush()
    membership = session.get(Membership, (person.id, course_id))
    if membership is None:
        session.add(
            Membership(
                person_id=person.id,
                course_id=course_id,
                role=CourseRole.OBSERVER,
                observes=[learner.key],
            )
        )
    return key


def _renew(person: Person) -> None:
    """Moodle's identifier is the number of an account, which never changes: the others do."""
    person.opaque_id = str(uuid.uuid4())
    person.pairwise_id = secrets.token_hex(16)


def _teaching(session: Session, course_id: int) -> None:
    if entered_course(session, course_id)[2] in LOOKERS_ON:
        raise NotAllowed(_("Only tutors change who is in a course."))


def _any_placement(session: Session, person: Person) -> Placement:
    """A login needs one; the message that follows says nothing of it."""
    for placement in session.scalars(select(Placement).order_by(Placement.id)):
        course = session.get(Course, placement.course_id)
        if course is not None and not course.is_deleted and role_in(session, person, course):
            return placement
    raise InvalidInput(_("This person is in no course with an activity."))

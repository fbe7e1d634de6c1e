"""What a tutor does to a course: adds activities by picking, copies, dates and removes them."""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.copies import (
    copy_course,
    copy_placement,
    course_ancestors,
    remove_placement,
)
from lti_tool.demo.guard import refuse_other_sites, refuse_strangers
from lti_tool.demo.lms import current_lms
from lti_tool.demo.models import Course, CourseRole, Person
from lti_tool.demo.people import placement_numbered
from lti_tool.demo.platform.notices import announce_copy
from lti_tool.demo.platform.oidc import initiate_pick, send_form
from lti_tool.demo.platform.picks import Asking
from lti_tool.demo.views.shared import entered_course
from lti_tool.kernel.errors import InvalidInput, NotAllowed

DATES = ("available_from", "available_until", "submission_from", "due_at")


def adding_blueprint() -> Blueprint:
    """Returns these pages, ready to be registered."""
    blueprint = Blueprint("adding", __name__, url_prefix="/courses/<int:course_id>")
    blueprint.before_request(refuse_strangers)
    blueprint.before_request(refuse_other_sites)
    item = "/items/<int:item_id>"
    blueprint.add_url_rule("/add", view_func=add)
    blueprint.add_url_rule("/add/launch", view_func=launch)
    blueprint.add_url_rule("/copy", view_func=copy, methods=["POST"])
    for name, view in (("duplicate", duplicate), ("dates", dates), ("remove", remove)):
        blueprint.add_url_rule(f"{item}/{name}", view_func=view, methods=["POST"])
    return blueprint


def add(course_id: int) -> str:
    """The tool's picker in a frame; where the LMS has several places to pick, a choice first."""
    with current_lms().database.reading() as session:
        here, _person, role = _taught(session, course_id)
    places = current_lms().profile.pick_places
    place = request.args.get("place", places[0] if len(places) == 1 else None)
    return render_template("demo/add.html", course=here, role=role, places=places, place=place)


def launch(course_id: int) -> Response:
    """Begins a deep linking request, as `as`, from the `place` of the LMS."""
    lms = current_lms()
    place = request.args.get("place", lms.profile.pick_places[0])
    if place not in lms.profile.pick_places:
        raise InvalidInput(_("This LMS has no such place to add activities."))
    method = request.args.get("initiate_by", lms.switchboard.current.initiate_by)
    with lms.database.writing() as session:
        # Who does not teach can still send such a request by hand: the tool has to refuse it.
        here, person, _role = entered_course(session, course_id)
        asking = Asking(person, here, place)
        form = initiate_pick(lms, session, asking, "GET" if method == "GET" else "POST")
    return send_form(form)


def copy(course_id: int) -> AnyResponse:
    """Makes a new course of this one, with its activities and without its people and grades."""
    with current_lms().database.writing() as session:
        here, person, _role = _taught(session, course_id)
        made = copy_course(session, here, person)
        origins = course_ancestors(session, made)
    announce_copy(current_lms(), made, origins)
    return redirect(url_for("pages.course", course_id=made.id), 303)


def duplicate(course_id: int, item_id: int) -> AnyResponse:
    """Makes a second activity of one, in the same course."""
    with current_lms().database.writing() as session:
        _taught(session, course_id)
        original = placement_numbered(session, course_id, item_id)
        copy_placement(session, original, course_id, _("%(title)s (copy)", title=original.title))
    return _back(course_id)


def dates(course_id: int, item_id: int) -> AnyResponse:
    """Sets the dates of an activity, in UTC; an empty one is taken away."""
    with current_lms().database.writing() as session:
        _taught(session, course_id)
        placement = placement_numbered(session, course_id, item_id)
        for name in DATES:
            if name in request.form:
                setattr(placement, name, _moment(request.form[name]))
    return _back(course_id)


def remove(course_id: int, item_id: int) -> AnyResponse:
    """Takes an activity out of the course, with its column."""
    with current_lms().database.writing() as session:
        _taught(session, course_id)
        remove_placement(session, placement_numbered(session, course_id, item_id))
    return _back(course_id)


def _taught(session: Session, course_id: int) -> tuple[Course, Person, CourseRole]:
    here, person, role = entered_course(session, course_id)
    if role in (CourseRole.LEARNER, CourseRole.OBSERVER):
        raise NotAllowed(
            _("Only tutors change a course."),
            advice=_("Act as a tutor of this course: the list is at the top of the page."),
        )
    return here, person, role


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(_("This is no date.")) from None


def _back(course_id: int) -> AnyResponse:
    return redirect(url_for("pages.course", course_id=course_id), 303)

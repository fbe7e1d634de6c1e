"""The pages that people see: courses, activities, grades, participants."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.guard import refuse_other_sites, refuse_strangers
from lti_tool.demo.lms import current_lms
from lti_tool.demo.models import Course, CourseRole, LineItem, Membership, Person, Placement
from lti_tool.demo.overriding import override, take_back
from lti_tool.demo.people import person_called, placement_numbered, role_in
from lti_tool.demo.platform.launches import Opening
from lti_tool.demo.platform.oidc import initiate, send_form
from lti_tool.demo.platform.scoring import read_number
from lti_tool.demo.views import about_people
from lti_tool.demo.views.enrolling import (
    change_person,
    enrol_person,
    group_names,
    outsiders,
)
from lti_tool.demo.views.gradebook import gradebook, own_grades
from lti_tool.demo.views.shared import (
    COOKIE,
    LONGEST_MENU,
    acting_person,
    entered_course,
)
from lti_tool.kernel.errors import InvalidInput, NotAllowed, NotFound

TARGETS = ("iframe", "window")


def pages_blueprint() -> Blueprint:
    """Returns the pages, ready to be registered."""
    blueprint = Blueprint("pages", __name__)
    blueprint.before_request(refuse_strangers)
    blueprint.before_request(refuse_other_sites)
    item = "/courses/<int:course_id>/items/<int:item_id>"
    blueprint.add_url_rule("/", view_func=home)
    blueprint.add_url_rule("/act-as", view_func=act_as, methods=["POST"])
    blueprint.add_url_rule("/courses/<int:course_id>", view_func=course)
    blueprint.add_url_rule("/courses/<int:course_id>/grades", view_func=grades)
    blueprint.add_url_rule(
        "/courses/<int:course_id>/grades/<int:item_id>/<key>", view_func=enter, methods=["POST"]
    )
    blueprint.add_url_rule("/courses/<int:course_id>/people", view_func=people)
    blueprint.add_url_rule(
        "/courses/<int:course_id>/people", view_func=enrol_person, methods=["POST"]
    )
    blueprint.add_url_rule(
        "/courses/<int:course_id>/people/<key>", view_func=change_person, methods=["POST"]
    )
    about_people.add_rules(blueprint)
    blueprint.add_url_rule(item, view_func=activity)
    blueprint.add_url_rule(f"{item}/launch", view_func=launch)
    blueprint.add_url_rule(f"{item}/return", view_func=returned)
    return blueprint


def home() -> str:
    """What this is, who I act as, and which courses there are for me."""
    with current_lms().database.reading() as session:
        person = acting_person(session)
        courses = session.scalars(
            select(Course).where(~Course.is_deleted).order_by(Course.id)
        ).all()
        mine = [(course, role_in(session, person, course)) for course in courses]
        cast_list = _who_is_who(session)
    return render_template(
        "demo/home.html",
        courses=[(c, role) for c, role in mine if role],
        labels={c.id: c.label for c in courses},
        profile=current_lms().profile,
        cast_list=cast_list,
    )


def act_as() -> AnyResponse:
    """Changes who acts, and goes back to where one was."""
    with current_lms().database.reading() as session:
        person = person_called(session, request.form.get("person", ""))
    back = urlsplit(request.form.get("back", "/"))
    is_here = back.path.startswith("/") and not back.netloc and not back.path.startswith("//")
    response = redirect(back.path if is_here else url_for("pages.home"))
    response.set_cookie(COOKIE, person.key, samesite="Lax", httponly=True)
    return response


def course(course_id: int) -> str:
    """The activities of a course."""
    with current_lms().database.reading() as session:
        here, person, role = entered_course(session, course_id)
        placements = session.scalars(
            select(Placement).where(Placement.course_id == course_id).order_by(Placement.id)
        ).all()
        mine = own_grades(session, course_id, person) if role is CourseRole.LEARNER else []
    return render_template(
        "demo/course.html",
        course=here,
        role=role,
        placements=placements,
        grades={item.placement_id: (item, cell) for item, cell in mine},
    )


def activity(course_id: int, item_id: int) -> str:
    """One activity: the tool, in a frame of the LMS's page."""
    with current_lms().database.reading() as session:
        here, person, role = entered_course(session, course_id)
        placement = placement_numbered(session, course_id, item_id)
    return render_template(
        "demo/activity.html", course=here, role=role, placement=placement, person=person
    )


def launch(course_id: int, item_id: int) -> Response:
    """Begins a launch: the form that goes to the tool's login address by itself.

    `as` says who opens it, `target` where it is shown, `initiate_by` whether by POST or GET.
    """
    lms = current_lms()
    target = request.args.get("target", "")
    method = request.args.get("initiate_by", lms.switchboard.current.initiate_by)
    with lms.database.writing() as session:
        _, person, _ = entered_course(session, course_id)
        opening = Opening(
            person=person,
            placement=placement_numbered(session, course_id, item_id),
            document_target=target if target in TARGETS else "iframe",
        )
        form = initiate(lms, session, opening, "GET" if method == "GET" else "POST")
    return send_form(form)


def returned(course_id: int, item_id: int) -> str:
    """Where the tool sends people back to, perhaps with a message (LTI core, section 5.4.4)."""
    with current_lms().database.reading() as session:
        here, _, role = entered_course(session, course_id)
        placement = placement_numbered(session, course_id, item_id)
    return render_template(
        "demo/returned.html",
        course=here,
        role=role,
        placement=placement,
        message=request.args.get("lti_msg"),
        problem=request.args.get("lti_errormsg"),
    )


def grades(course_id: int) -> str:
    """The gradebook: everybody's for who teaches, one's own for who learns.

    With `fragment` only the table, for the page that keeps itself up to date.
    """
    with current_lms().database.reading() as session:
        here, person, role = entered_course(session, course_id)
        only = person if role in about_people.LOOKERS_ON else None
        book = gradebook(session, course_id, only)
    name = "_grades" if "fragment" in request.args else "grades"
    return render_template(
        f"demo/{name}.html", course=here, role=role, book=book, profile=current_lms().profile
    )


def enter(course_id: int, item_id: int, key: str) -> AnyResponse:
    """Enters a tutor's own grade in a cell, or takes it back; then the gradebook again."""
    lms = current_lms()
    with lms.database.writing() as session:
        role = entered_course(session, course_id)[2]
        if role in about_people.LOOKERS_ON:
            raise NotAllowed(_("Only tutors change the gradebook."))
        item = session.get(LineItem, item_id)
        if item is None or item.course_id != course_id:
            raise NotFound(_("There is no such column in this course."))
        person = person_called(session, key)
        text = request.form.get("value", "").strip()
        if "take_back" in request.form:
            take_back(session, lms.profile, item, person)
        elif text:
            value = read_number(text)
            if value is None or not 0 <= value <= item.score_maximum:
                raise InvalidInput(
                    _("A grade is a number from 0 to %(most)s.", most=item.score_maximum)
                )
            override(session, item, person, value)
    return redirect(url_for("pages.grades", course_id=course_id), 303)


def people(course_id: int) -> str:
    """Who is in a course, as what; who teaches there changes it."""
    with current_lms().database.reading() as session:
        here, _, role = entered_course(session, course_id)
        members = session.scalars(
            select(Membership)
            .join(Membership.person)
            .where(Membership.course_id == course_id)
            .order_by(Membership.role.desc(), Person.family_name)
        ).all()
        groups = group_names(session, course_id)
        others = outsiders(session, course_id)
    return render_template(
        "demo/people.html",
        course=here,
        role=role,
        members=members,
        profile=current_lms().profile,
        groups=groups,
        outsiders=others,
    )


def _who_is_who(session: Session) -> list[tuple[Person, list[Membership]]]:
    """Returns the first few people, each with what they are in which course."""
    people = session.scalars(select(Person).order_by(Person.id).limit(LONGEST_MENU)).all()
    memberships = session.scalars(
        select(Membership).where(Membership.person_id.in_([person.id for person in people]))
    ).all()
    return [(person, [m for m in memberships if m.person_id == person.id]) for person in people]

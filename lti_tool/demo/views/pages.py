"""The pages that people see: courses, activities, grades, participants."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo.guard import refuse_other_sites, refuse_strangers
from lti_tool.demo.lms import current_lms
from lti_tool.demo.models import Course, CourseRole, Membership, Person, Placement
from lti_tool.demo.people import person_called, placement_numbered, role_in
from lti_tool.demo.platform.launches import Opening
from lti_tool.demo.platform.oidc import initiate, send_form
from lti_tool.demo.views.gradebook import gradebook, own_grades
from lti_tool.demo.views.shared import (
    COOKIE,
    LONGEST_MENU,
    acting_person,
    entered_course,
)

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
    blueprint.add_url_rule("/courses/<int:course_id>/people", view_func=people)
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
        only = person if role is CourseRole.LEARNER else None
        book = gradebook(session, course_id, only)
    name = "_grades" if "fragment" in request.args else "grades"
    return render_template(f"demo/{name}.html", course=here, role=role, book=book)


def people(course_id: int) -> str:
    """Who is in a course, as what."""
    with current_lms().database.reading() as session:
        here, _, role = entered_course(session, course_id)
        members = session.scalars(
            select(Membership)
            .join(Membership.person)
            .where(Membership.course_id == course_id)
            .order_by(Membership.role.desc(), Person.family_name)
        ).all()
    profile = current_lms().profile
    return render_template(
        "demo/people.html", course=here, role=role, members=members, profile=profile
    )


def _who_is_who(session: Session) -> list[tuple[Person, list[Membership]]]:
    """Returns the first few people, each with what they are in which course."""
    people = session.scalars(select(Person).order_by(Person.id).limit(LONGEST_MENU)).all()
    memberships = session.scalars(
        select(Membership).where(Membership.person_id.in_([person.id for person in people]))
    ).all()
    return [(person, [m for m in memberships if m.person_id == person.id]) for person in people]

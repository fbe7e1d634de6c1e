"""The control API's part for courses: learners, members, gradebook, deletions."""

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import (
    Course,
    CourseRole,
    GradebookCell,
    LineItem,
    Membership,
    Person,
    Placement,
)
from lti_tool.demo.overriding import damage, override, take_back
from lti_tool.demo.people import course_numbered, person_called
from lti_tool.demo.platform.grades import remove_line_item
from lti_tool.demo.seed import IMH101, add_learners
from lti_tool.demo.views.bodies import body, whole_number
from lti_tool.kernel.errors import InvalidInput, NotFound

MOST_LEARNERS = 20_000


def add_rules(blueprint: Blueprint) -> None:
    """Adds these addresses to the control API."""
    member = "/courses/<int:course_id>/members/<key>"
    for rule, view, methods in (
        ("/learners", learners, ["POST"]),
        ("/gradebook", gradebook, ["GET"]),
        ("/lineitems/<int:item_id>/cells/<key>", cell_of, ["PUT", "DELETE"]),
        (member, members, ["PUT", "DELETE"]),
        ("/courses/<int:course_id>", remove_course, ["DELETE"]),
        ("/lineitems/<int:item_id>", remove_item, ["DELETE"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)


def inventory(lms: Lms) -> dict[str, Any]:
    """Returns courses with their placements and line items, and all people."""
    profile = lms.profile
    with lms.database.reading() as session:
        courses = session.scalars(select(Course).order_by(Course.id)).all()
        people = session.scalars(select(Person).order_by(Person.id)).all()
        shown = [_course(lms, session, course) for course in courses]
    return {
        "courses": shown,
        "people": [
            {"key": person.key, "user_id": profile.subject(person), "name": person.full_name}
            for person in people
        ],
    }


def _course(lms: Lms, session: Session, course: Course) -> dict[str, Any]:
    profile = lms.profile
    where = profile.addresses(lms.settings.base_url)
    placements = select(Placement).where(Placement.course_id == course.id).order_by(Placement.id)
    return {
        "id": course.id,
        "label": course.label,
        "context_id": profile.context_id(course),
        "deployment_id": profile.deployment_id(course),
        "lineitems": where.lineitems(course.id),
        "memberships": where.memberships(course.id),
        "items": [
            {
                "id": placement.id,
                "title": placement.title,
                "resource_link": profile.link_id(placement),
                "line_items": [
                    where.lineitem(course.id, item_id)
                    for item_id in session.scalars(
                        select(LineItem.id).where(LineItem.placement_id == placement.id)
                    )
                ],
            }
            for placement in session.scalars(placements)
        ],
    }


def learners() -> Response:
    """Adds `count` learners to `course`, and lists them."""
    lms, sent = current_lms(), body()
    count = whole_number(sent, "count")
    if not 0 < count <= MOST_LEARNERS:
        raise InvalidInput(f"count is between 1 and {MOST_LEARNERS}.")
    with lms.database.writing() as session:
        course = course_numbered(session, whole_number(sent, "course", IMH101))
        people = add_learners(session, course.id, count)
    shown = [{"key": person.key, "user_id": lms.profile.subject(person)} for person in people]
    return jsonify({"learners": shown})


def gradebook() -> Response:
    """Lists every cell of a course that was ever written."""
    lms = current_lms()
    course_id = request.args.get("course", IMH101, type=int)
    query = (
        select(GradebookCell, LineItem)
        .join(LineItem, LineItem.id == GradebookCell.line_item_id)
        .where(LineItem.course_id == course_id)
        .order_by(LineItem.id, GradebookCell.person_id)
    )
    with lms.database.reading() as session:
        course_numbered(session, course_id)
        rows = session.execute(query).unique().all()
    return jsonify([_cell(lms, cell, item) for cell, item in rows])


def cell_of(item_id: int, key: str) -> Response:
    """PUT enters a tutor's `value` and perhaps `comment`; DELETE takes that back.

    With `damage` the cell is changed as by a restored backup: nobody overrode it.
    """
    lms, sent = current_lms(), body()
    value = sent.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise InvalidInput("value is a number, or null.")
    comment = sent.get("comment")
    with lms.database.writing() as session:
        item = session.get(LineItem, item_id)
        if item is None:
            raise NotFound("There is no such line item.")
        person = person_called(session, key)
        if request.method == "DELETE":
            take_back(session, lms.profile, item, person)
        elif sent.get("damage"):
            damage(session, item, person, value, comment)
        else:
            override(session, item, person, value, comment)
    return Response(status=204)


def members(course_id: int, key: str) -> Response:
    """PUT enrols a person, or changes `role`, `active` and `edits`; DELETE removes them."""
    lms, sent = current_lms(), body()
    with lms.database.writing() as session:
        course = course_numbered(session, course_id)
        person = person_called(session, key)
        place = (person.id, course.id)
        session.execute(
            delete(Membership).where(
                Membership.person_id == person.id, Membership.course_id == course.id
            )
        )
        if request.method == "PUT":
            role = _role(sent.get("role", "learner"))
            active = bool(sent.get("active", True))
            session.add(
                Membership(
                    person_id=place[0],
                    course_id=place[1],
                    role=role,
                    is_active=active,
                    does_not_edit=not sent.get("edits", True),
                )
            )
    return Response(status=204)


def remove_course(course_id: int) -> Response:
    """Deletes a course: its services answer 404 from now on."""
    with current_lms().database.writing() as session:
        course_numbered(session, course_id).is_deleted = True
    return Response(status=204)


def remove_item(item_id: int) -> Response:
    """Deletes a line item with its grades, as a tutor might in the LMS."""
    with current_lms().database.writing() as session:
        item = session.get(LineItem, item_id)
        if item is None:
            raise NotFound("There is no such line item.")
        remove_line_item(session, item)
    return Response(status=204)


def _role(name: object) -> CourseRole:
    if name not in (CourseRole.LEARNER, CourseRole.TUTOR):
        raise InvalidInput("role is learner or tutor.")
    return CourseRole(str(name))


def _cell(lms: Lms, cell: GradebookCell, item: LineItem) -> dict[str, Any]:
    profile = lms.profile
    where = profile.addresses(lms.settings.base_url)
    return {
        "user": cell.person.key,
        "user_id": profile.subject(cell.person),
        "line_item": where.lineitem(item.course_id, item.id),
        "line_item_id": item.id,
        "label": item.label,
        "resource_link": profile.link_id(item.placement) if item.placement else None,
        "value": cell.value,
        "maximum": item.score_maximum,
        "comment": cell.comment,
        "timestamp": cell.timestamp.isoformat() if cell.timestamp else None,
        "activity_progress": cell.activity_progress,
        "grading_progress": cell.grading_progress,
        "submissions": cell.submissions,
        "submission": cell.submission,
        "writes": cell.writes,
        "overridden": cell.overridden_at is not None,
    }

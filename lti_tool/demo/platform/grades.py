"""Line items (AGS 2.0, section 3.2): the container, and one of them."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import Course, GradebookCell, LineItem, Placement
from lti_tool.demo.platform.names import (
    LINE_ITEM_READ_SCOPE,
    LINE_ITEM_SCOPE,
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
)
from lti_tool.demo.platform.scoring import read_number
from lti_tool.demo.platform.service import (
    ServiceRefused,
    authorise,
    json_response,
    require_accept,
    require_type,
    service_call,
)

OWN_COLUMNS = ("id", "label", "scoreMaximum", "resourceId", "tag", "resourceLinkId", "ltiLinkId")


@service_call(ServiceKind.LINE_ITEMS)
def lineitems(course_id: int) -> Response:
    """Lists a course's line items, or adds one."""
    lms = current_lms()
    if request.method == "POST":
        authorise(lms, LINE_ITEM_SCOPE)
        return _add(lms, course_id)
    authorise(lms, LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE)
    require_accept(lms, LINE_ITEMS_TYPE)
    return _list(lms, course_id)


@service_call(ServiceKind.LINE_ITEMS)
def lineitem(course_id: int, item_id: int) -> Response:
    """Shows, changes or removes a line item."""
    lms = current_lms()
    if request.method == "GET":
        authorise(lms, LINE_ITEM_SCOPE, LINE_ITEM_READ_SCOPE)
        require_accept(lms, LINE_ITEM_TYPE)
        with lms.database.reading() as session:
            item = find_line_item(session, course_id, item_id)
            shown = lms.profile.line_item(item, _where(lms))
        return json_response(lms, shown, LINE_ITEM_TYPE)
    authorise(lms, LINE_ITEM_SCOPE)
    return (
        _remove(lms, course_id, item_id)
        if request.method == "DELETE"
        else _change(lms, course_id, item_id)
    )


def find_line_item(session: Session, course_id: int, item_id: int) -> LineItem:
    """Returns a line item of a course that is there; else refuses the call with 404."""
    check_course(session, course_id)
    item = session.get(LineItem, item_id)
    if item is None or item.course_id != course_id:
        raise ServiceRefused(404, "There is no such line item.")
    return item


def check_course(session: Session, course_id: int) -> Course:
    """Returns a course that is there; else refuses the call with 404."""
    course = session.get(Course, course_id)
    if course is None or course.is_deleted:
        raise ServiceRefused(404, "There is no such course.")
    return course


def _where(lms: Lms) -> Any:
    return lms.profile.addresses(lms.settings.base_url)


def _list(lms: Lms, course_id: int) -> Response:
    profile, arguments = lms.profile, request.args
    query = select(LineItem).where(LineItem.course_id == course_id).order_by(LineItem.id)
    if "resource_id" in arguments:
        query = query.where(LineItem.resource_id == arguments["resource_id"])
    if "tag" in arguments:
        query = query.where(LineItem.tag == arguments["tag"])
    with lms.database.reading() as session:
        check_course(session, course_id)
        items = list(session.scalars(query))
        link_id = arguments.get("resource_link_id")
        if link_id is not None:
            items = [i for i in items if i.placement and profile.link_id(i.placement) == link_id]
    page = profile.page(ServiceKind.LINE_ITEMS, arguments)
    where = _where(lms)
    shown = [profile.line_item(item, where) for item in page.of(items)]
    response = json_response(lms, shown, LINE_ITEMS_TYPE)
    url = where.lineitems(course_id)
    links = profile.links(ServiceKind.LINE_ITEMS, url, arguments, page, len(items))
    if links:
        response.headers["Link"] = links
    return response


def _add(lms: Lms, course_id: int) -> Response:
    fields = _posted(lms)
    with lms.database.writing() as session:
        check_course(session, course_id)
        item = LineItem(course_id=course_id, is_made_by_tool=True)
        _fill(lms, session, item, fields)
        session.add(item)
        session.flush()
        shown = lms.profile.changed_line_item(fields, item, _where(lms))
    return json_response(lms, shown, LINE_ITEM_TYPE, 201)


def _change(lms: Lms, course_id: int, item_id: int) -> Response:
    fields = _posted(lms)
    with lms.database.writing() as session:
        item = find_line_item(session, course_id, item_id)
        before = item.score_maximum
        _fill(lms, session, item, fields)
        if item.score_maximum != before:
            _rescale(session, item, before)
        session.flush()
        shown = lms.profile.changed_line_item(fields, item, _where(lms))
    return json_response(lms, shown, LINE_ITEM_TYPE)


def _remove(lms: Lms, course_id: int, item_id: int) -> Response:
    with lms.database.writing() as session:
        item = find_line_item(session, course_id, item_id)
        if item.is_made_by_tool or lms.profile.deletes_placed_line_items == 204:
            remove_line_item(session, item)
            return Response(status=204)
    raise ServiceRefused(
        lms.profile.deletes_placed_line_items, "The line item belongs to an activity."
    )


def remove_line_item(session: Session, item: LineItem) -> None:
    """Takes a column out of the gradebook with everything in it."""
    session.execute(delete(GradebookCell).where(GradebookCell.line_item_id == item.id))
    session.delete(item)


def _posted(lms: Lms) -> Mapping[str, Any]:
    """Returns a complete line item from the request's body (AGS 2.0, section 3.2.7)."""
    require_type(lms, LINE_ITEM_TYPE)
    try:
        fields = json.loads(request.get_data())
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or not fields.get("label"):
        raise ServiceRefused(400, "A line item needs a label.")
    maximum = read_number(fields.get("scoreMaximum"))
    if maximum is None or maximum <= 0:
        raise ServiceRefused(400, "A line item needs a scoreMaximum above nought.")
    return fields


def _fill(lms: Lms, session: Session, item: LineItem, fields: Mapping[str, Any]) -> None:
    item.label = str(fields["label"])
    item.score_maximum = float(fields["scoreMaximum"])
    item.resource_id = str(fields.get("resourceId") or "")
    item.tag = str(fields.get("tag") or "")
    item.extra = {name: value for name, value in fields.items() if name not in OWN_COLUMNS}
    link_id = fields.get("resourceLinkId")
    if link_id is None:
        return
    profile = lms.profile
    placement = session.scalar(
        select(Placement).where(
            profile.link_column == link_id, Placement.course_id == item.course_id
        )
    )
    if placement is None:
        raise ServiceRefused(profile.unknown_link_status, "There is no such resource link here.")
    item.placement_id = placement.id
    item.placement = placement


def _rescale(session: Session, item: LineItem, before: float) -> None:
    """Keeps every grade's share of the maximum, as Moodle does."""
    factor = item.score_maximum / before
    session.execute(
        update(GradebookCell)
        .where(GradebookCell.line_item_id == item.id, GradebookCell.value.is_not(None))
        .values(value=GradebookCell.value * factor)
    )

"""The groups of a course (Course Groups Service 1.0), and who is in which."""

from collections.abc import Callable, Sequence

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.platform.grades import check_course
from lti_tool.demo.platform.names import GROUPS_SCOPE, GROUPS_TYPE
from lti_tool.demo.platform.profile import Claims
from lti_tool.demo.platform.service import (
    ServiceRefused,
    authorise,
    json_response,
    require_accept,
    service_call,
)
from lti_tool.demo.service_models import Group, GroupMember


@service_call(ServiceKind.GROUPS)
def groups(course_id: int) -> Response:
    """Lists the groups of a course; with `user_id` those of one person."""
    return _listed(course_id, "groups", _groups)


@service_call(ServiceKind.GROUPS)
def group_sets(course_id: int) -> Response:
    """Lists the sets that groups belong to."""
    return _listed(course_id, "sets", _sets)


def enrolments(session: Session, course_id: int) -> dict[int, list[Claims]]:
    """Returns everybody's groups by person: `group_enrollments` of a roster's members."""
    rows = session.execute(
        select(GroupMember.person_id, GroupMember.group_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(Group.course_id == course_id)
        .order_by(GroupMember.group_id)
    )
    found: dict[int, list[Claims]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append({"group_id": group_id(row.group_id)})
    return found


def group_id(number: int) -> str:
    """Returns how tools know a group."""
    return f"group-{number}"


def _listed(
    course_id: int, field: str, read: Callable[[Session, int], Sequence[Claims]]
) -> Response:
    lms: Lms = current_lms()
    if not lms.profile.paths.groups:
        raise ServiceRefused(404, "This LMS has no groups service.")
    authorise(lms, GROUPS_SCOPE)
    require_accept(lms, GROUPS_TYPE)
    with lms.database.reading() as session:
        check_course(session, course_id)
        rows = read(session, course_id)
    where = lms.profile.addresses(lms.settings.base_url)
    url = where.groups(course_id) if field == "groups" else where.group_sets(course_id)
    page = lms.profile.page(ServiceKind.GROUPS, request.args)
    response = json_response(lms, {"id": url, field: list(page.of(rows))}, GROUPS_TYPE)
    links = lms.profile.links(ServiceKind.GROUPS, url, request.args, page, len(rows))
    if links:
        response.headers["Link"] = links
    return response


def _groups(session: Session, course_id: int) -> Sequence[Claims]:
    found = session.scalars(select(Group).where(Group.course_id == course_id).order_by(Group.id))
    return [
        {"id": group_id(group.id), "name": group.name, "tag": ""}
        | ({"set_id": _set_id(group.kind)} if group.kind else {})
        for group in found
    ]


def _sets(session: Session, course_id: int) -> Sequence[Claims]:
    kinds = session.scalars(
        select(Group.kind).where(Group.course_id == course_id, Group.kind != "").distinct()
    )
    return [{"id": _set_id(kind), "name": kind} for kind in sorted(kinds)]


def _set_id(kind: str) -> str:
    return "set-" + kind.casefold().replace(" ", "-")

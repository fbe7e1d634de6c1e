"""The roster (NRPS 2.0, section 2): who is in a course, with roles."""

from collections.abc import Mapping, Sequence

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import Membership, Person, Placement
from lti_tool.demo.platform.facts import MemberFacts
from lti_tool.demo.platform.grades import check_course
from lti_tool.demo.platform.groups import enrolments
from lti_tool.demo.platform.names import LTI, RESOURCE_LINK_MESSAGE, ROSTER_SCOPE, ROSTER_TYPE
from lti_tool.demo.platform.profile import Claims
from lti_tool.demo.platform.service import (
    ServiceRefused,
    authorise,
    json_response,
    require_accept,
    service_call,
)


@service_call(ServiceKind.ROSTER)
def memberships(course_id: int) -> Response:
    """Lists the members of a course, by `role`, `limit` and `rlid`."""
    lms = current_lms()
    profile = lms.profile
    authorise(lms, ROSTER_SCOPE)
    require_accept(lms, ROSTER_TYPE)
    url = profile.addresses(lms.settings.base_url).memberships(course_id)
    with lms.database.reading() as session:
        course = check_course(session, course_id)
        message = _message(lms, session, course_id)
        rows = _listed(lms, session, course_id)
        groups = _groups(lms, session, course_id)
    page = profile.page(ServiceKind.ROSTER, _arguments(lms))
    members = [_shown(lms, row, groups) | message for row in page.of(rows)]
    context = {"id": profile.context_id(course), "label": course.label, "title": course.title}
    response = json_response(lms, {"id": url, "context": context, "members": members}, ROSTER_TYPE)
    links = profile.links(ServiceKind.ROSTER, url, _arguments(lms), page, len(rows))
    if links:
        response.headers["Link"] = links
    return response


def _listed(lms: Lms, session: Session, course_id: int) -> list[Membership]:
    query = (
        select(Membership)
        .join(Membership.person)
        .where(Membership.course_id == course_id)
        .order_by(Person.family_name, Person.id)
    )
    if not lms.profile.lists_inactive:
        query = query.where(Membership.is_active)
    wanted = request.args.get("role")
    rows = list(session.scalars(query))
    return [row for row in rows if not wanted or lms.profile.has_role(row.role, wanted)]


def _arguments(lms: Lms) -> Mapping[str, str]:
    """What is asked for; where the switch says so, in pages however many were asked for."""
    size = lms.switchboard.current.roster_page
    asked = request.args.to_dict()
    return asked | {"limit": str(size)} if size and "limit" not in asked else asked


def _groups(
    lms: Lms, session: Session, course_id: int
) -> Mapping[int, Sequence[Mapping[str, str]]] | None:
    """Course Groups 1.0: with `groups=true` members have their groups, if only none."""
    wanted = lms.profile.paths.groups and request.args.get("groups") == "true"
    return enrolments(session, course_id) if wanted else None


def _shown(
    lms: Lms, row: Membership, groups: Mapping[int, Sequence[Mapping[str, str]]] | None
) -> Claims:
    return lms.profile.member(
        MemberFacts(
            person=row.person,
            role=row.role,
            is_active=row.is_active,
            shares_name=lms.switchboard.current.share_names,
            groups=None if groups is None else groups.get(row.person_id, ()),
            edits=not row.does_not_edit,
        )
    )


def _message(lms: Lms, session: Session, course_id: int) -> Claims:
    """Returns what members have in addition for one resource link (NRPS 2.0, section 3)."""
    link_id = request.args.get("rlid")
    if not link_id:
        return {}
    placement = session.scalar(
        select(Placement).where(
            lms.profile.link_column == link_id, Placement.course_id == course_id
        )
    )
    if placement is None:
        raise ServiceRefused(404, "There is no such resource link in this course.")
    message = {f"{LTI}/message_type": RESOURCE_LINK_MESSAGE, f"{LTI}/custom": placement.custom}
    return {"message": [message]}

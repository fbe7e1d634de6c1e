"""Canvas, from its documentation and source (app/controllers/lti/ims, lib/lti/messages)."""

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.models import Course, CourseRole, GradebookCell, Person
from lti_tool.demo.platform import names
from lti_tool.demo.platform.addresses import Paths
from lti_tool.demo.platform.canvas_scores import CanvasScores
from lti_tool.demo.platform.facts import FailedCall, LaunchFacts, MemberFacts
from lti_tool.demo.platform.paging import Page, kept_filters, positive, with_query
from lti_tool.demo.platform.profile import Claims, Profile
from lti_tool.demo.platform.roles import COURSE_ROLES
from lti_tool.demo.platform.storage import FORWARDING
from lti_tool.demo.platform.variables import (
    CANVAS_DATES,
    DATE_NAMES,
    date_variables,
    link_variables,
)
from lti_tool.demo.registration import ACCOUNT_DEPLOYMENT_ID, COURSE_DEPLOYMENT_ID
from lti_tool.demo.seed import IMH201

NO_ERRORS: Claims = {"validation_context": None, "errors": {"errors": {}}}


class Canvas(Profile):
    """Canvas in the cloud: opaque identifiers, two deployments, pages by bookmark."""

    key = "canvas"
    rules = CanvasScores()
    paths = Paths(
        lineitems="/api/lti/courses/{course}/line_items",
        lineitem="/api/lti/courses/{course}/line_items/{item}",
        memberships="/api/lti/courses/{course}/names_and_roles",
    )
    id_token_seconds = 3600
    needs_user_agent = True
    # developerdocs.instructure.com, “Platform Notification Service”; it has no groups service.
    offers_notices = True
    lists_inactive = False
    deletes_placed_line_items = 401
    unknown_link_status = 404
    opens_reviews = True
    pick_places = ("assignment_selection", "link_selection")
    storage_target = FORWARDING
    resizes_frames = True
    page_sizes: ClassVar = {
        ServiceKind.LINE_ITEMS: 10,
        ServiceKind.RESULTS: 10,
        ServiceKind.ROSTER: 50,
    }

    def deployment_id(self, course: Course) -> str:
        # The tool was added to the account, and once more to this course alone.
        return COURSE_DEPLOYMENT_ID if course.id == IMH201 else ACCOUNT_DEPLOYMENT_ID

    def message_claims(self, facts: LaunchFacts) -> Claims:
        course, placement = facts.course, facts.placement
        return {
            **super().message_claims(facts),
            f"{names.LTI}/resource_link": {
                "id": self.link_id(placement),
                "description": placement.description,
                "title": placement.title,
                **NO_ERRORS,
            },
            f"{names.LTI}/context": {
                "id": self.context_id(course),
                "label": course.label,
                "title": course.title,
                "type": [names.COURSE_OFFERING],
                **NO_ERRORS,
            },
            f"{names.LTI}/tool_platform": {
                "guid": "larkfield.example",
                "name": "Larkfield",
                "version": "cloud",
                "product_family_code": "canvas",
                **NO_ERRORS,
            },
            f"{names.LTI}/launch_presentation": {
                "document_target": facts.document_target,
                "return_url": facts.return_url,
                "locale": "en-GB",
                "height": 800,
                "width": 1000,
                **NO_ERRORS,
            },
            f"{names.LTI}/lis": {
                "person_sourcedid": None,
                "course_offering_sourcedid": None,
                **NO_ERRORS,
            },
            "locale": "en-GB",
            "https://www.instructure.com/placement": None,
        }

    def variables(self, facts: LaunchFacts) -> Mapping[str, str]:
        # lib/lti/variable_expander.rb: a date that is not set is left as its variable.
        known = link_variables(facts, self) | date_variables(facts.placement)
        for name in ("ResourceLink.id.history", "ResourceLink.submission.startDateTime"):
            del known[name]
        for ours, theirs in CANVAS_DATES.items():
            known[f"Canvas.assignment.{theirs}.iso8601"] = known[ours]
        is_set = {name for name, value in known.items() if value or name not in DATE_NAMES}
        return {name: value for name, value in known.items() if name in is_set}

    def pick_claims(self, facts: LaunchFacts, return_url: str) -> Claims:
        claims = super().pick_claims(facts, return_url)
        presentation = {**claims[f"{names.LTI}/launch_presentation"], "return_url": return_url}
        return claims | {f"{names.LTI}/launch_presentation": presentation}

    def pick_settings(self, place: str) -> Claims:
        is_assignment = place == "assignment_selection"
        return {
            "accept_types": [names.LINK_TYPE],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_media_types": "application/vnd.ims.lti.v1.ltilink",
            "accept_multiple": not is_assignment,
            "accept_lineitem": is_assignment,
            "auto_create": False,
        }

    def launch_roles(self, facts: LaunchFacts) -> list[str]:
        # What somebody is at the institution comes along in every course: who teaches
        # anywhere is an institution Instructor, also where they are a student.
        roles = [names.INSTITUTION_ROLE + role for role in _institution_roles(facts)]
        if facts.role is not CourseRole.ADMINISTRATOR:
            roles += COURSE_ROLES[facts.role]
        return [*roles, names.SYSTEM_ROLE + "User"]

    def person_claims(self, facts: LaunchFacts) -> Claims:
        claims = super().person_claims(facts)
        return claims | {"email": facts.person.email} if claims else claims

    def service_claims(self, facts: LaunchFacts) -> Claims:
        return {name: claim | NO_ERRORS for name, claim in super().service_claims(facts).items()}

    def member(self, facts: MemberFacts) -> Claims:
        shown = super().member(facts)
        person = facts.person
        contact = {"email": person.email, "picture": _picture(person)}
        return shown | (contact if facts.shares_name else {})

    def page(self, service: ServiceKind, arguments: Mapping[str, str]) -> Page:
        limit = positive(arguments, "limit") or self.page_sizes[service]
        return Page(_offset(arguments.get("page", "")), limit)

    def links(
        self, _service: ServiceKind, url: str, arguments: Mapping[str, str], page: Page, total: int
    ) -> str | None:
        offsets = {"current": page.offset, "next": page.next_offset(total), "first": 0}
        kept = {**kept_filters(arguments), "limit": page.limit}
        return ",".join(
            f'<{with_query(url, {**kept, "page": _bookmark(offset)})}>; rel="{rel}"'
            for rel, offset in offsets.items()
            if offset is not None
        )

    def shows_result(self, cell: GradebookCell) -> bool:
        # A result is made with the first score, graded or not (Lti::Result).
        return cell.value is not None or bool(cell.grading_progress)

    def accept_status(self, _media_type: str, _accept: str) -> int | None:
        return None

    def content_type(self, media_type: str) -> str:
        return f"{media_type}; charset=utf-8"

    def error(self, call: FailedCall) -> bytes:
        if call.status == 404:
            return self.encode({"errors": [{"message": "The specified resource does not exist."}]})
        return self.encode({"errors": {"type": str(call.status), "message": call.reason}})

    def unreadable_score(self) -> Any:
        return {"errors": {"type": "bad_request", "message": "The body is not JSON."}}


def _institution_roles(facts: LaunchFacts) -> list[str]:
    if facts.role is CourseRole.ADMINISTRATOR:
        return ["Administrator"]
    if facts.role is CourseRole.OBSERVER:
        return ["Observer"]
    learns, teaches = facts.role is CourseRole.LEARNER, facts.teaches
    return [name for name, holds in (("Instructor", teaches), ("Student", learns)) if holds]


def _picture(person: Person) -> str:
    return f"https://larkfield.example/images/{person.opaque_id}.png"


def _bookmark(offset: int) -> str:
    """An opaque cursor, whose letters' case matters."""
    return "bookmark:" + base64.urlsafe_b64encode(json.dumps(["Offset", offset]).encode()).decode()


def _offset(cursor: str) -> int:
    try:
        return int(json.loads(base64.urlsafe_b64decode(cursor.removeprefix("bookmark:")))[1])
    except (ValueError, LookupError, TypeError):
        return 0

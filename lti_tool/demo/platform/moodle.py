"""Moodle, as recorded from a running 4.5 and read in its source (mod/lti).

What it does otherwise than the specification says is meant: its line items' addresses have a
query, its paging header is malformed, its roster has short role names, and a score that is
not final erases the grade.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.models import Course, CourseRole, GradebookCell, LineItem, Person, Placement
from lti_tool.demo.platform import names
from lti_tool.demo.platform.addresses import Addresses, Paths
from lti_tool.demo.platform.facts import FailedCall, LaunchFacts, MemberFacts
from lti_tool.demo.platform.moodle_scores import MoodleScores
from lti_tool.demo.platform.moodle_wire import error_body, malformed_links, php_json
from lti_tool.demo.platform.paging import Page, kept_filters, positive, with_query
from lti_tool.demo.platform.profile import Claims, Profile, plain_number
from lti_tool.demo.platform.variables import link_variables
from lti_tool.demo.registration import DEPLOYMENT_ID

SERVICES = "/mod/lti/services.php"
PICK_RETURN = "/mod/lti/contentitem_return.php"
# lti_get_ims_role: whoever may manage activities is an Instructor, everybody else a Learner.
ROLES = {
    CourseRole.LEARNER: "Learner",
    CourseRole.TUTOR: "Instructor",
    CourseRole.ADMINISTRATOR: "Instructor",
    CourseRole.OBSERVER: "Learner",
}


class Moodle(Profile):
    """Moodle 4.5 with an external tool that was set up by hand."""

    names_mentored = False

    key = "moodle"
    rules = MoodleScores()
    paths = Paths(
        lineitems=SERVICES + "/{course}/lineitems",
        lineitem=SERVICES + "/{course}/lineitems/{item}/lineitem",
        memberships=SERVICES + f"/CourseSection/{{course}}/bindings/{DEPLOYMENT_ID}/memberships",
        query=f"?type_id={DEPLOYMENT_ID}",
    )
    id_token_seconds = 60
    narrows_scopes = True
    keeps_picked_dates = False
    lists_inactive = False
    wrong_scope_status = 401
    wrong_type_status = 400
    invalid_client_status = 400
    unknown_link_status = 403

    @property
    def subject_column(self) -> InstrumentedAttribute[Any]:
        return Person.id

    @property
    def link_column(self) -> InstrumentedAttribute[Any]:
        return Placement.id

    def context_id(self, course: Course) -> str:
        return str(course.id)

    def message_hint(self, secret: str, placement: Placement) -> str:
        # JSON, so a tool has to escape it in the address that it redirects to.
        return json.dumps({"cmid": placement.id, "launchid": f"ltilaunch{secret}"})

    # launch --------------------------------------------------------------------------

    def message_claims(self, facts: LaunchFacts) -> Claims:
        settings, course, placement = facts.settings, facts.course, facts.placement
        custom = self.custom(facts)
        if names.ROSTER_SCOPE in facts.switches.scopes:
            where = self.addresses(settings.base_url)
            custom["context_memberships_url"] = where.memberships(course.id)
        return {
            **super().message_claims(facts),
            f"{names.LTI}/lis": {"person_sourcedid": "", "course_section_sourcedid": ""},
            f"{names.LTI}/context": _context(course) | {"type": ["CourseSection"]},
            f"{names.LTI}/resource_link": {
                "title": placement.title,
                "description": placement.description,
                "id": self.link_id(placement),
            },
            f"{names.LTI}/launch_presentation": {
                "locale": "en",
                "document_target": facts.document_target,
                "return_url": facts.return_url,
            },
            f"{names.LTI}/tool_platform": _platform(settings.base_url),
            f"{names.LTI}/custom": custom,
            names.BASIC_OUTCOME_CLAIM: _basic_outcome(facts),
        }

    def launch_roles(self, facts: LaunchFacts) -> list[str]:
        roles = [names.COURSE_ROLE + ROLES[facts.role]]
        if facts.role is CourseRole.ADMINISTRATOR:
            roles += [names.SYSTEM_ROLE + "Administrator", names.INSTITUTION_ROLE + "Administrator"]
        return roles

    def person_claims(self, facts: LaunchFacts) -> Claims:
        extension = {"lms": "moodle-2"}
        if not facts.switches.share_names:
            return {f"{names.LTI}/ext": extension}
        return {
            **self.names(facts.person),
            "email": facts.person.email,
            f"{names.LTI}/ext": {"user_username": facts.person.key} | extension,
        }

    def names(self, person: Person) -> Claims:
        # The given name comes first whatever the language: users_to_json.
        return super().names(person) | {"name": f"{person.given_name} {person.family_name}"}

    def service_claims(self, facts: LaunchFacts) -> Claims:
        claims = super().service_claims(facts)
        if names.NRPS_CLAIM in claims:
            claims[names.NRPS_CLAIM]["service_versions"] = ["1.0", "2.0"]
        return claims

    def variables(self, facts: LaunchFacts) -> Mapping[str, str]:
        # lti_get_capabilities: the history of a course, none of a link, and no date of a link.
        known = link_variables(facts, self)
        del known["ResourceLink.id.history"]
        return known

    # deep linking --------------------------------------------------------------------

    def pick_return(self, base_url: str, course: Course, secret: str) -> str:
        query = f"course={course.id}&id={DEPLOYMENT_ID}&sesskey={secret}"
        return f"{base_url}{PICK_RETURN}?{query}"

    def pick_claims(self, facts: LaunchFacts, return_url: str) -> Claims:
        claims = super().pick_claims(facts, return_url)
        del claims[names.BASIC_OUTCOME_CLAIM]
        return claims | {f"{names.LTI}/launch_presentation": {"locale": "en"}}

    def pick_settings(self, _place: str) -> Claims:
        # As recorded: nothing of line items, though they are taken. The title is what the form of
        # a new activity begins with: the tool's own name.
        return {
            "accept_types": [names.LINK_TYPE],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": True,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "title": "Infant mental health competencies",
            "text": "",
        }

    def pick_data(self, _secret: str) -> None:
        return None

    # services ------------------------------------------------------------------------

    def line_item(self, item: LineItem, where: Addresses) -> Claims:
        shown: Claims = {
            "id": where.lineitem(item.course_id, item.id),
            "label": item.label,
            "scoreMaximum": plain_number(item.score_maximum),
            "resourceId": item.resource_id,
            "tag": item.tag,
        }
        if item.placement:
            link_id = self.link_id(item.placement)
            shown |= {"resourceLinkId": link_id, "ltiLinkId": link_id}
        return shown

    def changed_line_item(
        self, fields: Mapping[str, Any], item: LineItem, where: Addresses
    ) -> Claims:
        # What was sent comes back with the address: get_json_for_post_request.
        return {**fields, "id": where.lineitem(item.course_id, item.id)}

    def result(self, item: LineItem, cell: GradebookCell, where: Addresses) -> Claims:
        user_id = self.subject(cell.person)
        shown: Claims = {
            "id": f"{where.results(item.course_id, item.id)}&user_id={user_id}",
            "userId": user_id,
        }
        if cell.value is None or cell.timestamp is None:
            return shown
        shown |= {
            "resultScore": plain_number(cell.value),
            "resultMaximum": plain_number(item.score_maximum),
        }
        if cell.comment:
            shown["comment"] = cell.comment
        return shown | {
            "scoreOf": where.lineitem(item.course_id, item.id),
            "timestamp": cell.timestamp.astimezone(UTC).isoformat(timespec="seconds"),
        }

    def keeps_override(self, item: LineItem) -> bool:
        # grade_item::is_overridable_item: the column of an activity. What a tool adds is a manual
        # one, and there a score replaces what a tutor entered.
        return not item.is_made_by_tool

    def shows_result(self, cell: GradebookCell) -> bool:
        return cell.timestamp is not None

    def member(self, facts: MemberFacts) -> Claims:
        person = facts.person
        shown: Claims = {
            "status": "Active",
            # users_to_json asks who may manage activities, a launch who may manage its link: a
            # teacher who does not edit is a Learner here, and an Instructor there.
            "roles": [ROLES[facts.role] if facts.edits else ROLES[CourseRole.LEARNER]],
            "user_id": self.subject(person),
            "lis_person_sourcedid": "",
        }
        if facts.shares_name:
            shown |= self.names(person)
            shown |= {"email": person.email, "ext_user_username": person.key}
        return shown

    def has_role(self, role: CourseRole, wanted: str) -> bool:
        # Only these two names are filtered by; any other gives everybody: get_members_json.
        short = wanted.removeprefix(names.COURSE_ROLE)
        return ROLES[role] == short if short in ("Learner", "Instructor") else True

    def page(self, _service: ServiceKind, arguments: Mapping[str, str]) -> Page:
        limit = positive(arguments, "limit")
        return Page(positive(arguments, "from") or 0 if limit else 0, limit)

    def links(
        self, service: ServiceKind, url: str, arguments: Mapping[str, str], page: Page, total: int
    ) -> str | None:
        if page.limit is None:
            return None
        following = page.next_offset(total)
        if service is ServiceKind.ROSTER:
            query = {"limit": page.limit, "from": following}
            return None if following is None else f'<{with_query(url, query)}>; rel="next"'
        base = with_query(url.partition("?")[0], kept_filters(arguments))
        return malformed_links(base, page, total)

    def accept_status(self, media_type: str, accept: str) -> int | None:
        # Compared as a whole; only the container of line items does not take `*/*` either:
        # services.php and lineitems::execute.
        if not accept or accept == media_type:
            return None
        return None if "*/*" in accept and media_type != names.LINE_ITEMS_TYPE else 400

    def encode(self, body: Any) -> bytes:
        return php_json(body)

    def content_type(self, media_type: str) -> str:
        return f"{media_type}; charset=utf-8"

    def error(self, call: FailedCall) -> bytes:
        return error_body(call)

    def unreadable_score(self) -> Any:
        return []


def _context(course: Course) -> Claims:
    return {"id": str(course.id), "label": course.label, "title": course.title}


def _platform(base_url: str) -> Claims:
    return {
        "product_family_code": "moodle",
        "version": "2024100705.01",
        "guid": hashlib.md5(base_url.encode(), usedforsecurity=False).hexdigest(),
        "name": "Larkfield",
        "description": "Larkfield, a practice LMS",
    }


def _basic_outcome(facts: LaunchFacts) -> Claims:
    """The older grade service, which Moodle still offers beside AGS; it is not built here."""
    data = {
        "instanceid": str(facts.placement.id),
        "userid": str(facts.person.id),
        "typeid": DEPLOYMENT_ID,
        "launchid": int(facts.issued_at.timestamp()),
    }
    digest = hashlib.sha256(json.dumps(data).encode()).hexdigest()
    return {
        "lis_result_sourcedid": json.dumps({"data": data, "hash": digest}, separators=(",", ":")),
        "lis_outcome_service_url": f"{facts.settings.base_url}/mod/lti/service.php",
    }

"""The specification as a profile, and the seams along which LMSs differ.

A subclass says what one LMS does otherwise, and why we know it. Nothing else in the platform
asks which profile is on.
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.models import Course, CourseRole, GradebookCell, LineItem, Person, Placement
from lti_tool.demo.platform import names
from lti_tool.demo.platform.addresses import Addresses, Paths
from lti_tool.demo.platform.facts import FailedCall, LaunchFacts, MemberFacts
from lti_tool.demo.platform.paging import Page, kept_filters, positive, with_query
from lti_tool.demo.platform.roles import COURSE_ROLES
from lti_tool.demo.platform.scoring import ScoreRules
from lti_tool.demo.platform.variables import date_variables, filled, link_variables
from lti_tool.demo.registration import DEPLOYMENT_ID

Claims = dict[str, Any]


class Profile:
    """What a platform does that follows the specifications and adds nothing of its own."""

    key: ClassVar[str]
    rules: ClassVar[ScoreRules] = ScoreRules()
    paths: ClassVar[Paths]
    id_token_seconds: ClassVar[int] = 300
    # Whether a result says that a person gave the grade (AGS 2.0, "scoringUserId").
    names_scorers = False
    access_token_seconds: ClassVar[int] = 3600
    narrows_scopes: ClassVar[bool] = False
    needs_user_agent: ClassVar[bool] = False
    lists_inactive: ClassVar[bool] = True
    offers_notices: ClassVar[bool] = False
    deletes_placed_line_items: ClassVar[int] = 204
    wrong_scope_status: ClassVar[int] = 403
    wrong_type_status: ClassVar[int] = 415
    invalid_client_status: ClassVar[int] = 401
    unknown_link_status: ClassVar[int] = 400
    page_sizes: ClassVar[Mapping[ServiceKind, int]] = {}
    # Where in the LMS activities can be picked, and whether it is told in which place.
    pick_places: ClassVar[tuple[str, ...]] = ("",)
    keeps_picked_dates: ClassVar[bool] = True
    checks_picks_hard: ClassVar[bool] = False
    storage_target: ClassVar[str] = ""
    resizes_frames: ClassVar[bool] = False

    # Whether a cell of the gradebook opens the tool (Submission Review 1.0), whether people may ask
    # what the tool holds of them (LTI Data Privacy Launch 1.0), and whether a launch says whom an
    # observer may see (LTI 1.3 core, section 5.4.3).
    opens_reviews: ClassVar[bool] = False
    asks_about_privacy: ClassVar[bool] = False
    names_mentored: ClassVar[bool] = True

    # who and where -------------------------------------------------------------------

    @property
    def subject_column(self) -> InstrumentedAttribute[Any]:
        """The column that holds a person's `sub`."""
        return Person.opaque_id

    def subject(self, person: Person) -> str:
        """Returns the `sub` of a person, which is `userId` and `user_id` in the services."""
        return str(getattr(person, self.subject_column.key))

    @property
    def link_column(self) -> InstrumentedAttribute[Any]:
        """The column that holds a placement's resource link id."""
        return Placement.opaque_id

    def link_id(self, placement: Placement) -> str:
        """Returns the resource link id of a placement."""
        return str(getattr(placement, self.link_column.key))

    def context_id(self, course: Course) -> str:
        """Returns the context id of a course."""
        return course.opaque_id

    def deployment_id(self, _course: Course) -> str:
        """Returns the deployment by which a course has the tool."""
        return DEPLOYMENT_ID

    def message_hint(self, secret: str, _placement: Placement) -> str:
        """Returns the `lti_message_hint` of a login; the secret makes it unguessable."""
        return secret

    def addresses(self, base_url: str) -> Addresses:
        """Returns where this profile's services are."""
        return Addresses(base_url, self.paths)

    # launch --------------------------------------------------------------------------

    def claims(self, facts: LaunchFacts) -> Claims:
        """Returns the claims of a resource link launch (LTI 1.3 core, section 5.3)."""
        return {
            **self.security_claims(facts),
            **self.message_claims(facts),
            **self.person_claims(facts),
            **self.service_claims(facts),
        }

    def security_claims(self, facts: LaunchFacts) -> Claims:
        """Returns what OpenID Connect asks for (security framework, section 5.1.2)."""
        issued_at = int(facts.issued_at.timestamp())
        return {
            "iss": facts.settings.base_url,
            "aud": facts.switches.tool.client_id,
            "sub": self.subject(facts.person),
            "iat": issued_at,
            "exp": issued_at + self.id_token_seconds,
            "nonce": facts.nonce,
        }

    def message_claims(self, facts: LaunchFacts) -> Claims:
        """Returns the required claims, with nothing optional but context and custom."""
        return {
            f"{names.LTI}/message_type": names.RESOURCE_LINK_MESSAGE,
            f"{names.LTI}/version": names.VERSION,
            f"{names.LTI}/deployment_id": (
                facts.switches.tool.deployment_id or self.deployment_id(facts.course)
            ),
            f"{names.LTI}/target_link_uri": facts.settings.tool_launch_url,
            f"{names.LTI}/roles": self.launch_roles(facts),
            f"{names.LTI}/resource_link": {"id": self.link_id(facts.placement)},
            f"{names.LTI}/context": {"id": self.context_id(facts.course)},
            f"{names.LTI}/custom": self.custom(facts),
        }

    def custom(self, facts: LaunchFacts) -> dict[str, str]:
        """Returns the tool's and the link's custom parameters, with what this LMS knows filled in."""
        custom = {**facts.switches.tool.custom, **facts.placement.custom}
        return filled(custom, self.variables(facts))

    def variables(self, facts: LaunchFacts) -> Mapping[str, str]:
        """Returns the variables that this LMS knows (LTI 1.3 core, appendix C; Deep Linking 2.0).

        One that it knows and has no value for is empty.
        """
        return link_variables(facts, self) | date_variables(facts.placement)

    def launch_roles(self, facts: LaunchFacts) -> list[str]:
        """Returns the roles of a launch."""
        return list(COURSE_ROLES[facts.role])

    def person_claims(self, facts: LaunchFacts) -> Claims:
        """Returns the person's names, or nothing where the LMS shares none."""
        return self.names(facts.person) if facts.switches.share_names else {}

    def names(self, person: Person) -> Claims:
        """Returns the names of a person, in the words of OpenID Connect."""
        return {
            "name": person.full_name,
            "given_name": person.given_name,
            "family_name": person.family_name,
        }

    def service_claims(self, facts: LaunchFacts) -> Claims:
        """Returns the addresses of the services for which the tool has a scope."""
        where = self.addresses(facts.settings.base_url)
        allowed = facts.switches.scopes
        claims: Claims = {}
        scopes = [scope for scope in names.AGS_SCOPES if scope in allowed]
        if scopes:
            course_id, items = facts.course.id, facts.line_items
            endpoint: Claims = {"scope": scopes, "lineitems": where.lineitems(course_id)}
            # Left out when a link has several, or none: AGS 2.0, section 3.1.
            if facts.switches.lineitem_claim and len(items) == 1:
                endpoint["lineitem"] = where.lineitem(course_id, items[0].id)
            claims[names.AGS_CLAIM] = endpoint
        if names.ROSTER_SCOPE in allowed:
            claims[names.NRPS_CLAIM] = {
                "context_memberships_url": where.memberships(facts.course.id),
                "service_versions": ["2.0"],
            }
        return claims | self.rare_claims(facts, where)

    def rare_claims(self, facts: LaunchFacts, where: Addresses) -> Claims:
        """Returns the addresses of services that few LMSs have: groups and notices."""
        allowed, claims = facts.switches.scopes, {}
        if self.paths.groups and names.GROUPS_SCOPE in allowed:
            claims[names.GROUPS_CLAIM] = {
                "scope": [names.GROUPS_SCOPE],
                "context_groups_url": where.groups(facts.course.id),
                "context_group_sets_url": where.group_sets(facts.course.id),
                "service_versions": ["1.0"],
            }
        if self.offers_notices and names.NOTICES_SCOPE in allowed:
            used = facts.switches.tool.deployment_id
            deployment = used or self.deployment_id(facts.course)
            claims[names.NOTICES_CLAIM] = {
                "scope": [names.NOTICES_SCOPE],
                "platform_notification_service_url": where.notice_handlers(deployment),
                "notice_types_supported": list(names.NOTICE_TYPES),
                "service_versions": ["1.0"],
            }
        return claims

    # deep linking --------------------------------------------------------------------

    def pick_return(self, base_url: str, _course: Course, secret: str) -> str:
        """Returns where the answer to a deep linking request goes."""
        return f"{base_url}/lti/picked/{secret}"

    def pick_claims(self, facts: LaunchFacts, _return_url: str) -> Claims:
        """Returns the claims of a deep linking request, its settings left out."""
        claims = self.claims(facts) | {f"{names.LTI}/message_type": names.PICK_MESSAGE}
        del claims[f"{names.LTI}/resource_link"]
        return claims

    def pick_settings(self, _place: str) -> Claims:
        """Returns what is wanted of the tool (Deep Linking 2.0, section 3.1)."""
        return {
            "accept_types": [names.LINK_TYPE],
            "accept_presentation_document_targets": ["iframe", "window"],
            "accept_multiple": True,
            "accept_lineitem": True,
        }

    def pick_data(self, secret: str) -> str | None:
        """Returns what the tool has to bring back as it is, or nothing."""
        return f'larkfield;{secret[:16]};"as it is" & <unchanged>'

    # services ------------------------------------------------------------------------

    def line_item(self, item: LineItem, where: Addresses) -> Claims:
        """Returns a line item as it is shown (AGS 2.0, section 3.2)."""
        shown: Claims = {
            "id": where.lineitem(item.course_id, item.id),
            "label": item.label,
            "scoreMaximum": plain_number(item.score_maximum),
            **item.extra,
        }
        if item.placement:
            shown["resourceLinkId"] = self.link_id(item.placement)
        optional = {"resourceId": item.resource_id, "tag": item.tag}
        return shown | {name: value for name, value in optional.items() if value}

    def changed_line_item(
        self, _fields: Mapping[str, Any], item: LineItem, where: Addresses
    ) -> Claims:
        """Returns the answer to a line item that was added or changed with these fields."""
        return self.line_item(item, where)

    def result(self, item: LineItem, cell: GradebookCell, where: Addresses) -> Claims:
        """Returns a result as it is shown (AGS 2.0, section 3.3)."""
        user_id = self.subject(cell.person)
        shown: Claims = {
            "id": f"{where.results(item.course_id, item.id)}/{user_id}",
            "scoreOf": where.lineitem(item.course_id, item.id),
            "userId": user_id,
            "resultMaximum": plain_number(item.score_maximum),
        }
        if cell.value is not None:
            shown["resultScore"] = plain_number(cell.value)
        if cell.overridden_at and self.names_scorers:
            shown["scoringUserId"] = "tutor"
        return shown | ({"comment": cell.comment} if cell.comment else {})

    def keeps_override(self, item: LineItem) -> bool:  # noqa: ARG002 - Moodle looks at it
        """Whether a grade that a tutor entered in the column outlives the tool's next score."""
        return False

    def shows_result(self, cell: GradebookCell) -> bool:
        """Whether a cell is among the results."""
        return cell.value is not None

    def member(self, facts: MemberFacts) -> Claims:
        """Returns a member of the roster (NRPS 2.0, section 2.2)."""
        shown: Claims = {
            "status": "Active" if facts.is_active else "Inactive",
            "user_id": self.subject(facts.person),
            "roles": list(COURSE_ROLES[facts.role]),
        }
        if facts.groups is not None:
            shown["group_enrollments"] = list(facts.groups)
        return shown | (self.names(facts.person) if facts.shares_name else {})

    def has_role(self, role: CourseRole, wanted: str) -> bool:
        """Whether a member is meant by the roster's `role` filter (NRPS 2.0, section 2.4.1)."""
        return any(wanted in (name, name.partition("#")[2]) for name in COURSE_ROLES[role])

    def page(self, service: ServiceKind, arguments: Mapping[str, str]) -> Page:
        """Returns the page that is asked for."""
        limit = positive(arguments, "limit") or self.page_sizes.get(service)
        number = positive(arguments, "page") or 1
        return Page((number - 1) * (limit or 0), limit)

    def links(
        self, _service: ServiceKind, url: str, arguments: Mapping[str, str], page: Page, total: int
    ) -> str | None:
        """Returns the `Link` header to the next page, or none."""
        following = page.next_offset(total)
        if following is None or page.limit is None:
            return None
        number = following // page.limit + 1
        query = {**kept_filters(arguments), "limit": page.limit, "page": number}
        return f'<{with_query(url, query)}>; rel="next"'

    def accept_status(self, media_type: str, accept: str) -> int | None:
        """Returns the status with which an `Accept` header is refused, or none."""
        offered = [part.partition(";")[0].strip() for part in accept.split(",")]
        fits = not accept or bool({"*/*", "application/*", media_type} & set(offered))
        return None if fits else 406

    def encode(self, body: Any) -> bytes:
        """Returns the JSON of a body."""
        return json.dumps(body, ensure_ascii=False).encode()

    def content_type(self, media_type: str) -> str:
        """Returns the `Content-Type` of an answer."""
        return media_type

    def error(self, call: FailedCall) -> bytes:
        """Returns the JSON body of a refused call."""
        return self.encode({"detail": call.reason})

    def unreadable_score(self) -> Any:
        """Returns the body for a score that is no JSON object (status 400)."""
        return {"detail": "JSON parse error"}


def plain_number(value: float) -> float | int:
    """Returns a whole number without its fraction, as LMSs show it."""
    return int(value) if value.is_integer() else value

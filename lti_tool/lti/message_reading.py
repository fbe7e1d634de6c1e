"""Reads a verified token's claims into a `Launch`; every claim of a wrong type refuses it."""

import json
import math
from collections.abc import Mapping
from types import MappingProxyType

from lti_tool.lti import claims as names
from lti_tool.lti.addresses import origin
from lti_tool.lti.claim_reading import (
    MAX_URL_LENGTH,
    Claims,
    optional_object,
    optional_text,
    optional_texts,
    optional_url,
    required_text,
)
from lti_tool.lti.message_people import (
    MOST_MENTORED,
    for_user,
    is_identifier,
    legacy_claim,
    shown_type,
)
from lti_tool.lti.messages import (
    AgsEndpoint,
    ContextClaim,
    DeepLinkingSettings,
    GroupsEndpoint,
    Launch,
    NoticesEndpoint,
    PlatformClaim,
    ResourceLink,
)
from lti_tool.lti.platforms import platform_for
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import CourseRole, course_roles
from lti_tool.lti.texts import storable

_NAME_LENGTH = 255
_EMAIL_LENGTH = 320
_DESCRIPTION_LENGTH = 2000
_CODE_LENGTH = 64
_CUSTOM_LENGTH = 4096


def read_launch(claims: Claims, registration: Registration) -> Launch:
    """Returns the launch; raises `LaunchRefused` (`claim-missing`, `claim-wrong`)."""
    message_type = required_text(claims, names.MESSAGE_TYPE)
    if message_type not in names.MESSAGE_TYPES:
        raise LaunchRefused("message-not-supported", detail=shown_type(message_type))
    platform = _platform(claims)
    presentation = optional_object(claims, names.LAUNCH_PRESENTATION) or {}
    deep_linking = message_type == names.DEEP_LINKING_REQUEST
    roles = _roles(claims, registration.product or platform.product_family_code)
    return Launch(
        registration_id=registration.id,
        issuer=registration.issuer,
        client_id=registration.client_id,
        deployment_id=required_text(claims, names.DEPLOYMENT_ID),
        subject=required_text(claims, "sub"),
        message_type=message_type,
        target_link_uri=optional_url(claims, names.TARGET_LINK_URI) or "",
        roles=roles,
        name=optional_text(claims, "name", longest=_NAME_LENGTH),
        given_name=optional_text(claims, "given_name", longest=_NAME_LENGTH),
        family_name=optional_text(claims, "family_name", longest=_NAME_LENGTH),
        email=optional_text(claims, "email", longest=_EMAIL_LENGTH),
        context=_context(claims),
        resource_link=_resource_link(claims, message_type),
        custom=_custom(claims),
        ags=_ags(claims),
        memberships_url=_memberships_url(claims),
        groups=_groups(claims),
        notices=_notices(claims),
        platform=platform,
        locale=_presentation_text(presentation, "locale", _CODE_LENGTH),
        document_target=_presentation_text(presentation, "document_target", _CODE_LENGTH),
        return_url=_return_url(presentation),
        deep_linking=_deep_linking(claims) if deep_linking else None,
        for_user=for_user(claims),
        mentored=_mentored(claims) if CourseRole.OBSERVER in roles else frozenset(),
        legacy=legacy_claim(claims),
    )


def _roles(claims: Claims, product: str) -> frozenset[CourseRole]:
    """Returns the roles in the course.

    LTI Core 1.3, §5.4.3: a mentor with `role_scope_mentor` may see the people listed there and
    nobody else: an observer.
    """
    is_scoped = claims.get(names.ROLE_SCOPE_MENTOR) is not None
    optional_texts(claims, names.ROLE_SCOPE_MENTOR)
    return course_roles(
        optional_texts(claims, names.ROLES),
        mentor_is_tutor=platform_for(product).mentor_is_tutor and not is_scoped,
    )


def _context(claims: Claims) -> ContextClaim | None:
    found = optional_object(claims, names.CONTEXT)
    if found is None:
        return None
    return ContextClaim(
        id=required_text(found, "id", place="context."),
        label=optional_text(found, "label", longest=_NAME_LENGTH, place="context."),
        title=optional_text(found, "title", longest=_NAME_LENGTH, place="context."),
    )


def _mentored(claims: Claims) -> frozenset[str]:
    """Returns the `sub` of everybody whom a mentor may see (LTI Core 1.3, §5.4.3)."""
    found = optional_texts(claims, names.ROLE_SCOPE_MENTOR)
    return frozenset(one for one in found[:MOST_MENTORED] if is_identifier(one))


def _resource_link(claims: Claims, message_type: str) -> ResourceLink | None:
    """Returns the link; None for a message that is about none, or need not name one.

    A line item of its own has no link (Submission Review 1.0); data privacy is about a person.
    """
    if message_type in {names.DEEP_LINKING_REQUEST, names.DATA_PRIVACY_REQUEST}:
        return None
    found = optional_object(claims, names.RESOURCE_LINK) or {}
    if message_type == names.SUBMISSION_REVIEW_REQUEST and not found:
        return None
    place = "resource_link."
    return ResourceLink(
        id=required_text(found, "id", place=place),
        title=optional_text(found, "title", longest=_NAME_LENGTH, place=place),
        description=optional_text(found, "description", longest=_DESCRIPTION_LENGTH, place=place),
    )


def _platform(claims: Claims) -> PlatformClaim:
    found = optional_object(claims, names.TOOL_PLATFORM) or {}
    place = "tool_platform."
    return PlatformClaim(
        product_family_code=optional_text(
            found, "product_family_code", longest=_CODE_LENGTH, place=place
        ),
        guid=optional_text(found, "guid", longest=_NAME_LENGTH, place=place),
        name=optional_text(found, "name", longest=_NAME_LENGTH, place=place),
        version=optional_text(found, "version", longest=_CODE_LENGTH, place=place),
    )


def _custom(claims: Claims) -> Mapping[str, str]:
    found = optional_object(claims, names.CUSTOM) or {}
    texts: dict[str, str] = {}
    for name, value in found.items():
        if isinstance(value, str):
            texts[storable(name)] = storable(value)[:_CUSTOM_LENGTH]
        elif isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            texts[storable(name)] = json.dumps(value)
    return MappingProxyType(texts)


def _ags(claims: Claims) -> AgsEndpoint | None:
    found = optional_object(claims, names.AGS_ENDPOINT)
    if found is None:
        return None
    return AgsEndpoint(
        scopes=frozenset(optional_texts(found, "scope", place="endpoint.")),
        lineitems=optional_url(found, "lineitems", place="endpoint."),
        lineitem=optional_url(found, "lineitem", place="endpoint."),
    )


def _memberships_url(claims: Claims) -> str | None:
    found = optional_object(claims, names.NRPS_SERVICE) or {}
    return optional_url(found, "context_memberships_url", place="namesroleservice.")


def _groups(claims: Claims) -> GroupsEndpoint | None:
    """Returns None, too, for a service that we were given no right to."""
    found = optional_object(claims, names.GROUPS_SERVICE) or {}
    place = "groupsservice."
    url = optional_url(found, "context_groups_url", place=place)
    if url is None or not _grants(found, names.SCOPE_CONTEXT_GROUPS, place):
        return None
    return GroupsEndpoint(url, optional_url(found, "context_group_sets_url", place=place))


def _notices(claims: Claims) -> NoticesEndpoint | None:
    found = optional_object(claims, names.NOTICE_SERVICE) or {}
    place = "platformnotificationservice."
    url = optional_url(found, "platform_notification_service_url", place=place)
    if url is None or not _grants(found, names.SCOPE_NOTICE_HANDLERS, place):
        return None
    types = optional_texts(found, "notice_types_supported", place=place)
    return NoticesEndpoint(url, frozenset(types) & frozenset(names.NOTICE_TYPES))


def _grants(service: Claims, scope: str, place: str) -> bool:
    scopes = optional_texts(service, "scope", place=place)
    return not scopes or scope in scopes


def _presentation_text(presentation: Claims, name: str, longest: int) -> str:
    return optional_text(presentation, name, longest=longest, place="launch_presentation.")


def _return_url(presentation: Claims) -> str:
    """Becomes a link on our pages, so that `javascript:` and the like are left out."""
    url = _presentation_text(presentation, "return_url", MAX_URL_LENGTH)
    return url if origin(url) else ""


def _deep_linking(claims: Claims) -> DeepLinkingSettings:
    found = optional_object(claims, names.DEEP_LINKING_SETTINGS) or {}
    place = "deep_linking_settings."
    return_url = optional_url(found, "deep_link_return_url", place=place)
    if return_url is None:
        raise LaunchRefused("claim-missing", detail=place + "deep_link_return_url")
    return DeepLinkingSettings(
        return_url=return_url,
        accept_types=optional_texts(found, "accept_types", place=place),
        accept_targets=optional_texts(found, "accept_presentation_document_targets", place=place),
        accept_multiple=_truth(found.get("accept_multiple")) is True,
        accept_line_item=_truth(found.get("accept_lineitem")),
        title=optional_text(found, "title", longest=_NAME_LENGTH, place=place),
        text=optional_text(found, "text", longest=_DESCRIPTION_LENGTH, place=place),
        data=found.get("data"),
    )


def _truth(value: object) -> bool | None:
    """Some LMSs write booleans as texts; anything else says nothing."""
    for truth in (True, False):
        if value is truth or value == str(truth).lower():
            return truth
    return None

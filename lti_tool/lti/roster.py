"""Names and Role Provisioning Services 2.0: who is in a course.

https://www.imsglobal.org/spec/lti-nrps/v2p0/. A roster is complete or not there at all: the
caller marks those who are absent from it as inactive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lti_tool.kernel.clock import now as wall_clock
from lti_tool.kernel.http import HttpClient
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.addresses import with_query
from lti_tool.lti.claims import MEDIA_MEMBERS, SCOPE_MEMBERSHIPS
from lti_tool.lti.groups import text_of_id
from lti_tool.lti.platforms import platform_for
from lti_tool.lti.refusals import ServiceUnreadable
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import CourseRole, course_roles
from lti_tool.lti.service_calls import Caller, ServiceCalls
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.texts import is_storable, shown
from lti_tool.lti.waiting import Clock

_MAX_ID_LENGTH = 255
_NAME_LENGTH = 255
_EMAIL_LENGTH = 320
_MOST_GROUPS = 100


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a course (NRPS 2.0, “Membership container media type”).

    Names and e-mail are "" when not sent. `groups` are ids: Course Groups 1.0, “Group enrollments”.
    """

    user_id: str
    roles: frozenset[CourseRole]
    active: bool
    name: str = field(default="", repr=False)
    given_name: str = field(default="", repr=False)
    family_name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    groups: tuple[str, ...] = ()


class Roster:
    """Reads rosters; safe to share between threads."""

    def __init__(
        self, http: HttpClient, tokens: AccessTokens, *, clock: Clock = wall_clock
    ) -> None:
        self._calls = ServiceCalls(http, tokens, clock=clock)

    def members(
        self, registration: Registration, key: SigningKey, url: str, *, with_groups: bool = False
    ) -> list[Member]:
        """Returns everybody in the course, from all pages, each person once.

        `with_groups` asks for everybody's groups too, where the LMS has a groups service. Raises `ServiceUnavailable` when trying later may help, `ServiceRefused` or
        `TokenRefused` when not; never returns a part. May call the LMS many times.
        """
        mentor_is_tutor = platform_for(registration.product).mentor_is_tutor
        caller = Caller(registration, key, SCOPE_MEMBERSHIPS)
        found: dict[str, Member] = {}
        if with_groups:
            url = with_query(url, {"groups": "true"})
        for page in self._calls.pages(caller, url, accept=MEDIA_MEMBERS):
            for entry in _entries(page):
                member = _read_member(entry, mentor_is_tutor=mentor_is_tutor)
                known = found.get(member.user_id)
                found[member.user_id] = _joined(known, member) if known else member
        return list(found.values())


def _entries(page: object) -> list[object]:
    members = page.get("members") if isinstance(page, dict) else None
    if not isinstance(members, list):
        raise ServiceUnreadable(detail="no list of members")
    return members


def _read_member(entry: object, *, mentor_is_tutor: bool) -> Member:
    if not isinstance(entry, dict):
        raise ServiceUnreadable(detail="a member is not an object")
    user_id, roles = entry.get("user_id"), entry.get("roles")
    if not isinstance(user_id, str) or not _is_id(user_id):
        raise ServiceUnreadable(detail="a member has no user_id")
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ServiceUnreadable(detail="a member has no list of roles")
    return Member(
        user_id=user_id,
        roles=course_roles(roles, mentor_is_tutor=mentor_is_tutor),
        # NRPS 2.0, “Membership status”: absent means active.
        active=entry.get("status") in (None, "Active"),
        name=_text(entry, "name", _NAME_LENGTH),
        given_name=_text(entry, "given_name", _NAME_LENGTH),
        family_name=_text(entry, "family_name", _NAME_LENGTH),
        email=_text(entry, "email", _EMAIL_LENGTH),
        groups=_groups(entry.get("group_enrollments")),
    )


def _groups(enrollments: object) -> tuple[str, ...]:
    """Returns the ids of groups that can be read: without its groups a person is there all the same."""
    found = enrollments if isinstance(enrollments, list) else ()
    ids = (text_of_id(each.get("group_id")) for each in found if isinstance(each, dict))
    return tuple(sorted({one for one in ids if one})[:_MOST_GROUPS])


def _is_id(value: str) -> bool:
    return 0 < len(value) <= _MAX_ID_LENGTH and is_storable(value)


def _joined(known: Member, again: Member) -> Member:
    """A person who stands twice has both roles; active somewhere is active."""
    return replace(
        known,
        roles=known.roles | again.roles,
        active=known.active or again.active,
        groups=tuple(sorted({*known.groups, *again.groups})),
    )


def _text(entry: Mapping[str, object], name: str, longest: int) -> str:
    value = entry.get(name)
    return shown(value, longest) if isinstance(value, str) else ""

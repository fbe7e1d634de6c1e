"""Course Groups Service 1.0: the groups of a course, and the sets that they belong to.

https://www.imsglobal.org/spec/lti-gs/v1p0/. Who is in which group stands in the roster
(`group_enrollments`), when it is asked for with `groups=true`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lti_tool.kernel.clock import now as wall_clock
from lti_tool.kernel.http import HttpClient
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import MEDIA_GROUPS, SCOPE_CONTEXT_GROUPS
from lti_tool.lti.refusals import ServiceUnreadable
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_calls import Caller, ServiceCalls
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.texts import is_storable, shown
from lti_tool.lti.waiting import Clock

_MAX_ID_LENGTH = 255
_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class CourseGroup:
    """One group. `set_id` is "" for a group that stands alone."""

    id: str
    name: str
    set_id: str = ""


class CourseGroups:
    """Reads the groups of courses; safe to share between threads."""

    def __init__(
        self, http: HttpClient, tokens: AccessTokens, *, clock: Clock = wall_clock
    ) -> None:
        self._calls = ServiceCalls(http, tokens, clock=clock)

    def groups(self, registration: Registration, key: SigningKey, url: str) -> list[CourseGroup]:
        """Returns the course's groups, from all pages, in the LMS's order, each once.

        Raises `ServiceUnavailable` when trying later may help, `ServiceRefused` or
        `TokenRefused` when not; never returns a part.
        """
        return self._listed(registration, key, url, "groups")

    def sets(self, registration: Registration, key: SigningKey, url: str) -> dict[str, str]:
        """Returns the names of the sets of groups, by id. Raises as `groups`."""
        return {one.id: one.name for one in self._listed(registration, key, url, "sets")}

    def _listed(
        self, registration: Registration, key: SigningKey, url: str, field: str
    ) -> list[CourseGroup]:
        caller = Caller(registration, key, SCOPE_CONTEXT_GROUPS)
        found: dict[str, CourseGroup] = {}
        for page in self._calls.pages(caller, url, accept=MEDIA_GROUPS):
            for entry in _entries(page, field):
                group = _read_group(entry)
                found.setdefault(group.id, group)
        return list(found.values())


def _entries(page: object, field: str) -> Iterator[Mapping[str, object]]:
    groups = page.get(field) if isinstance(page, dict) else None
    if not isinstance(groups, list):
        raise ServiceUnreadable(detail="no list of groups")
    for each in groups:
        if not isinstance(each, dict):
            raise ServiceUnreadable(detail="a group is not an object")
        yield each


def _read_group(entry: Mapping[str, object]) -> CourseGroup:
    group_id, name = text_of_id(entry.get("id")), entry.get("name")
    if not group_id:
        raise ServiceUnreadable(detail="a group has no id")
    title = shown(name, _NAME_LENGTH) if isinstance(name, str) else ""
    return CourseGroup(group_id, title or group_id, text_of_id(entry.get("set_id")))


def text_of_id(value: object) -> str:
    """Returns an id, "" for none. Some LMSs count their groups: a number is read as its text."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    is_id = isinstance(text, str) and 0 < len(text) <= _MAX_ID_LENGTH and is_storable(text)
    return str(text) if is_id else ""

"""The protocol's moving parts, made once in a process: key sets, tokens, services, our keys."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from lti_tool.gateway.keys import KeyRing
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.groups import CourseGroups
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.notices import NoticeHandlers
from lti_tool.lti.roster import Roster
from lti_tool.lti.scores import GradeService

EXTENSION = "imhcf-protocol"


@dataclass(frozen=True, slots=True)
class Protocol:
    """What the gateway speaks LTI with. Everything in it is safe to share between threads."""

    key_sets: KeySets
    key_ring: KeyRing
    grades: GradeService
    roster: Roster
    groups: CourseGroups
    notices: NoticeHandlers


def make_protocol(runtime: Runtime) -> Protocol:
    """Returns the protocol over the runtime's HTTP client and database."""
    tokens = AccessTokens(runtime.http)
    return Protocol(
        key_sets=KeySets(runtime.http),
        key_ring=KeyRing(runtime),
        grades=GradeService(runtime.http, tokens),
        roster=Roster(runtime.http, tokens),
        groups=CourseGroups(runtime.http, tokens),
        notices=NoticeHandlers(runtime.http, tokens),
    )


def protocol() -> Protocol:
    """Returns the protocol of the current application."""
    return cast("Protocol", current_app.extensions[EXTENSION])

"""What an LMS answers to a registration: Dynamic Registration 1.0, §3.6."""

from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.lti.refusals import RegistrationRefused
from lti_tool.lti.registration_document import TOOL_CONFIGURATION
from lti_tool.lti.texts import is_storable

_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Registered:
    """How the LMS knows us from now on. `deployment_id` is "" where it does not name one yet.

    `scopes` are those that it will grant, None where it does not say.
    """

    client_id: str
    deployment_id: str = ""
    scopes: frozenset[str] | None = None


def read_registered(found: Mapping[str, object]) -> Registered:
    """Returns what the LMS decided; raises `RegistrationRefused` (`registration-unreadable`)."""
    client_id = _identifier(found.get("client_id"))
    if not client_id:
        raise RegistrationRefused("registration-unreadable", detail="client_id")
    configuration = found.get(TOOL_CONFIGURATION)
    deployment = configuration.get("deployment_id") if isinstance(configuration, dict) else None
    scope = found.get("scope")
    return Registered(
        client_id=client_id,
        deployment_id=_identifier(deployment),
        scopes=frozenset(scope.split()) if isinstance(scope, str) else None,
    )


def _identifier(value: object) -> str:
    """Canvas's client ids are numbers, and some LMSs write them so."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _LONGEST or not is_storable(value):
        return ""
    return value

"""An LMS and this tool make themselves known to each other: LTI Dynamic Registration 1.0.

https://www.imsglobal.org/spec/lti-dr/v1p0
The LMS opens our page with the address of its OpenID configuration and, mostly, a token. We read
the configuration, offer ours, and keep what the LMS answers.
"""

import json
from collections.abc import Mapping

from lti_tool.kernel.http import CallFailed, HttpAnswer, HttpClient
from lti_tool.lti.addresses import origin, same_origin
from lti_tool.lti.claims import USER_AGENT
from lti_tool.lti.platform_configuration import PlatformConfiguration, read_configuration
from lti_tool.lti.refusals import RegistrationRefused
from lti_tool.lti.registration_document import TOOL_CONFIGURATION, ToolFacts, document
from lti_tool.lti.registration_reading import Registered, read_registered

__all__ = [
    "TOOL_CONFIGURATION",
    "PlatformConfiguration",
    "Registered",
    "ToolFacts",
    "fetch_configuration",
    "register",
]

_SUCCESS = range(200, 300)
_JSON = "application/json"
_MOST_BYTES = 200_000


def fetch_configuration(http: HttpClient, url: str, token: str) -> PlatformConfiguration:
    """Returns what an LMS says of itself, checked against the address that said it.

    Dynamic Registration 1.0, §3.4: the configuration's host must be the issuer's. Whoever sends
    an administrator to us with a link of their own could else pass for another LMS. Raises
    `RegistrationRefused`: `configuration-unreachable`, `configuration-unreadable`,
    `issuer-foreign`, `token-unusable`.
    """
    _check_token(token)
    if origin(url) is None:
        raise RegistrationRefused("configuration-unreadable", detail="not an http(s) address")
    # Canvas wants the token on this call too; an LMS that does not ask for it ignores it.
    headers = {"Accept": _JSON, "User-Agent": USER_AGENT, **_bearer(token)}
    try:
        answer = http.get(url, headers=headers)
    except CallFailed as error:
        raise RegistrationRefused("configuration-unreachable", detail=error.code) from None
    if answer.status not in _SUCCESS:
        raise RegistrationRefused("configuration-unreachable", detail=f"status {answer.status}")
    found = read_configuration(_object(answer, "configuration-unreadable"))
    if not same_origin(found.issuer, url):
        raise RegistrationRefused("issuer-foreign", detail=_host(found.issuer))
    return found


def register(
    http: HttpClient, platform: PlatformConfiguration, token: str, tool: ToolFacts
) -> Registered:
    """Offers the tool to the LMS and returns how the LMS knows it from now on.

    Raises `RegistrationRefused`: `registration-unreachable`, `registration-refused`,
    `registration-unreadable`. The LMS takes a token once, so that a refusal needs a new start.
    """
    _check_token(token)
    body = json.dumps(document(tool, platform)).encode()
    headers = {
        "Accept": _JSON,
        "Content-Type": _JSON,
        "User-Agent": USER_AGENT,
        **_bearer(token),
    }
    try:
        answer = http.post(platform.registration_url, headers=headers, body=body)
    except CallFailed as error:
        raise RegistrationRefused("registration-unreachable", detail=error.code) from None
    if answer.status not in _SUCCESS:
        raise RegistrationRefused("registration-refused", detail=f"status {answer.status}")
    return read_registered(_object(answer, "registration-unreadable"))


def _check_token(token: str) -> None:
    """It goes into a header."""
    if len(token) > 8000 or not token.isascii() or (token and not token.isprintable()):
        raise RegistrationRefused("token-unusable")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _object(answer: HttpAnswer, code: str) -> Mapping[str, object]:
    if len(answer.body) > _MOST_BYTES:
        raise RegistrationRefused(code, detail="too large")
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise RegistrationRefused(code, detail=f"not JSON ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise RegistrationRefused(code, detail="not an object")
    return found


def _host(url: str) -> str:
    found = origin(url)
    return found[1][:100] if found else ""

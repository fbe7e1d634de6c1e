"""Platform Notification Service 1.0: asking an LMS for notices, and reading those that it sends.

https://www.imsglobal.org/spec/lti-pns/v1p0/. A notice is a signed token about no person's visit:
nobody signs in by it, so it carries no nonce of ours, and its own id makes it good once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lti_tool.kernel.clock import now as wall_clock
from lti_tool.kernel.http import HttpClient
from lti_tool.lti import claims as names
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claim_reading import optional_object, optional_texts, required_text
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_calls import Call, Caller, Method, ServiceCalls
from lti_tool.lti.signed_tokens import SignedToken, parse_signed
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.texts import is_storable
from lti_tool.lti.verification import LEEWAY_SECONDS, check_parties, check_times
from lti_tool.lti.waiting import Clock

_JSON = "application/json"
_MAX_ID_LENGTH = 255
_MOST_CLIENTS = 10
# An LMS may send what it could not deliver for a while; nothing of a course's is older than this.
_LONGEST_LIFE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Notice:
    """One verified notice. `token_id` is good once; `ends_at` is when the token is refused anyway.

    `context` and `origins` are ids of courses, "" and () where the notice is about none.
    """

    id: str
    type: str
    token_id: str
    ends_at: datetime
    deployment_id: str
    context: str = ""
    origins: tuple[str, ...] = ()


class NoticeHandlers:
    """Registers our address at LMSs; safe to share between threads."""

    def __init__(
        self, http: HttpClient, tokens: AccessTokens, *, clock: Clock = wall_clock
    ) -> None:
        self._calls = ServiceCalls(http, tokens, clock=clock)

    def register(
        self, registration: Registration, key: SigningKey, url: str, *, kind: str, handler: str
    ) -> None:
        """Asks for notices of one type at an address; a repeat changes nothing there.

        Raises `ServiceUnavailable` when trying later may help, `ServiceRefused` or
        `TokenRefused` when not.
        """
        body = {"notice_type": kind, "handler": handler}
        call = Call(Method.PUT, url, accept=_JSON, media=_JSON, body=body)
        self._calls.ask(Caller(registration, key, names.SCOPE_NOTICE_HANDLERS), call)


def parse_notice(token: str) -> tuple[SignedToken, str, tuple[str, ...]]:
    """Returns the token, and whom it says it is from and for: nobody has checked it yet.

    Raises `LaunchRefused`: `token-malformed` and the like, `issuer-wrong`, `audience-wrong`.
    """
    parsed = parse_signed(token)
    issuer, audience = parsed.claims.get("iss"), parsed.claims.get("aud")
    clients = [audience] if isinstance(audience, str) else audience
    if not isinstance(issuer, str) or not is_storable(issuer):
        raise LaunchRefused("issuer-wrong")
    if not isinstance(clients, list) or not 0 < len(clients) <= _MOST_CLIENTS:
        raise LaunchRefused("audience-wrong")
    known = tuple(each for each in clients if isinstance(each, str) and is_storable(each))
    if len(known) != len(clients):
        raise LaunchRefused("audience-wrong", detail="aud holds more than texts")
    return parsed, issuer, known


def verify_notice(
    token: SignedToken, *, registration: Registration, keys: KeySets, now: datetime
) -> Notice:
    """Returns the notice that a token proves, by the rules of a launch but for its nonce.

    The caller looks at the deployment, and whether the notice came before. Raises
    `LaunchRefused`, and `KeySetUnavailable` when the LMS's keys cannot be had. May make one HTTP
    call, for the keys: call it outside a transaction.
    """
    token.check_signature(keys.key(registration.id, registration.jwks_url, token.kid))
    claims = token.claims
    check_parties(claims, registration)
    check_times(claims, now)
    if claims.get(names.VERSION) != names.LTI_VERSION:
        raise LaunchRefused("version-wrong")
    notice = optional_object(claims, names.NOTICE)
    if notice is None:
        raise LaunchRefused("claim-missing", detail=names.NOTICE)
    context = optional_object(claims, names.CONTEXT)
    return Notice(
        id=required_text(notice, "id", place="notice."),
        type=required_text(notice, "type", place="notice."),
        token_id=_token_id(claims),
        ends_at=_end(claims, now),
        deployment_id=required_text(claims, names.DEPLOYMENT_ID),
        context=required_text(context, "id", place="context.") if context else "",
        origins=_origins(claims),
    )


def _token_id(claims: Mapping[str, object]) -> str:
    """RFC 7519, §4.1.7; Canvas's notices have a `nonce` too, and some LMSs only that."""
    name = "jti" if claims.get("jti") is not None else "nonce"
    return required_text(claims, name)


def _end(claims: Mapping[str, object], now: datetime) -> datetime:
    """`check_times` has seen that `exp` is a number. An id must be kept as long as it is good."""
    expires = claims["exp"]
    seconds = float(expires) if isinstance(expires, (int, float)) else 0.0
    if seconds > (now + _LONGEST_LIFE).timestamp():
        raise LaunchRefused("claim-wrong", detail="exp is days away")
    return datetime.fromtimestamp(seconds, UTC) + timedelta(seconds=2 * LEEWAY_SECONDS)


def _origins(claims: Mapping[str, object]) -> tuple[str, ...]:
    """The courses that this one is a copy of, each once; an id that cannot be one is refused."""
    found = tuple(dict.fromkeys(optional_texts(claims, names.ORIGIN_CONTEXTS)))
    if not all(0 < len(one) <= _MAX_ID_LENGTH and is_storable(one) for one in found):
        raise LaunchRefused("claim-wrong", detail=names.ORIGIN_CONTEXTS)
    return found

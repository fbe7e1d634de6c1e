"""Access tokens for the LMSs' services, cached for each registration and set of scopes.

Security 1.0, §4.1 (client credentials with a signed assertion, RFC 7523). One issuer can serve
many customers (`https://canvas.instructure.com`): a cache keyed by issuer would hand one
customer another's token, so the key is the registration.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from lti_tool.kernel.clock import now as wall_clock
from lti_tool.kernel.http import CallFailed, HttpAnswer, HttpClient
from lti_tool.lti.claims import ASSERTION_TYPE, GRANT_TYPE, USER_AGENT
from lti_tool.lti.flights import Flight, Shelf
from lti_tool.lti.refusals import TokenRefused, TokenUnavailable
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.strict_json import finite_number
from lti_tool.lti.waiting import Clock, is_passing, retry_after

_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": USER_AGENT,
}
_SUCCESS = range(200, 300)
_CLIENT_ERRORS = range(400, 500)

# Our clock may be ahead of the LMS's, which would refuse an assertion from the future.
_BACKDATED = timedelta(seconds=5)
_ASSERTION_LIFE = timedelta(seconds=120)

# A token must live long enough to be used after it was taken from here.
_MARGIN_SECONDS = 60.0
# RFC 6749, §5.1 recommends `expires_in`; without it a short life is assumed.
_ASSUMED_LIFE_SECONDS = 300.0
_LONGEST_LIFE_SECONDS = 24 * 3600.0

# RFC 6749, §5.2: the only values of an error answer that are written to the log.
_OAUTH_ERRORS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and the scopes it was granted: Moodle narrows them silently."""

    token: str = field(repr=False)
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(slots=True)
class _Entry:
    flight: Flight = field(default_factory=Flight)
    token: AccessToken | None = None
    failure: Callable[[], TokenRefused | TokenUnavailable] | None = None


class AccessTokens:
    """Gets access tokens; safe to share between threads."""

    def __init__(
        self, http: HttpClient, *, clock: Clock = wall_clock, capacity: int = 5000
    ) -> None:
        self._http = http
        self._clock = clock
        # The registration's every field is part of the key: one that was edited starts afresh.
        self._shelf: Shelf[tuple[Registration, frozenset[str]], _Entry] = Shelf(
            _Entry, capacity=capacity
        )

    def get(
        self, registration: Registration, scopes: frozenset[str], key: SigningKey
    ) -> AccessToken:
        """Returns a token with a minute of life left, from the cache or from the LMS.

        Its scopes may be fewer than were asked for. Raises `TokenRefused` when an operator must
        act, `TokenUnavailable` when trying later may help.
        """
        entry = self._shelf.entry((registration, scopes))
        held = entry.token
        if held is not None and self._clock() < held.expires_at:
            return held
        with entry.flight.boarding() as is_ours:
            held = entry.token
            if held is not None and self._clock() < held.expires_at:
                return held
            if not is_ours and entry.failure is not None:
                raise entry.failure()
            return self._fetch(entry, registration, scopes, key)

    def forget(
        self, registration: Registration, scopes: frozenset[str], token: AccessToken
    ) -> None:
        """Drops a token that a service refused, unless another thread has replaced it already."""
        entry = self._shelf.entry((registration, scopes))
        if entry.token == token:
            entry.token = None

    def _fetch(
        self,
        entry: _Entry,
        registration: Registration,
        scopes: frozenset[str],
        key: SigningKey,
    ) -> AccessToken:
        entry.token = entry.failure = None
        body = _request_body(registration, scopes, key, self._clock())
        try:
            answer = self._http.post(registration.token_url, headers=_HEADERS, body=body)
        except CallFailed as error:
            reason = error.code
            entry.failure = lambda: TokenUnavailable(detail=reason)
            raise entry.failure() from None
        now = self._clock()
        if answer.status not in _SUCCESS:
            entry.failure = lambda: _failure(answer, now)
            raise entry.failure()
        granted = _granted(answer, scopes, now)
        if granted is None:
            entry.failure = lambda: TokenUnavailable("token-unreadable")
            raise entry.failure()
        entry.token = granted
        return granted


def _request_body(
    registration: Registration, scopes: frozenset[str], key: SigningKey, now: datetime
) -> bytes:
    """Returns the form of Security 1.0, §4.1.1, with its signed assertion."""
    issued = now - _BACKDATED
    assertion = key.sign(
        {
            "iss": registration.client_id,
            "sub": registration.client_id,
            "aud": registration.token_audience or registration.token_url,
            "iat": int(issued.timestamp()),
            "exp": int((issued + _ASSERTION_LIFE).timestamp()),
            "jti": uuid.uuid4().hex,
        }
    )
    form = {
        "grant_type": GRANT_TYPE,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
        "scope": " ".join(sorted(scopes)),
    }
    return urlencode(form).encode()


def _failure(answer: HttpAnswer, now: datetime) -> TokenRefused | TokenUnavailable:
    if is_passing(answer.status) or answer.status not in _CLIENT_ERRORS:
        wait = retry_after(answer.headers, now)
        return TokenUnavailable(detail=f"status {answer.status}", retry_after=wait)
    error = _object(answer).get("error")
    known = error if isinstance(error, str) and error in _OAUTH_ERRORS else "no known error"
    code = "scope-refused" if known == "invalid_scope" else "token-refused"
    return TokenRefused(code, detail=f"status {answer.status}, {known}")


def _granted(answer: HttpAnswer, asked: frozenset[str], now: datetime) -> AccessToken | None:
    """RFC 6749, §5.1; None for an answer that is no bearer token."""
    found = _object(answer)
    token, scope, kind = found.get("access_token"), found.get("scope"), found.get("token_type")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        return None
    if kind is not None and (not isinstance(kind, str) or kind.lower() != "bearer"):
        return None
    life = min(_seconds(found.get("expires_in")), _LONGEST_LIFE_SECONDS)
    return AccessToken(
        token=token,
        # RFC 6749, §3.3: without `scope`, what was asked for was granted.
        scopes=frozenset(scope.split()) if isinstance(scope, str) else asked,
        expires_at=now + timedelta(seconds=max(life - _MARGIN_SECONDS, 0.0)),
    )


def _seconds(value: object) -> float:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return float(value[:12])
    seconds = finite_number(value)
    return _ASSUMED_LIFE_SECONDS if seconds is None else max(seconds, 0.0)


def _object(answer: HttpAnswer) -> dict[str, object]:
    try:
        parsed: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}

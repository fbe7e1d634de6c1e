"""Calls to an LMS's services: the bearer token, one retry on 401, and every page of a list.

Security 1.0, §4.1; AGS 2.0, “Container request filters”; NRPS 2.0, “Limit query parameter”.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.kernel.http import CallFailed, HttpAnswer, HttpClient
from lti_tool.lti.access_tokens import AccessToken, AccessTokens
from lti_tool.lti.claims import USER_AGENT
from lti_tool.lti.links import next_link
from lti_tool.lti.refusals import (
    ServiceRefused,
    ServiceUnavailable,
    ServiceUnreadable,
    TokenRefused,
)
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.waiting import Clock, is_passing, retry_after

_SUCCESS = range(200, 300)
_CLIENT_ERRORS = range(400, 500)
_UNAUTHORISED = 401
_FORBIDDEN = 403
_GONE = frozenset({404, 410})
_JSON = "application/json"

# Not a limit on people: a list that is still not at its end here never ends.
_MOST_PAGES = 10_000


class Method(StrEnum):
    """What a service is asked to do."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Caller:
    """In whose name a call is made, with which key of ours, and with which right."""

    registration: Registration
    key: SigningKey
    scope: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a service. A body goes out as JSON of exactly the given media type."""

    method: Method
    url: str
    accept: str = _JSON
    media: str = ""
    body: Mapping[str, object] | None = None


class ServiceCalls:
    """Makes calls with an access token; safe to share between threads."""

    def __init__(self, http: HttpClient, tokens: AccessTokens, *, clock: Clock) -> None:
        self._http = http
        self._tokens = tokens
        self._clock = clock

    def make(self, caller: Caller, call: Call) -> HttpAnswer:
        """Returns the answer, whatever its status; a 401 is tried once more with a new token.

        Raises `CallFailed`; `TokenRefused` and `TokenUnavailable` as `AccessTokens.get`; and
        `ServiceRefused` (`permission-missing`) when the LMS does not grant the scope.
        """
        token = self._token(caller)
        answer = self._send(call, token)
        if answer.status != _UNAUTHORISED:
            return answer
        # An LMS may forget a token before its time.
        self._tokens.forget(caller.registration, frozenset({caller.scope}), token)
        return self._send(call, self._token(caller))

    def ask(self, caller: Caller, call: Call) -> HttpAnswer:
        """Returns an answer with a status of success.

        Raises `ServiceUnavailable` when trying later may help; `ServiceRefused` (codes
        `permission-missing`, `not-found`, `service-refused`) and `TokenRefused` when not.
        """
        try:
            answer = self.make(caller, call)
        except CallFailed as error:
            raise ServiceUnavailable(detail=error.code) from None
        if answer.status not in _SUCCESS:
            raise self._error(answer)
        return answer

    def pages(self, caller: Caller, url: str, *, accept: str) -> Iterator[object]:
        """Yields the JSON of every page, to the last.

        Raises as `ask`, and `ServiceUnreadable` for what is not JSON, for a next page elsewhere
        (`next-link-foreign`) and for one that was read before (`paging-loop`).
        """
        seen: set[str] = set()
        following: str | None = url
        while following is not None:
            if following in seen or len(seen) >= _MOST_PAGES:
                raise ServiceUnreadable("paging-loop", detail=f"after {len(seen)} pages")
            seen.add(following)
            answer = self.ask(caller, Call(Method.GET, following, accept=accept))
            yield parsed(answer)
            following = next_link(answer.headers, following)

    def _send(self, call: Call, token: AccessToken) -> HttpAnswer:
        headers = {
            "Authorization": f"Bearer {token.token}",
            "Accept": call.accept,
            "User-Agent": USER_AGENT,
        }
        if call.method is Method.GET:
            return self._http.get(call.url, headers=headers)
        if call.method is Method.DELETE:
            return self._http.delete(call.url, headers=headers)
        headers["Content-Type"] = call.media
        body = json.dumps(call.body, allow_nan=False).encode()
        if call.method is Method.PUT:
            return self._http.put(call.url, headers=headers, body=body)
        return self._http.post(call.url, headers=headers, body=body)

    def _token(self, caller: Caller) -> AccessToken:
        try:
            token = self._tokens.get(caller.registration, frozenset({caller.scope}), caller.key)
        except TokenRefused as error:
            if error.code == "scope-refused":
                raise ServiceRefused("permission-missing", detail=error.detail) from None
            raise
        if caller.scope not in token.scopes:
            raise ServiceRefused("permission-missing", detail="the token lacks the scope")
        return token

    def _error(self, answer: HttpAnswer) -> ServiceUnavailable | ServiceRefused:
        detail = f"status {answer.status}"
        if answer.status == _UNAUTHORISED:
            # With a token made a moment ago: an LMS that forgets its tokens may heal.
            return ServiceUnavailable("service-unauthorised", detail=detail)
        if is_passing(answer.status) or answer.status not in _CLIENT_ERRORS:
            wait = retry_after(answer.headers, self._clock())
            return ServiceUnavailable(detail=detail, retry_after=wait)
        if answer.status == _FORBIDDEN:
            return ServiceRefused("permission-missing", detail=detail)
        return ServiceRefused("not-found" if answer.status in _GONE else None, detail=detail)


def parsed(answer: HttpAnswer) -> object:
    """Returns the answer's JSON; raises `ServiceUnreadable`."""
    try:
        found: object = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise ServiceUnreadable(detail=f"not JSON ({type(error).__name__})") from None
    return found


def listed(pages: Iterator[object]) -> Iterator[object]:
    """Yields the entries of pages that are lists; raises `ServiceUnreadable` for one that is not."""
    for page in pages:
        if not isinstance(page, list):
            raise ServiceUnreadable(detail="a page is not a list")
        yield from page

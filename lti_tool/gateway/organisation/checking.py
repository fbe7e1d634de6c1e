"""Testing a connection: calls the LMS step by step and says how each went. HTTP, no database."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lti_tool.gateway.organisation.findings import Outcome, Step, StepFinding
from lti_tool.gateway.organisation.scopes import SERVICES
from lti_tool.kernel import clock
from lti_tool.kernel.errors import ImhcfError, Misconfigured
from lti_tool.kernel.http import CallFailed, HttpAnswer, HttpClient
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import (
    MEDIA_LINE_ITEMS,
    MEDIA_MEMBERS,
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READONLY,
    SCOPE_MEMBERSHIPS,
    SCOPE_SCORE,
    USER_AGENT,
)
from lti_tool.lti.jwk_sets import NotAKeySet, parse_key_set
from lti_tool.lti.links import next_link
from lti_tool.lti.refusals import ServiceUnreadable, TokenRefused
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_calls import Call, Caller, Method, ServiceCalls, parsed
from lti_tool.lti.signing import SigningKey
from lti_tool.lti.waiting import header

# Nobody waits longer than this for a test: what has not begun by then is not tried.
BUDGET_SECONDS = 60.0
# What a launch's times may be off by (60 s of leeway).
MOST_SECONDS_OFF = 60
MOST_KIDS = 8
_SUCCESS = range(200, 300)
_GONE = frozenset({404, 410})
_SERVER_ERRORS = range(500, 600)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tested: a registration, and a course of it with its services, where one is known."""

    registration: Registration
    line_items_url: str = ""
    memberships_url: str = ""


@dataclass(slots=True)
class Examination:
    """One test under way. `granted` and `refused` are the scopes that tokens were asked for."""

    http: HttpClient
    subject: Subject
    signing_key: Callable[[], SigningKey]
    granted: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    _date: str = ""
    _calls: ServiceCalls = field(init=False)
    _tokens: AccessTokens = field(init=False)
    _key: SigningKey | None = None

    def __post_init__(self) -> None:
        # A cache of its own: a test must not find what worked an hour ago.
        self._tokens = AccessTokens(self.http)
        self._calls = ServiceCalls(self.http, self._tokens, clock=clock.now)

    def steps(self) -> Iterator[StepFinding]:
        """Yields the findings, in order. Makes HTTP calls: never inside a transaction."""
        ends_at = time.monotonic() + BUDGET_SECONDS
        for step, look in (
            (Step.SIGN_IN, self._sign_in),
            (Step.KEYS, self._keys),
            (Step.CLOCK, self._clock),
            (Step.TOKEN, self._token),
            (Step.LINE_ITEMS, self._line_items),
            (Step.ROSTER, self._roster),
        ):
            if time.monotonic() >= ends_at:
                yield StepFinding(step, Outcome.NOT_TRIED, "too-slow")
                continue
            try:
                yield look()
            except ImhcfError as error:
                yield _failure(step, error)

    def _sign_in(self) -> StepFinding:
        address = self.subject.registration.auth_login_url
        try:
            answer = self.http.get(address, headers=_headers("text/html"))
        except CallFailed as error:
            # An LMS may well send a visitor without a request on to its front page.
            if error.code != "redirected":
                raise
            return StepFinding(Step.SIGN_IN, Outcome.OK, "ok")
        self._note_date(answer)
        # Without the parameters of a sign-in, an LMS may answer with any status of its own.
        if answer.status in _GONE or answer.status in _SERVER_ERRORS:
            return _status(Step.SIGN_IN, answer.status)
        return StepFinding(Step.SIGN_IN, Outcome.OK, "ok")

    def _keys(self) -> StepFinding:
        answer = self.http.get(self.subject.registration.jwks_url, headers=_headers())
        self._note_date(answer)
        if answer.status not in _SUCCESS:
            return _status(Step.KEYS, answer.status)
        try:
            keys = parse_key_set(answer.body)
        except NotAKeySet:
            return StepFinding(Step.KEYS, Outcome.FAILED, "not-a-key-set")
        if keys.by_kid:
            kids = [kid[:40] for kid in keys.by_kid][:MOST_KIDS]
            facts = {"count": len(keys.by_kid), "kids": ", ".join(kids)}
            return StepFinding(Step.KEYS, Outcome.OK, "ok", facts)
        if keys.only is not None:
            return StepFinding(Step.KEYS, Outcome.OK, "no-ids")
        return StepFinding(Step.KEYS, Outcome.FAILED, "none")

    def _clock(self) -> StepFinding:
        said = _moment(self._date)
        if said is None:
            return StepFinding(Step.CLOCK, Outcome.NOT_TRIED, "not-said")
        # The header is cut to the second, and the answer took a while.
        off = abs(round((clock.now() - said).total_seconds()))
        if off > MOST_SECONDS_OFF:
            return StepFinding(Step.CLOCK, Outcome.FAILED, "off", {"seconds": off})
        return StepFinding(Step.CLOCK, Outcome.OK, "ok", {"seconds": max(off, 1)})

    def _token(self) -> StepFinding:
        """Asks for each scope by itself, as the tool does: an LMS may refuse one of several."""
        try:
            self._key = self.signing_key()
        except Misconfigured:
            return StepFinding(Step.TOKEN, Outcome.FAILED, "our-key")
        for service in SERVICES:
            try:
                token = self._tokens.get(
                    self.subject.registration, frozenset({service.scope}), self._key
                )
            except TokenRefused as error:
                if error.code != "scope-refused":
                    raise
                self.refused.add(service.scope)
                continue
            (self.granted if service.scope in token.scopes else self.refused).add(service.scope)
        if SCOPE_LINE_ITEM in self.granted:
            # Whoever may change columns may read them (AGS 2.0, "Scope and allowed HTTP methods").
            self.refused.discard(SCOPE_LINE_ITEM_READONLY)
        if not self.refused:
            return StepFinding(Step.TOKEN, Outcome.OK, "ok")
        # Without the other services this tool does less; without this one it fails its purpose.
        outcome = Outcome.OK if SCOPE_SCORE in self.granted else Outcome.FAILED
        return StepFinding(Step.TOKEN, outcome, "some" if self.granted else "none")

    def _line_items(self) -> StepFinding:
        readable = (SCOPE_LINE_ITEM_READONLY, SCOPE_LINE_ITEM)
        scope = next((scope for scope in readable if scope in self.granted), "")
        return self._first_page(
            Step.LINE_ITEMS, self.subject.line_items_url, scope, MEDIA_LINE_ITEMS
        )

    def _roster(self) -> StepFinding:
        scope = SCOPE_MEMBERSHIPS if SCOPE_MEMBERSHIPS in self.granted else ""
        return self._first_page(Step.ROSTER, self.subject.memberships_url, scope, MEDIA_MEMBERS)

    def _first_page(self, step: Step, url: str, scope: str, media: str) -> StepFinding:
        if self._key is None or not (self.granted or self.refused):
            return StepFinding(step, Outcome.NOT_TRIED, "earlier")
        if not scope:
            return StepFinding(step, Outcome.NOT_TRIED, "no-permission")
        if not url:
            return StepFinding(step, Outcome.NOT_TRIED, "no-course")
        caller = Caller(self.subject.registration, self._key, scope)
        answer = self._calls.make(caller, Call(Method.GET, url, accept=media))
        if answer.status not in _SUCCESS:
            return _status(step, answer.status)
        facts = {"count": _counted(parsed(answer))}
        more = next_link(answer.headers, url)
        return StepFinding(step, Outcome.OK, "more" if more else "ok", facts)

    def _note_date(self, answer: HttpAnswer) -> None:
        self._date = header(answer.headers, "Date") or self._date


def _headers(accept: str = "application/json") -> Mapping[str, str]:
    return {"Accept": accept, "User-Agent": USER_AGENT}


def _counted(page: object) -> int:
    """Returns how many entries a page has; raises `ServiceUnreadable`."""
    entries = page.get("members") if isinstance(page, dict) else page
    if not isinstance(entries, list):
        raise ServiceUnreadable(detail="a page is not a list")
    return len(entries)


def _status(step: Step, status: int) -> StepFinding:
    facts: dict[str, Any] = {"status": status}
    if status in _GONE:
        return StepFinding(step, Outcome.FAILED, "not-found", facts)
    code = "busy" if status in _SERVER_ERRORS or status in {408, 425, 429} else "refused"
    return StepFinding(step, Outcome.FAILED, code, facts)


def _failure(step: Step, error: ImhcfError) -> StepFinding:
    """What an error of a call means. Its detail is a status, or the name of another error."""
    if isinstance(error, CallFailed):
        code = "tls" if error.detail == "SSLError" else error.code
        return StepFinding(step, Outcome.FAILED, code)
    if isinstance(error, TokenRefused):
        return StepFinding(step, Outcome.FAILED, "client-unknown")
    if error.code == "permission-missing":
        return StepFinding(step, Outcome.FAILED, "no-permission")
    kind, _, number = error.detail.partition(" ")
    if kind == "status" and number.isdigit():
        return _status(step, int(number))
    known = {"unreachable", "timeout", "answer-too-large", "address-refused", "redirected"}
    return StepFinding(
        step, Outcome.FAILED, error.detail if error.detail in known else "unreadable"
    )


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

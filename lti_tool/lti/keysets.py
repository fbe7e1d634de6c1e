"""The LMSs' public keys, parsed and cached for each registration.

LMSs rotate their keys (D2L hourly), go down, and are slow. So: a token with an unknown key id
brings one refetch for all who wait, then a pause; old keys serve while the LMS is unreachable;
and no registration waits for another's.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lti_tool.kernel.clock import now as wall_clock
from lti_tool.kernel.http import CallFailed, HttpClient
from lti_tool.lti.claims import USER_AGENT
from lti_tool.lti.flights import Flight, Shelf
from lti_tool.lti.jwk_sets import KeySet, NotAKeySet, parse_key_set
from lti_tool.lti.refusals import KeySetUnavailable, LaunchRefused
from lti_tool.lti.waiting import Clock, is_within

_UNREACHABLE = "key-set-unreachable"
_UNREADABLE = "key-set-unreadable"
_HTTP_OK = 200
_HEADERS = {"Accept": "application/json, application/jwk-set+json", "User-Agent": USER_AGENT}

# With no key at all nobody can come in: an LMS that failed is asked again sooner.
_FIRST_FETCH_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Held:
    keys: KeySet
    since: datetime


@dataclass(frozen=True, slots=True)
class _Failure:
    code: str
    detail: str
    at: datetime


@dataclass(slots=True)
class _Entry:
    """What we know of one key set; each field is replaced whole, so that readers need no lock."""

    flight: Flight = field(default_factory=Flight)
    held: _Held | None = None
    failure: _Failure | None = None
    unknown_at: datetime | None = None


class KeySets:
    """Finds the key that signed a token; safe to share between threads.

    `max_age`: keys older than this are fetched again. `cool_down`: the pause after a fetch that
    failed, or that did not bring the key that was asked for. `max_stale`: how long keys serve
    while their LMS cannot be reached; then a key that it withdrew must be forgotten. `capacity`:
    key sets held; with more registrations than this, launches cost a fetch again.
    """

    def __init__(
        self,
        http: HttpClient,
        *,
        clock: Clock = wall_clock,
        max_age: timedelta = timedelta(hours=1),
        cool_down: timedelta = timedelta(seconds=30),
        max_stale: timedelta = timedelta(days=2),
        capacity: int = 5000,
    ) -> None:
        self._http = http
        self._clock = clock
        self._max_age = max_age
        self._cool_down = cool_down
        self._max_stale = max_stale
        self._shelf: Shelf[tuple[int, str], _Entry] = Shelf(_Entry, capacity=capacity)

    def key(self, registration_id: int, jwks_url: str, kid: str | None) -> RSAPublicKey:
        """Returns the registration's key of that id; without an id, its only key.

        Raises `LaunchRefused` (`key-unknown`) when the LMS's set does not hold it, and
        `KeySetUnavailable` (`key-set-unreachable`, `key-set-unreadable`) when we cannot know.
        """
        entry = self._shelf.entry((registration_id, jwks_url))
        held, now = entry.held, self._clock()
        key = self._usable(held, kid, now)
        if key is not None and held is not None:
            is_fresh = is_within(held.since, self._max_age, now)
            if is_fresh or entry.flight.is_in_the_air:
                return key
        with entry.flight.boarding() as is_ours:
            if is_ours and self._may_fetch(entry, kid):
                self._fetch(entry, jwks_url, kid)
        return self._answer(entry, kid)

    def _usable(self, held: _Held | None, kid: str | None, now: datetime) -> RSAPublicKey | None:
        if held is None or now - held.since >= self._max_stale:
            return None
        return held.keys.find(kid)

    def _may_fetch(self, entry: _Entry, kid: str | None) -> bool:
        """Asked again once alone: another thread may have fetched since we looked."""
        now, held, failure = self._clock(), entry.held, entry.failure
        pause = self._cool_down if held else min(self._cool_down, _FIRST_FETCH_PAUSE)
        if failure is not None and is_within(failure.at, pause, now):
            return False
        if held is None or not is_within(held.since, self._max_age, now):
            return True
        is_unknown = held.keys.find(kid) is None
        return is_unknown and not is_within(entry.unknown_at, self._cool_down, now)

    def _fetch(self, entry: _Entry, jwks_url: str, kid: str | None) -> None:
        try:
            answer = self._http.get(jwks_url, headers=_HEADERS)
        except CallFailed as error:
            is_huge = error.code == "answer-too-large"
            self._note(entry, _UNREADABLE if is_huge else _UNREACHABLE, error.code)
            return
        if answer.status != _HTTP_OK:
            self._note(entry, _UNREACHABLE, f"status {answer.status}")
            return
        try:
            keys = parse_key_set(answer.body)
        except NotAKeySet as error:
            self._note(entry, _UNREADABLE, str(error))
            return
        entry.held, entry.failure = _Held(keys, self._clock()), None
        if keys.find(kid) is None:
            entry.unknown_at = self._clock()

    def _note(self, entry: _Entry, code: str, detail: str) -> None:
        entry.failure = _Failure(code, detail, self._clock())

    def _answer(self, entry: _Entry, kid: str | None) -> RSAPublicKey:
        key = self._usable(entry.held, kid, self._clock())
        if key is not None:
            return key
        if entry.failure is not None:
            raise KeySetUnavailable(entry.failure.code, detail=entry.failure.detail)
        raise LaunchRefused("key-unknown", detail=_shown(kid))


def _shown(kid: str | None) -> str:
    """A key id is no secret, and an operator compares it with the LMS's set; it may be anything."""
    return "no kid" if kid is None else f"kid {kid[:80]!r}"

"""One makes the call, the others wait for it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Lock
from typing import Any

import pytest

from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import SCOPE_SCORE
from lti_tool.lti.flights import Flight, Shelf
from lti_tool.lti.refusals import TokenUnavailable
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey

from .conftest import TOKEN_URL
from .fakes import FakeHttp, Sent, answer


class TellingLock:
    """A lock that says when somebody waits for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.awaited = Event()

    def __enter__(self) -> None:
        if self._lock.locked():
            self.awaited.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def locked(self) -> bool:
        return self._lock.locked()


def telling(flight: Flight) -> TellingLock:
    lock = TellingLock()
    flight._lock = lock  # type: ignore[assignment]
    return lock


def test_who_waits_shares_the_outcome_and_who_comes_later_does_not() -> None:
    flight = Flight()
    lock = telling(flight)

    def board() -> bool:
        with flight.boarding() as is_ours:
            return is_ours

    with ThreadPoolExecutor(1) as pool:
        with flight.boarding() as is_ours:
            assert is_ours
            assert flight.is_in_the_air
            waiting = pool.submit(board)
            assert lock.awaited.wait(5)
        assert waiting.result(5) is False
    assert board() is True
    assert not flight.is_in_the_air


def test_a_call_that_breaks_has_landed_too() -> None:
    flight = Flight()
    with pytest.raises(ZeroDivisionError), flight.boarding():
        _ = 1 / 0
    assert not flight.is_in_the_air


@pytest.mark.parametrize("reply", [answer(status=503), answer({"access_token": "t"})])
def test_who_waits_for_a_token_makes_no_request(
    http: FakeHttp,
    tokens: AccessTokens,
    registration: Registration,
    tool_key: SigningKey,
    reply: HttpAnswer,
) -> None:
    started, release = Event(), Event()

    def slow(sent: Sent) -> HttpAnswer:
        started.set()
        assert release.wait(5), "somebody waited who should not"
        return reply

    def get() -> Any:
        try:
            return tokens.get(registration, scopes, tool_key).token
        except TokenUnavailable as error:
            return error.code

    http.on("POST", TOKEN_URL, slow)
    scopes = frozenset({SCOPE_SCORE})
    lock = telling(tokens._shelf.entry((registration, scopes)).flight)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(get)
        assert started.wait(5)
        second = pool.submit(get)
        assert lock.awaited.wait(5)
        release.set()
        assert first.result(5) == second.result(5)
    assert len(http.calls("POST", TOKEN_URL)) == 1


def test_a_slow_token_keeps_no_other_customer_waiting(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    started, release = Event(), Event()

    def slow(sent: Sent) -> HttpAnswer:
        started.set()
        assert release.wait(5), "somebody waited who should not"
        return answer(status=503)

    http.on("POST", "https://slow.example/token", slow)
    other = replace(registration, id=2, token_url="https://slow.example/token")
    scopes = frozenset({SCOPE_SCORE})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(tokens.get, other, scopes, tool_key)
        assert started.wait(5)
        assert tokens.get(registration, scopes, tool_key).token == "bearer-1"
        release.set()
        assert isinstance(waiting.exception(5), TokenUnavailable)


def test_a_shelf_drops_what_is_longest_unused() -> None:
    shelf: Shelf[str, list[str]] = Shelf(list, capacity=2)
    first = shelf.entry("a")
    shelf.entry("b")
    assert shelf.entry("a") is first
    second = shelf.entry("b")
    shelf.entry("c")
    assert shelf.entry("b") is second
    assert shelf.entry("a") is not first

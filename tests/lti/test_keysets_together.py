"""Key sets for many at once: who waits for whom, and whose keys are whose."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.refusals import KeySetUnavailable, LaunchRefused
from lti_tool.lti.signing import SigningKey

from .conftest import JWKS_URL
from .fakes import FakeClock, FakeHttp, Sent, failed
from .test_keysets import Jwk, fetched, is_unknown, key_set


@pytest.fixture
def jwk(platform_key: SigningKey) -> Jwk:
    return platform_key.public_jwk()


@pytest.fixture
def other_jwk(other_key: SigningKey) -> Jwk:
    return other_key.public_jwk()


def at_once(count: int, call: Callable[[], object]) -> list[object]:
    """What each of many threads got, all of them let go together."""
    barrier = Barrier(count)

    def one(_: int) -> object:
        barrier.wait()
        try:
            return call()
        except (LaunchRefused, KeySetUnavailable) as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_twenty_threads_with_a_new_key_make_one_fetch(
    http: FakeHttp, keys: KeySets, jwk: Jwk, other_jwk: Jwk
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, key_set(jwk, other_jwk))
    found = at_once(20, lambda: keys.key(1, JWKS_URL, "lms-2").key_size)
    assert found == [2048] * 20
    assert fetched(http) == 2


def test_twenty_threads_with_a_forged_key_make_one_fetch(http: FakeHttp, keys: KeySets) -> None:
    found = at_once(20, lambda: keys.key(1, JWKS_URL, "forged"))
    assert found == ["key-unknown"] * 20
    assert fetched(http) == 1


def test_twenty_threads_sit_out_one_time_out(http: FakeHttp, keys: KeySets) -> None:
    http.on("GET", JWKS_URL, failed("timeout"))
    assert at_once(20, lambda: keys.key(1, JWKS_URL, "lms-1")) == ["key-set-unreachable"] * 20
    assert fetched(http) == 1


def test_nobody_with_an_old_key_waits_for_a_slow_lms(
    http: FakeHttp, keys: KeySets, clock: FakeClock
) -> None:
    known = keys.key(1, JWKS_URL, "lms-1")
    clock.advance(hours=2)
    release, started = Event(), Event()

    def slow(sent: Sent) -> HttpAnswer:
        started.set()
        assert release.wait(5), "somebody waited who should not"
        raise failed("timeout")

    http.on("GET", JWKS_URL, slow)
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(keys.key, 1, JWKS_URL, "lms-1")
        assert started.wait(5)
        assert keys.key(1, JWKS_URL, "lms-1") is known
        release.set()
        assert fetching.result(5) is known


def test_a_slow_lms_keeps_no_other_registration_waiting(http: FakeHttp, keys: KeySets) -> None:
    release, started = Event(), Event()

    def slow(sent: Sent) -> HttpAnswer:
        started.set()
        assert release.wait(5), "somebody waited who should not"
        raise failed("timeout")

    http.on("GET", "https://slow.example/jwks", slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(keys.key, 2, "https://slow.example/jwks", "lms-1")
        assert started.wait(5)
        assert keys.key(1, JWKS_URL, "lms-1").key_size == 2048
        release.set()
        assert isinstance(waiting.exception(5), KeySetUnavailable)


# --- whose keys


def test_registrations_that_share_an_address_share_no_keys(
    http: FakeHttp, keys: KeySets, jwk: Jwk, other_jwk: Jwk
) -> None:
    http.on("GET", JWKS_URL, key_set(jwk), key_set(other_jwk), key_set(jwk))
    assert keys.key(1, JWKS_URL, "lms-1").key_size == 2048
    assert keys.key(2, JWKS_URL, "lms-2").key_size == 2048
    assert is_unknown(keys, "lms-2")


def test_a_new_address_of_the_registration_brings_new_keys(
    http: FakeHttp, keys: KeySets, other_jwk: Jwk
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", "https://lms.example/new", key_set(other_jwk))
    with pytest.raises(LaunchRefused):
        keys.key(1, "https://lms.example/new", "lms-1")


def test_the_store_is_bounded_and_drops_what_is_longest_unused(
    http: FakeHttp, clock: FakeClock
) -> None:
    keys = KeySets(http, clock=clock, capacity=2)
    for registration_id in (1, 2, 1, 3, 1):
        keys.key(registration_id, JWKS_URL, "lms-1")
    assert fetched(http) == 3
    keys.key(2, JWKS_URL, "lms-1")
    assert fetched(http) == 4

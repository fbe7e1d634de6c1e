"""Key sets: what is a key, when it is fetched, and who waits for whom."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.refusals import KeySetUnavailable, LaunchRefused
from lti_tool.lti.signing import SigningKey

from .conftest import JWKS_URL
from .fakes import FakeClock, FakeHttp, Reply, answer, failed

Jwk = dict[str, str]


def key_set(*jwks: object) -> HttpAnswer:
    return answer({"keys": list(jwks)})


def without(jwk: Jwk, *names: str) -> Jwk:
    return {name: value for name, value in jwk.items() if name not in names}


@pytest.fixture
def jwk(platform_key: SigningKey) -> Jwk:
    return platform_key.public_jwk()


@pytest.fixture
def other_jwk(other_key: SigningKey) -> Jwk:
    return other_key.public_jwk()


def fetched(http: FakeHttp) -> int:
    return len(http.calls("GET", JWKS_URL))


def is_unknown(keys: KeySets, kid: str | None) -> bool:
    with pytest.raises(LaunchRefused) as caught:
        keys.key(1, JWKS_URL, kid)
    return caught.value.code == "key-unknown"


def unavailable(keys: KeySets, kid: str = "lms-1") -> str:
    with pytest.raises(KeySetUnavailable) as caught:
        keys.key(1, JWKS_URL, kid)
    return caught.value.code


# --- what a set may hold


def test_a_key_is_parsed_once_and_stays_the_same_object(http: FakeHttp, keys: KeySets) -> None:
    assert keys.key(1, JWKS_URL, "lms-1") is keys.key(1, JWKS_URL, "lms-1")
    assert fetched(http) == 1


@pytest.mark.parametrize("left_out", [("use",), ("alg",), ("use", "alg")])
def test_use_and_algorithm_may_be_left_out(
    http: FakeHttp, keys: KeySets, jwk: Jwk, left_out: tuple[str, ...]
) -> None:
    http.on("GET", JWKS_URL, key_set(without(jwk, *left_out)))
    assert keys.key(1, JWKS_URL, "lms-1").key_size == 2048


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "RSA-OAEP"},
        {"kty": "EC"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"key_ops": ["encrypt"]},
        {"n": None},
        {"n": 5},
        {"n": "é"},
        {"n": "!!"},
        {"e": ""},
        {"e": "AA"},
        {"e": "Ag"},
        {"e": "_" * 40},
        {"kid": 7},
    ],
)
def test_an_entry_that_is_no_rsa_signing_key_is_passed_over(
    http: FakeHttp, keys: KeySets, jwk: Jwk, other_jwk: Jwk, change: dict[str, object]
) -> None:
    http.on("GET", JWKS_URL, key_set(jwk | change, "not a key", None, other_jwk))
    assert keys.key(1, JWKS_URL, "lms-2").key_size == 2048
    assert is_unknown(keys, "lms-1")


def test_a_short_key_is_passed_over(http: FakeHttp, keys: KeySets) -> None:
    short = SigningKey("short", generate_private_key(65537, 1024))
    http.on("GET", JWKS_URL, key_set(short.public_jwk()))
    assert is_unknown(keys, "short")


def test_plain_base64_with_padding_is_read(http: FakeHttp, keys: KeySets, jwk: Jwk) -> None:
    plain = jwk["n"].replace("-", "+").replace("_", "/")
    http.on("GET", JWKS_URL, key_set(jwk | {"n": plain + "=" * (-len(plain) % 4)}))
    assert keys.key(1, JWKS_URL, "lms-1").key_size == 2048


def test_a_token_without_kid_needs_a_set_with_one_key(
    http: FakeHttp, keys: KeySets, jwk: Jwk, other_jwk: Jwk
) -> None:
    http.on("GET", JWKS_URL, key_set(without(jwk, "kid"), other_jwk | {"use": "enc"}))
    assert keys.key(1, JWKS_URL, None).key_size == 2048
    http.on("GET", JWKS_URL, key_set(jwk, other_jwk))
    assert is_unknown(KeySets(http), None)


# --- an LMS in trouble


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (failed("unreachable"), "key-set-unreachable"),
        (failed("timeout"), "key-set-unreachable"),
        (failed("address-refused"), "key-set-unreachable"),
        (failed("redirected"), "key-set-unreachable"),
        (answer({"keys": []}, status=500), "key-set-unreachable"),
        (answer({"keys": []}, status=404), "key-set-unreachable"),
        (failed("answer-too-large"), "key-set-unreadable"),
        (answer(b'{"keys": []}' + b" " * 512 * 1024), "key-set-unreadable"),
        (answer(b"<html>Login</html>"), "key-set-unreadable"),
        (answer(b""), "key-set-unreadable"),
        (answer(b"[" * 200_000), "key-set-unreadable"),
        (answer(b"\xff"), "key-set-unreadable"),
        (answer([]), "key-set-unreadable"),
        (answer({"keys": {"kid": "lms-1"}}), "key-set-unreadable"),
        (answer({}), "key-set-unreadable"),
    ],
)
def test_a_key_set_that_cannot_be_had(
    http: FakeHttp, keys: KeySets, reply: Reply, code: str
) -> None:
    http.on("GET", JWKS_URL, reply)
    assert unavailable(keys) == code


@pytest.mark.parametrize("reply", [failed("timeout"), answer(b"<html>"), answer(status=503)])
def test_old_keys_serve_while_the_lms_is_in_trouble(
    http: FakeHttp, keys: KeySets, clock: FakeClock, reply: Reply
) -> None:
    known = keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, reply)
    clock.advance(hours=2)
    assert keys.key(1, JWKS_URL, "lms-1") is known
    assert fetched(http) == 2


def test_an_lms_in_trouble_is_not_asked_at_every_launch(
    http: FakeHttp, keys: KeySets, clock: FakeClock
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, failed("timeout"))
    clock.advance(hours=2)
    for _ in range(5):
        keys.key(1, JWKS_URL, "lms-1")
    assert fetched(http) == 2
    clock.advance(seconds=30)
    keys.key(1, JWKS_URL, "lms-1")
    assert fetched(http) == 3


def test_keys_do_not_serve_for_ever(http: FakeHttp, keys: KeySets, clock: FakeClock) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, failed("unreachable"))
    clock.advance(days=2)
    assert unavailable(keys) == "key-set-unreachable"


def test_with_no_key_at_all_a_failure_is_tried_again_soon(
    http: FakeHttp, keys: KeySets, clock: FakeClock, jwk: Jwk
) -> None:
    http.on("GET", JWKS_URL, failed("unreachable"), key_set(jwk))
    assert unavailable(keys) == "key-set-unreachable"
    assert unavailable(keys) == "key-set-unreachable"
    assert fetched(http) == 1
    clock.advance(seconds=5)
    assert keys.key(1, JWKS_URL, "lms-1").key_size == 2048


def test_an_unknown_key_is_not_called_unknown_while_nobody_can_know(
    http: FakeHttp, keys: KeySets
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, failed("timeout"))
    assert unavailable(keys, "lms-2") == "key-set-unreachable"
    assert keys.key(1, JWKS_URL, "lms-1").key_size == 2048


# --- rotation


def test_a_rotated_key_is_found_at_once(
    http: FakeHttp, keys: KeySets, jwk: Jwk, other_jwk: Jwk
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, key_set(jwk, other_jwk))
    assert keys.key(1, JWKS_URL, "lms-2").key_size == 2048
    assert fetched(http) == 2


def test_a_withdrawn_key_is_forgotten_with_the_next_fetch(
    http: FakeHttp, keys: KeySets, clock: FakeClock, other_jwk: Jwk
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    http.on("GET", JWKS_URL, key_set(other_jwk))
    clock.advance(hours=1)
    assert is_unknown(keys, "lms-1")


def test_unknown_keys_bring_one_fetch_in_each_cool_down(
    http: FakeHttp, keys: KeySets, clock: FakeClock
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    assert all(is_unknown(keys, f"forged-{number}") for number in range(10))
    assert fetched(http) == 2
    clock.advance(seconds=30)
    assert is_unknown(keys, "forged-11")
    assert fetched(http) == 3


def test_a_clock_that_was_set_back_blocks_nothing(
    http: FakeHttp, keys: KeySets, clock: FakeClock, jwk: Jwk, other_jwk: Jwk
) -> None:
    keys.key(1, JWKS_URL, "lms-1")
    assert is_unknown(keys, "lms-2")
    clock.advance(days=-3)
    http.on("GET", JWKS_URL, key_set(jwk, other_jwk))
    assert keys.key(1, JWKS_URL, "lms-2").key_size == 2048

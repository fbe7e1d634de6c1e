"""Access tokens: what is sent for one, whose it is, and how long it lives."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import jwt
import pytest

from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.access_tokens import AccessToken, AccessTokens
from lti_tool.lti.claims import SCOPE_RESULT, SCOPE_SCORE
from lti_tool.lti.refusals import TokenRefused, TokenUnavailable
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey

from .conftest import TOKEN_URL, token_answer
from .fakes import START, FakeClock, FakeHttp, Reply, Sent, answer, failed

SCOPES = frozenset({SCOPE_SCORE})


def asked(http: FakeHttp) -> list[Sent]:
    return http.calls("POST", TOKEN_URL)


def assertion(sent: Sent, key: SigningKey) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(
        sent.form["client_assertion"],
        key.private_key.public_key(),
        algorithms=["RS256"],
        options={"verify_aud": False, "verify_exp": False, "verify_iat": False},
    )
    return found


def test_the_request_is_what_the_specification_asks_for(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    tokens.get(registration, frozenset({SCOPE_SCORE, SCOPE_RESULT}), tool_key)
    (sent,) = asked(http)
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert sent.headers["User-Agent"]
    assert sent.form["grant_type"] == "client_credentials"
    assert sent.form["client_assertion_type"] == (
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    )
    assert sent.form["scope"] == f"{SCOPE_RESULT} {SCOPE_SCORE}"
    claims = assertion(sent, tool_key)
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("client-1", "client-1", TOKEN_URL)
    now = int(START.timestamp())
    assert claims["iat"] <= now
    assert now + 60 <= claims["exp"] <= now + 300


def test_the_audience_can_be_a_constant(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    d2l = replace(registration, token_audience="https://api.brightspace.com/auth/token")
    tokens.get(d2l, SCOPES, tool_key)
    assert assertion(asked(http)[0], tool_key)["aud"] == "https://api.brightspace.com/auth/token"


def test_no_two_assertions_have_one_id(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    for scope in (SCOPE_SCORE, SCOPE_RESULT):
        tokens.get(registration, frozenset({scope}), tool_key)
    assert len({assertion(sent, tool_key)["jti"] for sent in asked(http)}) == 2


def test_a_token_is_kept_until_a_minute_before_its_end(
    http: FakeHttp,
    tokens: AccessTokens,
    registration: Registration,
    tool_key: SigningKey,
    clock: FakeClock,
) -> None:
    first = tokens.get(registration, SCOPES, tool_key)
    clock.advance(seconds=3600 - 61)
    assert tokens.get(registration, SCOPES, tool_key) is first
    clock.advance(seconds=1)
    assert tokens.get(registration, SCOPES, tool_key) is not first
    assert len(asked(http)) == 2


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        ("3600", 3540),
        (30, 0),
        (-5, 0),
        (None, 240),
        (True, 240),
        ("soon", 240),
        ([], 240),
        (10**400, 240),
        (10**9, 24 * 3600 - 60),
    ],
)
def test_how_long_a_token_is_kept(
    http: FakeHttp,
    tokens: AccessTokens,
    registration: Registration,
    tool_key: SigningKey,
    expires_in: object,
    seconds: int,
) -> None:
    http.on("POST", TOKEN_URL, token_answer(expires_in=expires_in))
    token = tokens.get(registration, SCOPES, tool_key)
    assert (token.expires_at - START).total_seconds() == seconds


def test_the_granted_scopes_are_those_that_the_lms_names(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    wanted = frozenset({SCOPE_SCORE, SCOPE_RESULT})
    http.on("POST", TOKEN_URL, token_answer(scope=SCOPE_SCORE))
    assert tokens.get(registration, wanted, tool_key).scopes == {SCOPE_SCORE}
    http.on("POST", TOKEN_URL, token_answer(scope=None))
    assert tokens.get(registration, SCOPES, tool_key).scopes == SCOPES


def test_customers_of_one_issuer_get_their_own_tokens(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    def reply(sent: Sent) -> HttpAnswer:
        client = assertion(sent, tool_key)["iss"]
        return answer({"access_token": f"for-{client}", "token_type": "bearer"})

    http.on("POST", TOKEN_URL, reply)
    other = replace(registration, id=2, client_id="client-2")
    assert tokens.get(registration, SCOPES, tool_key).token == "for-client-1"
    assert tokens.get(other, SCOPES, tool_key).token == "for-client-2"


def test_a_forgotten_token_is_fetched_anew(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    http.on("POST", TOKEN_URL, token_answer("one"), token_answer("two"), token_answer("three"))
    first = tokens.get(registration, SCOPES, tool_key)
    tokens.forget(registration, SCOPES, first)
    second = tokens.get(registration, SCOPES, tool_key)
    # Another thread, refused with the first one too, does not throw the second away.
    tokens.forget(registration, SCOPES, first)
    assert tokens.get(registration, SCOPES, tool_key) is second
    assert (first.token, second.token) == ("one", "two")


def test_twenty_threads_make_one_request(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    barrier = Barrier(20)

    def get(_: int) -> AccessToken:
        barrier.wait()
        return tokens.get(registration, SCOPES, tool_key)

    with ThreadPoolExecutor(20) as pool:
        assert len({token.token for token in pool.map(get, range(20))}) == 1
    assert len(asked(http)) == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answer({"error": "invalid_client"}, status=400), "token-refused"),
        (answer({"error": "invalid_client"}, status=401), "token-refused"),
        (answer(b"Forbidden", status=403), "token-refused"),
        (answer(b"", status=404), "token-refused"),
        (answer({"error": ["odd"]}, status=400), "token-refused"),
        (answer({"error": "invalid_scope"}, status=400), "scope-refused"),
    ],
)
def test_a_refusal_that_an_operator_must_mend(
    http: FakeHttp,
    tokens: AccessTokens,
    registration: Registration,
    tool_key: SigningKey,
    reply: Reply,
    code: str,
) -> None:
    http.on("POST", TOKEN_URL, reply)
    with pytest.raises(TokenRefused) as caught:
        tokens.get(registration, SCOPES, tool_key)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("reply", "code", "wait"),
    [
        (failed("timeout"), "token-unavailable", None),
        (answer(status=500), "token-unavailable", None),
        (answer(status=302), "token-unavailable", None),
        (answer(status=429, headers={"Retry-After": "17"}), "token-unavailable", 17),
        (answer(status=503, headers={"retry-after": "x"}), "token-unavailable", None),
        (answer(b"<html>Maintenance</html>"), "token-unreadable", None),
        (answer([]), "token-unreadable", None),
        (answer({"access_token": ""}), "token-unreadable", None),
        (answer({"access_token": 7}), "token-unreadable", None),
        (answer({"access_token": "a\r\nX: y"}), "token-unreadable", None),
        (answer({"access_token": "a", "token_type": "mac"}), "token-unreadable", None),
    ],
)
def test_a_failure_that_may_pass(
    http: FakeHttp,
    tokens: AccessTokens,
    registration: Registration,
    tool_key: SigningKey,
    reply: Reply,
    code: str,
    wait: float | None,
) -> None:
    http.on("POST", TOKEN_URL, reply, token_answer())
    with pytest.raises(TokenUnavailable) as caught:
        tokens.get(registration, SCOPES, tool_key)
    assert (caught.value.code, caught.value.retry_after) == (code, wait)
    assert tokens.get(registration, SCOPES, tool_key).token == "bearer-1"


def test_nothing_of_a_token_or_an_answer_is_printed(
    http: FakeHttp, tokens: AccessTokens, registration: Registration, tool_key: SigningKey
) -> None:
    assert "bearer-1" not in repr(tokens.get(registration, SCOPES, tool_key))
    http.on("POST", TOKEN_URL, answer({"error": "Nia said no"}, status=400))
    with pytest.raises(TokenRefused) as caught:
        tokens.get(registration, frozenset({SCOPE_RESULT}), tool_key)
    assert "Nia" not in caught.value.detail

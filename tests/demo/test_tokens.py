"""Access tokens: the assertion is checked to the letter, and scopes are narrowed."""

import time

import jwt
import pytest
import requests

from lti_tool.demo.platform.assertions import AssertionRefused, ToolKeys, read_assertion

from .standin import (
    CLIENT_ID,
    EVERY_SCOPE,
    LINE_ITEM_READ,
    LINE_ITEMS_TYPE,
    ROSTER,
    SCORE,
    Lms,
    new_key,
)

OTHER_SCOPE = "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting"


def audience(lms: Lms) -> str:
    return f"{lms.url}/lti/token"


def test_good_assertion_gets_a_bearer_token(lms: Lms) -> None:
    answer = lms.ask_token()

    assert answer.status_code == 200
    body = answer.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 3600
    assert body["scope"].split() == list(EVERY_SCOPE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert lms.log()["counts"]["tokens_issued"] == 1


def test_assertion_is_good_for_one_token(lms: Lms) -> None:
    assertion = lms.tool.assertion(audience(lms))
    assert lms.ask_token(client_assertion=assertion).status_code == 200

    again = lms.ask_token(client_assertion=assertion)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "another"},
        {"sub": "another"},
        {"aud": "https://elsewhere.example/token"},
        {"exp": int(time.time()) - 3600},
        {"exp": int(time.time()) + 86_400},
        {"iat": int(time.time()) + 3600},
        {"jti": None},
        {"exp": None},
        {"iat": None},
        {"aud": None},
        {"iss": None},
        {"sub": None},
    ],
)
def test_wrong_assertion_gets_no_token(lms: Lms, changed: dict[str, object]) -> None:
    assertion = lms.tool.assertion(audience(lms), **changed)

    answer = lms.ask_token(client_assertion=assertion)

    assert answer.json()["error"] == "invalid_client"
    assert lms.log()["counts"]["tokens_refused"] == 1


def test_audience_may_be_one_of_several(lms: Lms) -> None:
    assertion = lms.tool.assertion(audience(lms), aud=["https://elsewhere.example", audience(lms)])

    assert lms.ask_token(client_assertion=assertion).status_code == 200


def test_assertion_of_a_foreign_key_gets_no_token(lms: Lms) -> None:
    claims = jwt.decode(lms.tool.assertion(audience(lms)), options={"verify_signature": False})
    forged = jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "tool-key-1"})
    symmetric = jwt.encode(claims, "s" * 40, algorithm="HS256", headers={"kid": "tool-key-1"})

    for assertion in (forged, symmetric, "no.token.atall", ""):
        assert lms.ask_token(client_assertion=assertion).status_code == 400


def test_new_key_of_the_tool_is_fetched_once(lms: Lms) -> None:
    lms.ask_token()
    served = lms.tool.keyset_served
    kid = f"tool-key-{served + 1}"
    lms.tool.add_key(kid)

    for _ in range(2):
        assertion = lms.tool.assertion(audience(lms), kid=kid)
        assert lms.ask_token(client_assertion=assertion).status_code == 200

    assert lms.tool.keyset_served == served + 1


def test_copy_of_the_key_set_can_be_kept_for_a_while(lms: Lms) -> None:
    lms.control("PUT", "settings", {"key_cache_seconds": 3600})
    lms.ask_token()
    served = lms.tool.keyset_served
    kid = f"tool-key-{served + 1}"
    lms.tool.add_key(kid)

    refused = lms.ask_token(client_assertion=lms.tool.assertion(audience(lms), kid=kid))
    lms.control("PUT", "settings", {"key_cache_seconds": 0})
    taken = lms.ask_token(client_assertion=lms.tool.assertion(audience(lms), kid=kid))

    assert (refused.json()["error"], taken.status_code) == ("invalid_client", 200)
    assert lms.tool.keyset_served == served + 1


def test_tool_whose_keys_cannot_be_fetched_gets_no_token(lms: Lms) -> None:
    url = f"{lms.url}/no-tool-here"

    with pytest.raises(AssertionRefused, match="cannot be read"):
        read_assertion(lms.tool.assertion(url), ToolKeys(url), url)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"client_assertion_type": "basic"}, "invalid_request"),
        ({"scope": ""}, "invalid_request"),
    ],
)
def test_wrong_token_request_is_refused(lms: Lms, changed: dict[str, str], error: str) -> None:
    answer = lms.ask_token(**changed)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_token_request_has_to_be_a_form(lms: Lms) -> None:
    assert requests.post(audience(lms), json={"grant_type": "x"}, timeout=10).status_code == 400
    assert requests.get(audience(lms), timeout=10).status_code == 405


def test_moodle_narrows_scopes_silently(lms: Lms) -> None:
    lms.control("PUT", "settings", {"scopes": [LINE_ITEM_READ]})

    answer = lms.ask_token((SCORE, LINE_ITEM_READ, OTHER_SCOPE))

    assert (answer.status_code, answer.json()["scope"]) == (200, LINE_ITEM_READ)
    assert lms.ask_token((SCORE,)).json()["error"] == "invalid_scope"


@pytest.mark.parametrize("profile", ["canvas", "strict"])
def test_others_refuse_a_scope_that_is_not_allowed(lms: Lms, profile: str) -> None:
    lms.play(profile)

    answer = lms.ask_token((SCORE, OTHER_SCOPE))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_strict_tokens_live_for_a_minute(lms: Lms) -> None:
    lms.play("strict")

    assert lms.ask_token().json()["expires_in"] == 60


@pytest.mark.parametrize(("profile", "status"), [("moodle", 400), ("canvas", 401), ("strict", 401)])
def test_status_for_an_unknown_client_is_the_profiles(lms: Lms, profile: str, status: int) -> None:
    lms.play(profile)

    assert lms.ask_token(client_assertion="nonsense").status_code == status


@pytest.mark.parametrize(("profile", "status"), [("moodle", 401), ("canvas", 403), ("strict", 403)])
def test_token_of_another_scope_opens_nothing(lms: Lms, profile: str, status: int) -> None:
    lms.play(profile)
    url = lms.course()["lineitems"]

    answer = lms.call("GET", url, accept=LINE_ITEMS_TYPE, token=lms.token(ROSTER))

    assert answer.status_code == status


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer unknown", "Basic abc"])
def test_without_a_token_nothing_is_answered(lms: Lms, header: str) -> None:
    url = lms.course()["lineitems"]

    answer = requests.get(url, headers={"Authorization": header} if header else {}, timeout=10)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_client_id_is_what_the_registration_says(lms: Lms) -> None:
    claims = jwt.decode(lms.tool.assertion("x"), options={"verify_signature": False})

    assert claims["iss"] == CLIENT_ID

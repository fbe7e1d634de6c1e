"""Every launch that must not be let in: one test each, through the routes an LMS uses.

Each asserts the status, the code on the page, that no session opened, and that the login can
still be used where nothing was proven about it.
"""

import json
import time
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from lti_tool.gateway.models import Deployment, Ticket
from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.web.models import WebSession
from tests.gateway.lms import (
    CLAIM,
    MISSING,
    Lms,
    rsa_key,
    signed_with_public_key,
    unsigned,
)
from tests.platform import as_json
from tests.tool import Tool


def assert_refused(tool: Tool, response: TestResponse, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert code in response.text
    assert "imhcf_session" not in str(response.headers.getlist("Set-Cookie"))
    with tool.database.transaction(write=False) as session:
        for table in (Ticket, WebSession):
            assert session.execute(select(func.count()).select_from(table)).scalar_one() == 0


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        pytest.param({"exp": int(time.time()) - 600}, 401, "token-expired", id="expired"),
        pytest.param({"iat": int(time.time()) + 86_400}, 401, "token-from-the-future", id="future"),
        pytest.param({"exp": MISSING}, 400, "claim-missing", id="no exp"),
        pytest.param({"iat": MISSING}, 400, "claim-missing", id="no iat"),
        pytest.param({"nonce": MISSING}, 400, "claim-missing", id="no nonce"),
        pytest.param({"sub": MISSING}, 400, "claim-missing", id="no sub"),
        pytest.param({"lti_version": MISSING}, 400, "version-wrong", id="no version"),
        pytest.param({"lti_version": "1.1"}, 400, "version-wrong", id="another version"),
        pytest.param({"lti_deployment_id": MISSING}, 400, "claim-missing", id="no deployment"),
        pytest.param({"lti_target_link_uri": MISSING}, 400, "claim-missing", id="no target"),
        pytest.param(
            {"lti_target_link_uri": "https://evil.example/x"}, 400, "target-foreign", id="foreign"
        ),
        pytest.param({"iss": "https://other.example"}, 401, "issuer-wrong", id="wrong issuer"),
        pytest.param({"aud": "somebody-else"}, 401, "audience-wrong", id="wrong audience"),
        pytest.param(
            {"aud": ["client-1", "other"], "azp": "other"},
            401,
            "authorised-party-wrong",
            id="foreign azp",
        ),
        pytest.param(
            {"aud": ["client-1", "other"]}, 401, "authorised-party-wrong", id="azp missing"
        ),
        pytest.param({"nonce": "another"}, 401, "nonce-wrong", id="another nonce"),
        pytest.param({"lti_roles": ["urn:odd:role"]}, 403, "role-unknown", id="unknown role"),
        pytest.param({"lti_message_type": "Odd"}, 400, "message-not-supported", id="odd message"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    lms: Lms, changes: dict[str, Any], status: int, code: str
) -> None:
    response = lms.launch(lms.tool.app.test_client(), **changes)
    assert_refused(lms.tool, response, status, code)


def test_a_replayed_token_is_refused_and_the_first_session_stays(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    token = lms.sign(lms.claims(asked))
    first = lms.send(browser, asked, token)
    assert first.status_code == 303
    again = lms.send(browser, asked, token)
    assert again.status_code == 409
    assert "launch-replayed" in again.text


def test_a_used_nonce_under_a_new_state_is_refused(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    token = lms.sign(lms.claims(asked))
    lms.send(browser, asked, token)
    anew = lms.begin(browser)
    response = lms.send(browser, anew, token)
    assert response.status_code == 401
    assert "nonce-wrong" in response.text


def test_the_state_of_another_browser_is_refused(lms: Lms) -> None:
    theirs, ours = lms.tool.app.test_client(), lms.tool.app.test_client()
    asked = lms.begin(theirs)
    lms.begin(ours)  # this browser keeps our cookies, and did not begin that login
    response = lms.send(ours, asked, lms.sign(lms.claims(asked)))
    assert_refused(lms.tool, response, 403, "browser-differs")


def test_the_state_of_another_registration_is_refused(lms: Lms) -> None:
    other = Lms(lms.tool, issuer="https://other.example", key_name="other", client_id="client-2")
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    response = lms.send(browser, asked, other.sign(other.claims(asked)))
    assert_refused(lms.tool, response, 401, "")


def test_one_customer_of_a_shared_issuer_cannot_launch_as_another(lms: Lms) -> None:
    other = Lms(
        lms.tool, issuer=lms.issuer, client_id="client-2", organisation="Other", key_name="other"
    )
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    response = lms.send(browser, asked, other.sign(other.claims(asked)))
    assert_refused(lms.tool, response, 401, "signature-wrong")


def test_an_unknown_state_is_refused(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser) | {"state": "made-up"}
    response = lms.send(browser, asked, lms.sign(lms.claims(asked)))
    assert_refused(lms.tool, response, 400, "state-unknown")


def test_an_unsigned_token_is_refused(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    response = lms.send(browser, asked, unsigned(lms.claims(asked)))
    assert_refused(lms.tool, response, 401, "algorithm-refused")


def test_hs256_with_the_public_key_is_refused(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    response = lms.send(browser, asked, signed_with_public_key(lms.claims(asked)))
    assert_refused(lms.tool, response, 401, "algorithm-refused")


def test_an_unknown_kid_is_refused_after_one_more_look_at_the_key_set(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    token = lms.sign(lms.claims(asked), kid="another")
    assert_refused(lms.tool, lms.send(browser, asked, token), 401, "key-unknown")
    assert lms.tool.http.calls[lms.jwks_url] == 1


def test_a_token_signed_by_a_stranger_is_refused(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    token = lms.sign(lms.claims(asked), key="stranger")
    assert_refused(lms.tool, lms.send(browser, asked, token), 401, "signature-wrong")


def test_an_unknown_deployment_is_refused_and_remembered_as_pending(tool: Tool) -> None:
    lms = Lms(tool, deployments=("known",))
    browser = tool.app.test_client()
    refused = lms.launch(browser, lti_deployment_id="new")
    assert_refused(tool, refused, 403, "deployment-unknown")
    with tool.database.transaction(write=False) as session:
        found = session.execute(select(Deployment.deployment, Deployment.status)).all()
    assert {tuple(row) for row in found} == {("known", "accepted"), ("new", "pending")}
    assert lms.launch(browser, lti_deployment_id="known").status_code == 303


@pytest.mark.parametrize("size", [70_000, 400_000])
def test_an_oversized_token_is_refused(lms: Lms, size: int) -> None:
    response = lms.launch(lms.tool.app.test_client(), padding="x" * size)
    assert response.status_code in {400, 413}
    assert_refused(lms.tool, response, response.status_code, "too-large")


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "é.é.é", "e30.e30.e30"])
def test_what_is_no_token_is_refused(lms: Lms, token: str) -> None:
    browser = lms.tool.app.test_client()
    response = lms.send(browser, lms.begin(browser), token)
    assert response.status_code in {400, 401}
    assert_refused(lms.tool, response, response.status_code, "")


def test_malformed_json_in_a_signed_token_is_refused(lms: Lms) -> None:
    from jwt.api_jws import PyJWS

    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    for payload in (b"{", b"[]", b"null", b'{"a":1,"a":2}', b"\xff\xfe"):
        token = PyJWS().encode(payload, rsa_key("lms"), "RS256", headers={"kid": "key-1"})
        assert_refused(lms.tool, lms.send(browser, asked, token), 400, "token-malformed")


def _raise(code: str) -> Any:
    def answer(method: str, url: str, body: bytes) -> HttpAnswer:
        raise CallFailed("no", code=code)

    return answer


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(_raise("unreachable"), "key-set-unreachable", id="down"),
        pytest.param(_raise("timeout"), "key-set-unreachable", id="slow"),
        pytest.param(_raise("answer-too-large"), "key-set-unreadable", id="huge"),
        pytest.param(HttpAnswer(200, {}, b"<html>"), "key-set-unreadable", id="not JSON"),
        pytest.param(HttpAnswer(500, {}, b""), "key-set-unreachable", id="500"),
        pytest.param(as_json({"keys": []}), "key-unknown", id="empty"),
    ],
)
def test_a_key_set_that_cannot_be_had_is_said_plainly(lms: Lms, answer: Any, code: str) -> None:
    lms.tool.http.answers[lms.jwks_url] = answer
    response = lms.launch(lms.tool.app.test_client())
    assert response.status_code in {401, 503}
    assert_refused(lms.tool, response, response.status_code, code)


def test_a_login_that_failed_for_want_of_keys_can_be_used_once_they_are_back(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    token = lms.sign(lms.claims(asked), kid="not-yet-published")
    assert lms.send(browser, asked, token).status_code == 401
    assert lms.send(browser, asked, lms.sign(lms.claims(asked))).status_code == 303


def test_a_disabled_registration_is_refused_at_login_and_at_launch(lms: Lms) -> None:
    from lti_tool.gateway.organisation.services import open_by_operator, switch
    from lti_tool.gateway.rules import RegistrationStatus

    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    with lms.tool.database.transaction() as session:
        switch(open_by_operator(session, lms.number), RegistrationStatus.DISABLED)
    refused = lms.send(browser, asked, lms.sign(lms.claims(asked)))
    assert_refused(lms.tool, refused, 403, "registration-disabled")
    refused = browser.post("/lti/login", data=lms.initiation())
    assert_refused(lms.tool, refused, 403, "registration-disabled")


@pytest.mark.parametrize("missing", ["iss", "login_hint", "target_link_uri"])
def test_an_incomplete_login_is_refused(lms: Lms, missing: str) -> None:
    sent = {name: value for name, value in lms.initiation().items() if name != missing}
    response = lms.tool.app.test_client().post("/lti/login", data=sent)
    assert_refused(lms.tool, response, 400, "login-incomplete")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://nobody.example"}, "registration-unknown"),
        ({"client_id": "nobody"}, "registration-unknown"),
        ({"target_link_uri": "https://evil.example/"}, "target-foreign"),
        ({"target_link_uri": "javascript:alert(1)"}, "target-foreign"),
    ],
)
def test_a_login_for_somebody_else_is_refused(lms: Lms, changes: dict[str, str], code: str) -> None:
    response = lms.tool.app.test_client().post("/lti/login", data=lms.initiation() | changes)
    assert_refused(lms.tool, response, 400, code)


def test_a_login_without_client_id_needs_a_single_registration(lms: Lms) -> None:
    sent = {n: v for n, v in lms.initiation().items() if n != "client_id"}
    assert lms.tool.app.test_client().post("/lti/login", data=sent).status_code == 302
    Lms(lms.tool, client_id="client-2", organisation="Other")
    refused = lms.tool.app.test_client().post("/lti/login", data=sent)
    assert_refused(lms.tool, refused, 400, "client-id-missing")


def test_an_error_from_the_lms_is_explained(lms: Lms) -> None:
    response = lms.tool.app.test_client().post(
        "/lti/launch", data={"error": "login_required", "state": "x"}
    )
    assert_refused(lms.tool, response, 401, "platform-refused")


def test_a_learner_who_picks_activities_gets_a_clear_page(lms: Lms) -> None:
    settings = {
        "deep_link_return_url": f"{lms.issuer}/back",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    }
    response = lms.launch(
        lms.tool.app.test_client(),
        lti_message_type="LtiDeepLinkingRequest",
        **{"https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": settings},
    )
    assert_refused(lms.tool, response, 403, "role-not-allowed")


def test_a_refusal_is_logged_with_its_code_and_without_token_or_name(lms: Lms) -> None:
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    token = lms.sign(lms.claims(asked), key="stranger")
    with capture_logs() as lines:
        page = lms.send(browser, asked, token).text
    refusal = next(line for line in lines if line["event"] == "refused")
    assert refusal["code"] == "signature-wrong"
    assert refusal["reference"] in page
    logged = json.dumps(lines)
    assert token not in logged
    assert asked["state"] not in logged
    assert "Amina" not in logged


def test_wrong_types_in_claims_never_break_the_page(lms: Lms) -> None:
    odd: list[Any] = [None, 1, True, [], {}, [[]], "x" * 5000, {"a": {"b": []}}]
    names = ("context", "resource_link", "roles", "custom", "tool_platform", "deployment_id")
    for name in names:
        for value in odd:
            response = lms.launch(lms.tool.app.test_client(), **{CLAIM + name: value})
            assert response.status_code < 500, (name, value)

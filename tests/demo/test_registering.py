"""Dynamic registration, as the LMS of each profile takes it; and launches of what registered."""

from typing import Any

import jwt
import pytest
import requests

from .standin import Lms, read_form

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
ADMINISTRATOR = {"as": "gethin"}
SUCCESS = {"moodle": 200, "canvas": 200, "strict": 201}


def started(lms: Lms, address: str = "https://tool.example/register") -> dict[str, str]:
    """Returns what the LMS sends the frame to, as the administrator's page does."""
    answer = requests.get(
        f"{lms.url}/tools/start",
        params={"url": address} | ADMINISTRATOR,
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 302, answer.text
    to = requests.Request("GET", answer.headers["Location"]).prepare().url
    assert to is not None
    assert to.startswith(address)
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(to).query))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def offered(lms: Lms, sent: dict[str, str]) -> dict[str, Any]:
    answer = requests.get(
        sent["openid_configuration"], headers=bearer(sent["registration_token"]), timeout=10
    )
    assert answer.status_code == 200
    return dict(answer.json())


def registration(lms: Lms, **changes: Any) -> dict[str, Any]:
    tool = lms.tool.url
    base = {
        "application_type": "web",
        "client_name": "A tool",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{tool}/lti/login",
        "redirect_uris": [f"{tool}/lti/launch"],
        "jwks_uri": f"{tool}/lti/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": SCORE,
        TOOL: {
            "domain": tool.partition("://")[2],
            "target_link_uri": f"{tool}/lti/launch",
            "custom_parameters": {"context_history": "$Context.id.history", "plain": "x"},
            "claims": ["sub", "name"],
            "messages": [{"type": "LtiDeepLinkingRequest"}],
        },
    }
    return base | changes


def register(lms: Lms, token: str, body: Any) -> requests.Response:
    configuration = {
        "moodle": "/mod/lti/openid-registration.php",
        "canvas": "/api/lti/registrations",
        "strict": "/lti/registrations",
    }[lms.control("GET", "settings")["profile"]]
    return requests.post(lms.url + configuration, json=body, headers=bearer(token), timeout=10)


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
def test_a_tool_registers_is_used_and_launched(lms: Lms, profile: str) -> None:
    lms.play(profile)
    sent = started(lms)
    found = offered(lms, sent)
    assert found["issuer"] == lms.url
    assert found[PLATFORM]["product_family_code"]
    answer = register(lms, sent["registration_token"], registration(lms))
    assert answer.status_code == SUCCESS[profile], answer.text
    kept = answer.json()
    assert kept["scope"] == SCORE
    assert ("deployment_id" in kept[TOOL]) == (profile != "canvas")
    used = requests.post(
        f"{lms.url}/tools/use",
        cookies={"lms_user": "gethin"},
        data={"client_id": kept["client_id"]},
        timeout=10,
    )
    assert used.status_code == 200
    login = lms.initiate("amina")
    assert login.fields["client_id"] == kept["client_id"]
    token = read_form(lms.authorise(login.fields).text).fields["id_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] in (kept["client_id"], [kept["client_id"]])
    custom = claims["https://purl.imsglobal.org/spec/lti/claim/custom"]
    assert (custom["plain"], custom["context_history"]) == ("x", "")
    if profile != "canvas":
        deployment = claims["https://purl.imsglobal.org/spec/lti/claim/deployment_id"]
        assert deployment == kept[TOOL]["deployment_id"] != "2"
    assertion = lms.tool.assertion(
        f"{lms.url}/lti/token", iss=kept["client_id"], sub=kept["client_id"]
    )
    assert lms.ask_token((SCORE,), client_assertion=assertion).status_code == 200


def test_a_token_registers_one_tool(lms: Lms) -> None:
    token = started(lms)["registration_token"]
    assert register(lms, token, registration(lms)).status_code == 200
    again = register(lms, token, registration(lms))
    assert (again.status_code, again.text) == (401, "token_already_used_or_unknown")
    assert register(lms, "made-up", registration(lms)).status_code == 401


def test_a_refused_registration_may_be_mended_with_the_same_token(lms: Lms) -> None:
    token = started(lms)["registration_token"]
    assert register(lms, token, {}).status_code == 400
    assert register(lms, token, registration(lms)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_name": ""}, "missing_client_name"),
        ({"response_types": ["code"]}, "invalid_response_types"),
        ({"redirect_uris": "https://x"}, "invalid_redirect_uris"),
        ({"token_endpoint_auth_method": "none"}, "invalid_token_endpoint_auth_method"),
        ({"jwks_uri": "https://elsewhere.example/keys"}, "domain_targetlinkuri_mismatch"),
        ({"logo_uri": "https://elsewhere.example/i.svg"}, "domain_targetlinkuri_mismatch"),
        ({TOOL: {"target_link_uri": "https://x/"}}, "missing_domain"),
    ],
)
def test_moodle_refuses_what_it_cannot_use(lms: Lms, changes: dict[str, Any], reason: str) -> None:
    answer = register(lms, started(lms)["registration_token"], registration(lms, **changes))
    assert (answer.status_code, answer.text) == (400, reason)


def test_moodle_leaves_out_scopes_that_it_does_not_have_and_canvas_refuses_them(lms: Lms) -> None:
    body = registration(lms, scope=f"{SCORE} https://odd.example/scope")
    taken = register(lms, started(lms)["registration_token"], body)
    assert taken.json()["scope"] == SCORE
    lms.play("canvas")
    assert register(lms, started(lms)["registration_token"], body).status_code == 422


def test_canvas_gives_its_configuration_to_who_has_a_token(lms: Lms) -> None:
    lms.play("canvas")
    address = started(lms)["openid_configuration"]
    assert requests.get(address, timeout=10).status_code == 401
    lms.play("moodle")
    assert (
        requests.get(f"{lms.url}/.well-known/openid-configuration", timeout=10).status_code == 200
    )


def test_only_an_administrator_adds_tools(lms: Lms) -> None:
    for path in ("/tools", "/tools/add?url=https://x/", "/tools/start?url=https://x/"):
        assert requests.get(lms.url + path, timeout=10).status_code == 403
    assert requests.post(f"{lms.url}/tools/use", timeout=10).status_code == 403
    page = requests.get(f"{lms.url}/tools", params=ADMINISTRATOR, timeout=10)
    assert page.status_code == 200
    assert "as it was set up by hand" in page.text


@pytest.mark.parametrize("url", ["", "tool.example", "javascript:alert(1)", "ftp://x/"])
def test_what_is_no_address_is_not_opened(lms: Lms, url: str) -> None:
    for path in ("add", "start"):
        answer = requests.get(
            f"{lms.url}/tools/{path}", params={"url": url} | ADMINISTRATOR, timeout=10
        )
        assert answer.status_code == 400


def test_an_unknown_tool_is_not_used(lms: Lms) -> None:
    answer = requests.post(
        f"{lms.url}/tools/use", params=ADMINISTRATOR, data={"client_id": "none"}, timeout=10
    )
    assert answer.status_code == 404

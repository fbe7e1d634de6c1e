"""An LMS makes itself known: what is read, what is offered to it, and who is not believed."""

from typing import Any

import pytest

from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.lti.dynamic_registration import (
    TOOL_CONFIGURATION,
    PlatformConfiguration,
    ToolFacts,
    fetch_configuration,
    register,
)
from lti_tool.lti.refusals import RegistrationRefused

from .fakes import FakeHttp, answer, failed

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
URL = "https://lms.example/openid-configuration"
REGISTRATION_URL = "https://lms.example/openid-registration"
TOKEN = "a.token-of/one+time="
TOOL = ToolFacts(
    base_url="https://tool.example:8443",
    name="Infant mental health competencies",
    description="Self-assessment and portfolio.",
    icon_url="https://tool.example:8443/static/icon.svg",
)
# As Moodle 4.5 gives it, shortened.
MOODLE: dict[str, Any] = {
    "issuer": "https://lms.example",
    "token_endpoint": "https://lms.example/mod/lti/token.php",
    "jwks_uri": "https://lms.example/mod/lti/certs.php",
    "authorization_endpoint": "https://lms.example/mod/lti/auth.php",
    "registration_endpoint": REGISTRATION_URL,
    "scopes_supported": [AGS + "score", AGS + "lineitem", "openid"],
    "claims_supported": ["sub", "iss", "name", "given_name", "email"],
    PLATFORM: {
        "product_family_code": "moodle",
        "version": "4.5.5+ (Build: 20250613)",
        "messages_supported": [
            {"type": "LtiResourceLinkRequest"},
            {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
        ],
        "variables": ["Context.id", "Context.id.history"],
    },
}
CANVAS: dict[str, Any] = MOODLE | {
    "authorization_endpoint": "https://sso.lms-cloud.example/authorize",
    "authorization_server": "lms-cloud.example",
    PLATFORM: {
        "product_family_code": "canvas",
        "https://canvas.instructure.com/lti/account_name": "Willow School",
        "messages_supported": [
            {
                "type": "LtiDeepLinkingRequest",
                "placements": ["editor_button", "assignment_selection", "link_selection"],
            }
        ],
        "variables": ["Canvas.course.id"],
    },
}


@pytest.fixture
def http() -> FakeHttp:
    return FakeHttp()


def configuration(http: FakeHttp, found: object = MOODLE) -> PlatformConfiguration:
    http.on("GET", URL, found if isinstance(found, HttpAnswer) else answer(found))
    return fetch_configuration(http, URL, TOKEN)


def offered(http: FakeHttp, found: object = MOODLE) -> dict[str, Any]:
    http.on("POST", REGISTRATION_URL, answer({"client_id": "c-1"}, status=201))
    register(http, configuration(http, found), TOKEN, TOOL)
    (sent,) = http.calls("POST", REGISTRATION_URL)
    return sent.json


def test_the_configuration_is_read_and_the_token_shown(http: FakeHttp) -> None:
    found = configuration(http)
    assert found.issuer == "https://lms.example"
    assert found.auth_login_url.endswith("/auth.php")
    assert found.token_url.endswith("/token.php")
    assert found.jwks_url.endswith("/certs.php")
    assert (found.product, found.version) == ("moodle", "4.5.5+ (Build: 20250613)")
    assert found.token_audience == ""
    assert http.sent[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_canvas_keeps_its_endpoints_elsewhere(http: FakeHttp) -> None:
    found = configuration(http, CANVAS)
    assert found.auth_login_url == "https://sso.lms-cloud.example/authorize"
    assert (found.account_name, found.token_audience) == ("Willow School", "lms-cloud.example")


def test_a_registration_without_a_token_shows_none(http: FakeHttp) -> None:
    http.on("GET", URL, answer(MOODLE))
    fetch_configuration(http, URL, "")
    assert "Authorization" not in http.sent[0].headers


def test_every_address_that_we_offer_is_our_own(http: FakeHttp) -> None:
    found = offered(http)
    assert found["initiate_login_uri"] == "https://tool.example:8443/lti/login"
    assert found["redirect_uris"] == ["https://tool.example:8443/lti/launch"]
    assert found["jwks_uri"] == "https://tool.example:8443/lti/jwks.json"
    tool = found[TOOL_CONFIGURATION]
    assert tool["domain"] == "tool.example:8443"
    assert tool["target_link_uri"] == "https://tool.example:8443/lti/launch"
    assert found["token_endpoint_auth_method"] == "private_key_jwt"


def test_of_what_we_can_use_only_what_the_lms_has_is_asked_for(http: FakeHttp) -> None:
    found = offered(http)
    assert found["scope"].split() == [AGS + "lineitem", AGS + "score"]
    tool = found[TOOL_CONFIGURATION]
    assert tool["claims"] == ["iss", "sub", "name", "given_name"]  # never the e-mail address
    assert tool["custom_parameters"] == {"context_history": "$Context.id.history"}
    (picker,) = tool["messages"]
    assert (picker["type"], picker["placements"]) == ("LtiDeepLinkingRequest", ["ContentArea"])
    assert not [name for name in tool if "canvas" in name]


def test_canvas_is_told_a_privacy_level_and_where_to_show_the_picker(http: FakeHttp) -> None:
    tool = offered(http, CANVAS)[TOOL_CONFIGURATION]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "name_only"
    assert tool["messages"][0]["placements"] == ["assignment_selection", "link_selection"]
    assert tool["custom_parameters"] == {}


def test_an_lms_that_lists_nothing_is_asked_for_everything(http: FakeHttp) -> None:
    bare = {name: value for name, value in MOODLE.items() if not name.endswith("_supported")}
    found = offered(http, bare)
    assert len(found["scope"].split()) == 5
    assert "placements" in found[TOOL_CONFIGURATION]["messages"][0]


@pytest.mark.parametrize(
    ("reply", "client", "deployment", "scopes"),
    [
        ({"client_id": "c-1"}, "c-1", "", None),
        (
            {"client_id": 10000000000042, TOOL_CONFIGURATION: {"deployment_id": 7}},
            "10000000000042",
            "7",
            None,
        ),
        (
            {"client_id": "c", "scope": "a b", TOOL_CONFIGURATION: {"deployment_id": "1:x"}},
            "c",
            "1:x",
            {"a", "b"},
        ),
    ],
)
def test_the_answer_says_how_the_lms_knows_us(
    http: FakeHttp, reply: object, client: str, deployment: str, scopes: set[str] | None
) -> None:
    http.on("POST", REGISTRATION_URL, answer(reply))
    found = register(http, configuration(http), TOKEN, TOOL)
    assert (found.client_id, found.deployment_id, found.scopes) == (client, deployment, scopes)
    assert http.calls("POST", REGISTRATION_URL)[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://other.example",
        "http://lms.example",
        "https://lms.example:444",
        "https://lms.example.evil.example",
        "https://lms.example@evil.example",
    ],
)
def test_nobody_passes_for_another_lms(http: FakeHttp, issuer: str) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        configuration(http, MOODLE | {"issuer": issuer})
    assert refused.value.code == "issuer-foreign"


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (answer(status=404), "configuration-unreachable"),
        (answer(status=302), "configuration-unreachable"),
        (answer(b"<html>"), "configuration-unreadable"),
        (answer([]), "configuration-unreadable"),
        (answer(b"[" * 100_000), "configuration-unreadable"),
        (answer({"issuer": "https://lms.example", "x": "y" * 300_000}), "configuration-unreadable"),
        (MOODLE | {"issuer": 5}, "configuration-unreadable"),
        (MOODLE | {"issuer": ""}, "configuration-unreadable"),
        (MOODLE | {"token_endpoint": "javascript:alert(1)"}, "configuration-unreadable"),
        (MOODLE | {"jwks_uri": None}, "configuration-unreadable"),
        (MOODLE | {"registration_endpoint": "file:///etc/passwd"}, "configuration-unreadable"),
        (MOODLE | {"authorization_endpoint": "https://a@b/"}, "configuration-unreadable"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(
    http: FakeHttp, found: object, code: str
) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        configuration(http, found)
    assert refused.value.code == code
    assert refused.value.sentence


def test_a_configuration_of_odd_types_is_read_as_far_as_it_goes(http: FakeHttp) -> None:
    odd = MOODLE | {
        "scopes_supported": "all",
        "claims_supported": [1, None],
        PLATFORM: {"messages_supported": [None, {"type": 5}], "variables": {}, "version": 4},
    }
    found = configuration(http, odd)
    assert (found.scopes, found.claims, found.placements) == (frozenset(), frozenset(), {})


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (failed("timeout"), "registration-unreachable"),
        (answer(status=401), "registration-refused"),
        (answer(status=500), "registration-refused"),
        (answer(b"ok"), "registration-unreadable"),
        (answer({}), "registration-unreadable"),
        (answer({"client_id": "x" * 300}), "registration-unreadable"),
        (answer({"client_id": True}), "registration-unreadable"),
        (answer({"client_id": "a\0b"}), "registration-unreadable"),
    ],
)
def test_a_registration_that_did_not_come_about_says_so(
    http: FakeHttp, reply: HttpAnswer | CallFailed, code: str
) -> None:
    http.on("POST", REGISTRATION_URL, reply)
    platform = configuration(http)
    with pytest.raises(RegistrationRefused) as refused:
        register(http, platform, TOKEN, TOOL)
    assert refused.value.code == code
    assert TOKEN not in refused.value.detail


@pytest.mark.parametrize("token", ["a\r\nX-Evil: 1", "ü", "t" * 9000, "a\0"])
def test_a_token_cannot_carry_another_header(http: FakeHttp, token: str) -> None:
    with pytest.raises(RegistrationRefused) as refused:
        fetch_configuration(http, URL, token)
    assert refused.value.code == "token-unusable"
    assert http.sent == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "https://a@b/", "lms.example", ""])
def test_only_a_web_address_is_opened(http: FakeHttp, url: str) -> None:
    with pytest.raises(RegistrationRefused):
        fetch_configuration(http, url, TOKEN)
    assert http.sent == []


def test_an_unreachable_lms_is_said_to_be_so(http: FakeHttp) -> None:
    http.on("GET", URL, failed("address-refused"))
    with pytest.raises(RegistrationRefused) as refused:
        fetch_configuration(http, URL, TOKEN)
    assert (refused.value.code, refused.value.detail) == (
        "configuration-unreachable",
        "address-refused",
    )

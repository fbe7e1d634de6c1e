"""The address that a login sends the browser to."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from lti_tool.lti.launch import login_redirect
from lti_tool.lti.registration import Registration


def asked(registration: Registration, **more: str) -> tuple[str, dict[str, list[str]]]:
    url = login_redirect(
        registration,
        redirect_uri="https://tool.example/lti/launch",
        state="s&1",
        nonce="n=1",
        login_hint="ü 1",
        **more,
    )
    parts = urlsplit(url)
    return parts._replace(query="").geturl(), parse_qs(parts.query, strict_parsing=True)


def test_the_request_holds_what_the_specification_asks_for(registration: Registration) -> None:
    address, query = asked(registration, lti_message_hint='{"a": 1}')
    assert address == "https://lms.example/auth"
    assert query == {
        "scope": ["openid"],
        "response_type": ["id_token"],
        "response_mode": ["form_post"],
        "prompt": ["none"],
        "client_id": ["client-1"],
        "redirect_uri": ["https://tool.example/lti/launch"],
        "state": ["s&1"],
        "nonce": ["n=1"],
        "login_hint": ["ü 1"],
        "lti_message_hint": ['{"a": 1}'],
    }


def test_a_hint_that_the_lms_did_not_give_is_not_sent(registration: Registration) -> None:
    assert "lti_message_hint" not in asked(registration)[1]


def test_the_query_of_the_lms_s_address_is_kept_as_it_is(registration: Registration) -> None:
    crowded = replace(
        registration, auth_login_url="https://lms.example/auth?tenant=a%2Fb&flag#frag"
    )
    url = login_redirect(crowded, redirect_uri="r", state="s", nonce="n", login_hint="h")
    assert url.startswith("https://lms.example/auth?tenant=a%2Fb&flag&scope=openid&")
    assert "#" not in url


def test_a_parameter_of_ours_is_never_there_twice(registration: Registration) -> None:
    crowded = replace(registration, auth_login_url="https://lms.example/auth?prompt=login&a=1")
    _, query = asked(crowded)
    assert (query["prompt"], query["a"]) == (["none"], ["1"])

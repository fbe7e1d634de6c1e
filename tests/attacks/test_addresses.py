"""Open redirects, framing and click-jacking: where we send a browser, and who may show our pages."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import update

from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.rules import frame_ancestors
from lti_tool.web.headers import source_of
from tests.attacks.target import Target
from tests.gateway.lms import AGS, CLAIM, MISSING, Lms

# Read differently by a browser than by a parser, or simply elsewhere.
FOREIGN = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "http:///evil.example",
    "http://127.0.0.1:8000@evil.example/",
    "http://127.0.0.1:8000%40evil.example/",
    "http://127.0.0.1:8000\\@evil.example/",
    "http://127.0.0.1:8000\\.evil.example/",
    "http://127.0.0.1:8000.evil.example/",
    "http://evil.example#127.0.0.1:8000",
    "http://evil.example?http://127.0.0.1:8000",
    "http://127.0.0.1:80000/",
    "http://127.0.0.1:8001/",
    "http://127.0.0.1/",
    "https://127.0.0.1:8000/",
    "ftp://127.0.0.1:8000/",
    "http://localhost:8000/",
    "http://2130706433:8000/",
    "http://0x7f.1:8000/",
    "http://[::ffff:127.0.0.1]:8000/",
    "http://127.0.0.1:8000\n.evil.example/",
    "http://127.0.0.1:8000\r\nLocation: https://evil.example/",
    "\thttp://evil.example/",
    "http://\t127.0.0.1:8000/",
    "javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:http://127.0.0.1:8000/x",
    "file:///etc/passwd",
    "http://user:pass@127.0.0.1:8000/",
    "http://１２７.0.0.1:8000/",
    "http://127。0.0.1:8000/",
    "http://[127.0.0.1]:8000/",
    "http://[",
    "",
]


@pytest.mark.parametrize("address", FOREIGN)
def test_a_login_for_a_page_elsewhere(target: Target, address: str) -> None:
    for method in ("get", "post"):
        sent = target.lms.initiation() | {"target_link_uri": address}
        if method == "get":
            answer = target.browser().get("/lti/login", query_string=sent)
        else:
            answer = target.browser().post("/lti/login", data=sent)
        assert answer.status_code == 400
        assert "Location" not in answer.headers


@pytest.mark.parametrize("address", FOREIGN)
def test_a_launch_for_a_page_elsewhere(target: Target, address: str) -> None:
    token = target.lms.sign(target.claims(lti_target_link_uri=address))
    target.refuses(token, "target-foreign", "claim-missing", "claim-wrong")


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "/at/x/../../..//evil.example", "/%2f%2fevil"]
)
def test_the_target_of_a_launch_is_never_where_the_browser_is_sent(
    target: Target, path: str
) -> None:
    """The page follows from the message; the target only has to be ours."""
    browser = target.browser()
    uri = f"http://127.0.0.1:8000{path}"
    answer = target.lms.launch(browser, lti_target_link_uri=uri)
    if answer.status_code == 303:
        opened = browser.get(answer.headers["Location"])
        assert re.fullmatch(r"/at/[\w-]+/p/[\w-]+/", opened.headers["Location"])
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "name", ["next", "redirect", "redirect_uri", "return_url", "url", "continue", "RelayState"]
)
def test_no_parameter_says_where_to_go(target: Target, name: str) -> None:
    evil = {name: "https://evil.example/"}
    began = target.browser().post("/lti/login", data=target.lms.initiation() | evil)
    assert urlsplit(began.headers["Location"]).netloc == "lms.example"
    assert "evil" not in began.headers["Location"]
    browser = target.browser()
    asked = target.lms.begin(browser)
    token = target.lms.sign(target.lms.claims(asked))
    sent = {"state": asked["state"], "id_token": token} | evil
    answer = browser.post("/lti/launch", data=sent, query_string=evil)
    opened = browser.get(answer.headers["Location"], query_string=evil)
    home = browser.get(opened.headers["Location"], query_string=evil)
    for each in (answer, opened, home):
        assert "evil" not in each.headers.get("Location", "")
    assert 'href="https://evil' not in home.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//evil.example",
        'https://a"><script>alert(1)</script>.example/',
    ],
)
def test_an_address_to_return_to_that_is_code(target: Target, url: str) -> None:
    browser = target.browser()
    answer = target.lms.launch(browser, lti_launch_presentation={"return_url": url})
    if answer.status_code == 303:
        opened = browser.get(answer.headers["Location"])
        page = browser.get(opened.headers["Location"])
        assert "alert(1)" not in page.text
        assert "javascript:" not in page.text
        assert "evil" not in page.headers["Content-Security-Policy"]


def deep_link(url: Any) -> dict[str, Any]:
    settings = {
        "deep_link_return_url": url,
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
    }
    return {
        CLAIM + "message_type": "LtiDeepLinkingRequest",
        "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings": settings,
    }


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/x",
        "",
        None,
        1,
        [],
        {},
        "https://user:pass@lms.example/",
        "https://lms.example\\@evil.example/",
        "https://[",
    ],
)
def test_a_deep_link_that_returns_to_code_or_nowhere(target: Target, url: Any) -> None:
    target.refuses(target.lms.sign(target.claims(**deep_link(url))), "claim-")


# Framing


HOSTILE = [
    "https://evil.example; script-src *",
    "https://evil.example;script-src 'unsafe-inline'",
    "https://evil.example\nX-Injected: 1",
    "https://evil.example\r\nX-Injected: 1",
    "https://evil.example, *",
    "https://evil.example *",
    "https://*",
    "https://*.example",
    "https://user@evil.example",
    "https://'unsafe-inline'",
    "https://evil.example\t*",
    "https://evil.example\x0b*",
    "https://evil.example\u00a0*",
    "https://evil.exämple",
    "*",
    "data:",
    "javascript:alert(1)",
    "//evil.example",
    "https://",
    "https://[",
    "https://x:y",
    "",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_would_change_the_policy_is_left_out_of_it(address: str) -> None:
    assert frame_ancestors([address, "https://lms.example/x"]) == "'self' https://lms.example"
    assert source_of(address) is None


def test_origins_that_do_not_fit_are_left_out_whole() -> None:
    """Cut in the middle, one would be another host's."""
    many = [f"https://{number:03}.{'x' * 90}.example" for number in range(20)]
    sources = frame_ancestors(many).split()
    assert sources == ["'self'", *many[: len(sources) - 1]]
    assert 5 < len(sources) < 20


@pytest.mark.parametrize("issuer", [a for a in HOSTILE if a.strip()])
def test_a_hostile_issuer_changes_no_header(target: Target, issuer: str) -> None:
    """An operator typed it; or a registration brought it."""
    lms = Lms(target.tool, issuer=f"https://evil-{HOSTILE.index(issuer)}.example")
    with target.tool.database.transaction() as session:
        session.execute(
            update(RegistrationRow)
            .where(RegistrationRow.id == lms.number)
            .values(issuer=issuer, auth_login_url="https://evil.example/auth")
        )
    lms.issuer = issuer
    browser = target.browser()
    answer = lms.launch(browser, **{AGS: MISSING})
    assert answer.status_code == 303, answer.text
    page = browser.get(browser.get(answer.headers["Location"]).headers["Location"])
    policy = page.headers["Content-Security-Policy"]
    said = policy.partition("frame-ancestors ")[2]
    assert said in {"'self' https://evil.example", "'self'"}
    assert policy.count("script-src") == 1
    assert "X-Injected" not in page.headers


def test_pages_may_be_framed_by_their_own_lms_alone(target: Target) -> None:
    browser = target.browser()
    home = browser.get(target.lms.launch(browser).headers["Location"]).headers["Location"]
    for path in ("", "domain/1", "change", "sharing", "my-record", "no-such-page", "domain/99"):
        page = browser.get(home + path)
        policy = page.headers["Content-Security-Policy"]
        if page.status_code == 404 and path == "no-such-page":
            continue  # no route, no session: nothing to steal
        assert policy.endswith("; frame-ancestors 'self' https://lms.example"), (path, policy)
        assert "X-Frame-Options" not in page.headers


def test_the_page_that_asks_who_you_are_is_framed_by_nobody(target: Target) -> None:
    """A click on it signs somebody in: none may be stolen for it."""
    begun = target.tool.app.test_client(use_cookies=False)
    asked = target.lms.begin(begun)
    sent = target.lms.send(begun, asked, target.lms.sign(target.lms.claims(asked)))
    ticket = re.match(r"/lti/enter/[\w-]+", sent.headers["Location"])
    assert ticket
    victim = target.browser()
    question = victim.get(ticket[0])
    assert question.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    waiting = begun.get(sent.headers["Location"])
    policy = waiting.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://lms.example")


def test_a_return_address_is_the_only_other_one_that_may_frame(target: Target) -> None:
    """LMSs serve their pages from several origins; the token that names this one is signed."""
    browser = target.browser()
    back = {"return_url": "https://courses.lms.example/back?x=1"}
    sent = target.lms.launch(browser, lti_launch_presentation=back)
    home = browser.get(sent.headers["Location"]).headers["Location"]
    policy = browser.get(home).headers["Content-Security-Policy"]
    assert policy.endswith("'self' https://lms.example https://courses.lms.example")

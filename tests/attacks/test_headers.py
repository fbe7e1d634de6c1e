"""Security headers on every answer of every route, for every role, errors included."""

import re

import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lti_tool.kernel.settings import Settings
from tests.attacks.target import Target
from tests.gateway.lms import Lms
from tests.house.belongings import Belongings
from tests.house.test_permissions import NOT_ASKED_NOW, PUBLIC, address, methods, rules
from tests.tool import make_tool

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
}
SHOWN_BY_LMSS = {"/lti/icon.svg"}
MARKUP_THAT_RUNS = re.compile(
    r"<script(?![^>]*(\ssrc=|application/json))|\son\w+\s*=\s*[\"']|\sstyle\s*=|javascript:", re.I
)


def check(answer: TestResponse, where: object, *, ancestors: str = "") -> None:
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff", where
    assert len(headers.getlist("Content-Security-Policy")) == 1, where
    if "sandbox" in headers["Content-Security-Policy"]:
        # A file that somebody brought: saved, or a picture or recording shown where nothing runs.
        is_shown = answer.mimetype.partition("/")[0] in {"image", "video", "audio"}
        saved = headers.get("Content-Disposition", "").startswith("attachment")
        assert saved or (is_shown and answer.mimetype != "image/svg+xml"), where
        assert "allow-" not in headers["Content-Security-Policy"], where
        return
    said = dict(
        directive.split(" ", 1) for directive in headers["Content-Security-Policy"].split("; ")
    )
    for name, value in POLICY.items():
        assert said.get(name, value) == value, (where, name)
    assert "unsafe" not in headers["Content-Security-Policy"], where
    assert said["form-action"] in {"'self'", "'none'"}, where
    assert "*" not in said["frame-ancestors"], where
    if ancestors:
        assert said["frame-ancestors"] == ancestors, where
    assert headers["Referrer-Policy"] == "no-referrer", where
    assert "camera=()" in headers["Permissions-Policy"], where
    if str(where) not in SHOWN_BY_LMSS:
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", where
    assert "Server" not in headers
    if headers["Content-Type"].startswith("text/html"):
        assert not MARKUP_THAT_RUNS.search(answer.text), where


def walked(target: Target, hers: Belongings) -> list[Rule]:
    """The routes behind a session. `tests/house` asks that every one of them can be filled."""
    return [rule for rule in rules(target.tool) if rule.arguments <= hers.values.keys()]


def test_every_page_of_a_session(target: Target, hers: Belongings) -> None:
    """Personal, so kept by nobody; framed by the LMS of its own registration alone."""
    opened = 0
    for rule in walked(target, hers):
        if "GET" not in methods(rule) or rule.endpoint in NOT_ASKED_NOW:
            continue
        for who in (hers.amina, hers.tara, hers.ada):
            answer = who.client.get(address(rule, hers, who))
            opened += answer.status_code == 200
            check(answer, rule, ancestors="'self'")
            assert "no-store" in answer.headers["Cache-Control"], rule
    assert opened > 40


def test_every_refusal_of_a_session(target: Target, hers: Belongings) -> None:
    stranger = target.browser()
    for rule in walked(target, hers):
        for method in ("GET", "POST", "DELETE", "PUT"):
            answer = stranger.open(address(rule, hers), method=method)
            assert answer.status_code in {400, 401, 405}, (rule, method)
            check(answer, rule)
            assert "no-store" in answer.headers["Cache-Control"], rule


def test_every_public_page(target: Target) -> None:
    adapter = target.tool.app.url_map.bind("localhost")
    for rule in target.tool.app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC or rule.endpoint.endswith("static"):
            continue
        values = dict.fromkeys(rule.arguments, "1")
        path = adapter.build(rule.endpoint, values, method=None)
        for method in ("GET", "POST"):
            check(target.browser().open(path, method=method), rule)


@pytest.mark.parametrize("path", ["/nowhere", "/%00", "/at/", "/lti/", "/static/x", "/é"])
def test_pages_that_are_not_there(target: Target, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS", "TRACE", "BREW"):
        check(target.browser().open(path, method=method), (path, method))


def test_an_error_of_ours(
    target: Target, hers: Belongings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret of the machine")

    monkeypatch.setitem(target.tool.app.view_functions, "assessments.start", broken)
    answer = hers.amina.get()
    assert answer.status_code == 500
    assert "secret of the machine" not in answer.text
    assert "ZeroDivision" not in answer.text
    check(answer, "500")


def test_on_https_browsers_are_told_to_stay_there(target: Target) -> None:
    settings = target.tool.runtime.settings.model_copy(update={"base_url": "https://tool.example"})
    tool = make_tool(Settings.model_validate(settings.model_dump()))
    client = tool.app.test_client()
    for path in ("/healthz", "/nowhere", "/lti/jwks.json", "/lti/login"):
        assert client.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"
    with tool.app.test_request_context():
        from flask import url_for

        icon = url_for("static", filename="css/pages.css")
    assert "Strict-Transport-Security" in client.get(icon).headers
    assert client.get(icon).headers["X-Content-Type-Options"] == "nosniff"
    lms = Lms(tool, issuer="https://on-https.example")
    sent = lms.initiation() | {"target_link_uri": "https://tool.example/lti/launch"}
    began = client.post("/lti/login", data=sent, base_url="https://tool.example")
    for line in began.headers.getlist("Set-Cookie"):
        assert {"Secure", "HttpOnly", "SameSite=None", "Partitioned"} <= set(line.split("; ")), line
    tool.close()
    plain = target.browser().get("/healthz")
    assert "Strict-Transport-Security" not in plain.headers

"""Registration as an attacker would use it: what it makes us call, what it may say, who may confirm."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.app import create_app
from lti_tool.gateway.models import RegistrationRow
from lti_tool.kernel.outgoing import Outgoing
from lti_tool.wiring.messages import make_worker
from tests.attacks.target import Target
from tests.attacks.test_markup import MARKUP, reads_safely
from tests.attacks.test_outgoing import INSIDE
from tests.gateway.lms import CLAIM, TUTOR_ROLE, Lms
from tests.platform import as_json
from tests.tool import Tool

VISITS: list[str] = []
CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"


class _Inside(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        VISITS.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Inside)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def strict(target: Target) -> Tool:
    """The same tool with its real way out, as an installation on the Internet has it."""
    settings = target.tool.runtime.settings.model_copy(update={"allow_private_network": False})
    http = Outgoing(allow_private=False, timeout=2)
    runtime = replace(target.tool.runtime, settings=settings, http=http)
    app = create_app(runtime)
    return Tool(app, runtime, target.tool.http)


@pytest.mark.parametrize("host", INSIDE)
def test_an_openid_configuration_inside(strict: Tool, port: int, host: str) -> None:
    VISITS.clear()
    query = {"openid_configuration": f"http://{host}:{port}/secret", "registration_token": "t"}
    answer = strict.app.test_client().get("/lti/register", query_string=query)
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    assert not VISITS


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://x",
        "//x",
        "x",
        "http://[",
        "http://u:p@lms.example/",
        "data:,{}",
    ],
)
def test_an_openid_configuration_that_is_no_address(strict: Tool, url: str) -> None:
    answer = strict.app.test_client().get(
        "/lti/register", query_string={"openid_configuration": url}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("token", ["x\r\nX-Injected: 1", "é", "x" * 9000, "\0"])
def test_a_registration_token_that_would_be_a_header(strict: Tool, port: int, token: str) -> None:
    query = {"openid_configuration": f"https://lms.example:{port}/", "registration_token": token}
    answer = strict.app.test_client().get("/lti/register", query_string=query)
    assert answer.status_code in {400, 413}


def configuration(**changes: Any) -> dict[str, Any]:
    site = "https://new.example"
    return {
        "issuer": site,
        "authorization_endpoint": f"{site}/auth",
        "token_endpoint": f"{site}/token",
        "jwks_uri": f"{site}/jwks",
        "registration_endpoint": f"{site}/register",
        "scopes_supported": ["openid"],
        "claims_supported": ["iss", "sub", "name"],
        CONFIGURATION: {
            "product_family_code": "moodle",
            "version": "4.5",
            "messages_supported": [],
        },
    } | changes


def ask(target: Target, found: Any, browser: Any = None) -> Any:
    url = "https://new.example/.well-known/openid-configuration"
    target.tool.http.answers[url] = as_json(found)
    query = {"openid_configuration": url, "registration_token": "t"}
    return (browser or target.browser()).get("/lti/register", query_string=query)


def registered(target: Target) -> int:
    with target.tool.database.transaction(write=False) as session:
        counted = select(func.count()).select_from(RegistrationRow)
        return int(session.execute(counted).scalar_one())


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://lms.example"},
        {"issuer": "https://new.example.evil.example"},
        {"issuer": "https://NEW.example@evil.example"},
        {"issuer": None},
        {"issuer": ["https://new.example"]},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "https://user:pass@new.example/"},
        {"authorization_endpoint": "//evil.example"},
        {"authorization_endpoint": "https://new.example\\@evil.example/"},
        {"registration_endpoint": ""},
        {"registration_endpoint": "https://["},
    ],
    ids=str,
)
def test_a_configuration_that_speaks_for_somebody_else(
    target: Target, changes: dict[str, Any]
) -> None:
    answer = ask(target, configuration(**changes))
    assert answer.status_code == 400
    assert 'name="form"' not in answer.text


@pytest.mark.parametrize(
    "found",
    [
        configuration(**{CONFIGURATION: {"product_family_code": MARKUP, "version": MARKUP,
            "https://canvas.instructure.com/lti/account_name": MARKUP, "variables": [MARKUP],
            "messages_supported": [{"type": MARKUP, "placements": [MARKUP]}]}}),
        configuration(scopes_supported=[MARKUP], claims_supported=[MARKUP]),
        configuration(issuer="https://new.example/" + MARKUP),
        configuration(**{CONFIGURATION: None}),
        configuration(**{CONFIGURATION: {"messages_supported": [{"type": 1}, None, []], "variables": 1}}),
        configuration(scopes_supported={"a": 1}, claims_supported="name"),
        configuration(scopes_supported=["\ud800\0"], claims_supported=["\ud800\0"]),
    ],
    ids=range(7),
)  # fmt: skip
def test_a_configuration_that_holds_markup_or_other_types(target: Target, found: Any) -> None:
    browser = target.browser()
    page = ask(target, found, browser)
    reads_safely(page, "asked")
    form = re.search(r'name="form"[^>]*value="([^"]+)"', page.text)
    if form:
        target.tool.http.answers["https://new.example/register"] = as_json({"client_id": MARKUP})
        reads_safely(browser.post("/lti/register", data={"form": form[1]}), "confirmed")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 50_000, b"1" * 6000])
def test_a_configuration_that_is_none(target: Target, body: bytes) -> None:
    from lti_tool.kernel.http import HttpAnswer

    url = "https://odd.example/.well-known/openid-configuration"
    target.tool.http.answers[url] = HttpAnswer(200, {}, body)
    answer = target.browser().get("/lti/register", query_string={"openid_configuration": url})
    assert answer.status_code == 400


def test_a_confirmation_that_was_made_up_changed_used_or_another_browsers(target: Target) -> None:
    browser = target.browser()
    page = ask(target, configuration(), browser)
    form = re.search(r'name="form"[^>]*value="([^"]+)"', page.text)
    assert form
    calls = target.tool.http.calls["https://new.example/register"]
    before = registered(target)
    for made_up in (
        "",
        "x",
        form[1][:-4],
        form[1][:-2] + "AA",
        form[1].swapcase(),
        "é",
        "A" * 600_000,
    ):
        assert browser.post("/lti/register", data={"form": made_up}).status_code in {400, 413}
    stranger = target.browser()
    target.lms.begin(stranger)  # keeps cookies of ours
    assert stranger.post("/lti/register", data={"form": form[1]}).status_code == 403
    assert target.tool.http.calls["https://new.example/register"] == calls
    assert registered(target) == before
    target.tool.http.answers["https://new.example/register"] = as_json({"client_id": "c-1"})
    assert browser.post("/lti/register", data={"form": form[1]}).status_code == 200
    again = browser.post("/lti/register", data={"form": form[1]})
    assert 400 <= again.status_code < 500
    assert target.tool.http.calls["https://new.example/register"] == calls + 1


def test_whoever_registers_without_an_invitation_is_not_let_in(target: Target) -> None:
    """It waits for an operator: until then, no login."""
    sent = target.lms.initiation() | {"iss": "https://new.example", "client_id": "c-1"}
    answer = target.browser().post("/lti/login", data=sent)
    assert answer.status_code in {400, 403}
    assert "Location" not in answer.headers


def test_an_answer_that_names_the_client_of_somebody_else(target: Target) -> None:
    """An LMS may name any client id: of its own issuer."""
    browser = target.browser()
    page = ask(target, configuration(), browser)
    form = re.search(r'name="form"[^>]*value="([^"]+)"', page.text)
    assert form
    with target.tool.database.transaction(write=False) as session:
        row = session.get_one(RegistrationRow, target.lms.number)
        known = (row.issuer, row.client_id, row.jwks_url, row.status)
    answer = {
        "client_id": target.lms.client_id,
        "issuer": target.lms.issuer,
        "iss": target.lms.issuer,
    }
    target.tool.http.answers["https://new.example/register"] = as_json(answer)
    browser.post("/lti/register", data={"form": form[1]})
    with target.tool.database.transaction(write=False) as session:
        row = session.get_one(RegistrationRow, target.lms.number)
        assert (row.issuer, row.client_id, row.jwks_url, row.status) == known


@pytest.mark.parametrize("invitation", ["x", "A" * 43, "%00", "' OR 1=1 --", "x" * 9000, "é"])
def test_an_invitation_that_was_guessed(target: Target, invitation: str) -> None:
    for answer in (
        target.browser().get(f"/lti/register/{invitation}"),
        target.browser().get("/lti/register", query_string={"invitation": invitation}),
    ):
        assert answer.status_code in {400, 401, 403, 404, 409, 410, 413}


def test_registrations_are_counted(target: Target) -> None:
    from tests.tool import make_tool

    settings = target.tool.runtime.settings.model_copy(update={"registrations_per_minute": 30})
    tool = make_tool(settings)
    client = tool.app.test_client()
    query = {"openid_configuration": "https://slow.example/"}
    codes = [client.get("/lti/register", query_string=query).status_code for _ in range(62)]
    tool.close()
    assert codes[-1] == 429
    assert sum(tool.http.calls.values()) <= 60  # at most of two minutes


# By every address that a launch carries


def addresses(site: str) -> dict[str, Any]:
    scope = "https://purl.imsglobal.org/spec/lti"
    return {
        "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint": {
            "scope": [
                f"{scope}-ags/scope/{name}" for name in ("lineitem", "score", "result.readonly")
            ],
            "lineitems": f"{site}/items",
            "lineitem": f"{site}/items/1",
        },
        f"{scope}-nrps/claim/namesroleservice": {
            "context_memberships_url": f"{site}/members",
            "service_versions": ["2.0"],
        },
        f"{scope}-gs/claim/groupsservice": {
            "scope": [f"{scope}-gs/scope/contextgroup.readonly"],
            "context_groups_url": f"{site}/groups",
            "context_group_sets_url": f"{site}/sets",
            "service_versions": ["1.0"],
        },
        f"{scope}/claim/platformnotificationservice": {
            "scope": [f"{scope}/scope/noticehandlers"],
            "platform_notification_service_url": f"{site}/notices",
            "service_versions": ["1.0"],
            "notice_types_supported": ["LtiContextCopyNotice"],
        },
        CLAIM + "launch_presentation": {"return_url": f"{site}/back"},
        CLAIM + "tool_platform": {"guid": "x", "url": f"{site}/lms"},
    }


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "localhost."]
)
def test_the_services_of_a_launch_inside(
    target: Target, strict: Tool, port: int, host: str
) -> None:
    """Scores, line items, rosters, groups, notices, and the registration's own token and keys."""
    VISITS.clear()
    lms = Lms(strict, issuer=f"https://{abs(hash(host))}.example", organisation=host)
    site = f"http://{host}:{port}"
    for roles in ([], [TUTOR_ROLE]):
        browser = strict.app.test_client()
        asked = lms.begin(browser)
        claims = lms.claims(asked, **addresses(site), **({"lti_roles": roles} if roles else {}))
        with pytest.MonkeyPatch.context() as patch:
            # Its keys come by the played network; all that follows goes the real way.
            patch.setattr(strict.runtime.http, "get", target.tool.http.get)
            answer = lms.send(browser, asked, lms.sign(claims))
        assert answer.status_code == 303, answer.text
        home = browser.get(browser.get(answer.headers["Location"]).headers["Location"])
        assert home.status_code == 200
    with strict.database.transaction() as session:
        row = session.get_one(RegistrationRow, lms.number)
        row.token_url = f"{site}/token"
    make_worker(strict.runtime).drain()
    assert not VISITS


# Notices


def test_notices_that_nobody_signed(target: Target) -> None:
    client = target.browser()
    unsigned = target.lms.sign(target.claims(), key="stranger")
    bodies: list[Any] = [
        {},
        {"notices": []},
        {"notices": [{}]},
        {"notices": [{"jwt": "x"}]},
        [],
        None,
        1,
    ]
    bodies += [{"notices": [{"jwt": unsigned}]}, {"notices": [{"jwt": 1}] * 5}, {"notices": "x"}]
    bodies += [{"notices": [{"jwt": "a.b.c"}] * 5000}, {"notices": {"jwt": unsigned}}]
    for body in bodies:
        answer = client.post("/lti/notices", data=json.dumps(body), content_type="application/json")
        assert 400 <= answer.status_code < 500, body
    for raw in (b"", b"\xff", b"[" * 100_000, b'{"notices": 1, "notices": []}', b"x" * 2_000_000):
        answer = client.post("/lti/notices", data=raw, content_type="application/json")
        assert 400 <= answer.status_code < 500


def test_the_pages_of_connecting_leave_nothing_of_a_tenant_behind(
    target: Target, tmp_path: Path
) -> None:
    for path in (
        "/lti/connect",
        "/lti/canvas.json",
        "/lti/jwks.json",
        "/lti/register",
        "/lti/icon.svg",
    ):
        found = target.browser().get(path)
        assert found.status_code == 200, path
        for secret in ("Willow Training", "lms.example", "client-1", '"d"', '"p"', "PRIVATE"):
            assert secret not in found.text, (path, secret)

"""Requests that are no browser's: paths, sizes, parameters twice, line ends, values out of range."""

import io
import json
import re
import sys
from typing import Any

import pytest

from lti_tool.kernel.cells import safe_cell
from tests.attacks.target import Target
from tests.house.belongings import ADMINISTRATOR, FORM, Belongings, give_everything
from tests.house.test_permissions import address, methods, rules
from tests.tool import TUTOR, Tool

TRAVERSALS = [
    "../../../etc/passwd",
    "..%2f..%2f..%2fetc/passwd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "..\\..\\..\\etc\\passwd",
    "/etc/passwd",
    "//etc/passwd",
    "%00",
    "css/pages.css%00.txt",
    "css/../../headers.py",
    "../web/headers.py",
    "../../templates/_shared/base.html",
    ".",
    "..",
    "css",
    "file:///etc/passwd",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_files_beside_the_static_ones(target: Target, path: str) -> None:
    with target.tool.app.test_request_context():
        from flask import url_for

        ours = url_for("static", filename="css/pages.css").removesuffix("css/pages.css")
        theirs = url_for("bootstrap.static", filename="x").removesuffix("x")
    for base in (ours, theirs, "/static/"):
        answer = target.browser().get(base + path)
        assert answer.status_code in {301, 308, 400, 404}, (base, path)
        assert b"root:" not in answer.data
        assert b"def " not in answer.data


@pytest.mark.parametrize("path", TRAVERSALS)
def test_names_that_are_paths_where_ids_belong(target: Target, path: str) -> None:
    who = target.tool.sign_in("walker")
    for start in ("training-record/", "my-record/import/", "papers/", "change/", "sharing/"):
        answer = who.get(start + path)
        assert answer.status_code in {301, 308, 400, 404, 405}, (start, path, answer.status_code)
        assert b"root:" not in answer.data


# In every place of every address


@pytest.fixture
def hers(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Belongings:
    return give_everything(tool, monkeypatch)


NO_IDS = ["x%00y", "%ED%A0%80%F0%9F%98%80" + "x" * 600, "9" * 30]


def test_values_that_no_address_of_ours_has(tool: Tool, hers: Belongings) -> None:
    """On both databases: one refuses NULs, both refuse numbers that are too large for them."""
    walked = 0
    for rule in rules(tool):
        if not rule.arguments <= hers.values.keys():
            continue
        who = hers.for_guard(str(getattr(tool.app.view_functions[rule.endpoint], "guard", "")))
        for name in sorted(rule.arguments - {"slot"}):
            for value in NO_IDS:
                path = with_value(address(rule, hers, who), str(hers.values[name]), value)
                for method in methods(rule):
                    headers = {"X-CSRFToken": who.csrf_token()}
                    answer = who.client.open(path, method=method, headers=headers)
                    assert answer.status_code < 500, (method, path)
                    walked += 1
    assert walked > 200


def with_value(path: str, known: str, value: str) -> str:
    pieces = path.split("/")
    place = len(pieces) - 1 - pieces[::-1].index(known)
    return "/".join([*pieces[:place], value, *pieces[place + 1 :]])


@pytest.mark.parametrize("odd", ["a\0\ud83d\udc00b\u202e", "9" * 40], ids=["text", "number"])
def test_texts_that_no_field_of_ours_expects(tool: Tool, odd: str) -> None:
    """In every field of every form at once, on both databases: they refuse different things."""
    send_everywhere(tool, odd)


@pytest.mark.parametrize("odd", ["-1", "1e400", "2026-99-99"])
def test_values_that_no_field_of_ours_expects(target: Target, odd: str) -> None:
    send_everywhere(target.tool, odd, organisation="Another")


def send_everywhere(tool: Tool, odd: str, *, organisation: str = "Willow Training") -> None:
    """Posts it as a form and as JSON, by everybody, to every address."""
    people = [
        tool.sign_in("amina", organisation=organisation),
        tool.sign_in("tara", roles=TUTOR, organisation=organisation),
        tool.sign_in("ada", roles=ADMINISTRATOR, organisation=organisation),
    ]
    form = dict.fromkeys([*FORM, "code", "state", "note", "name", "notes", "q", "url"], odd)
    sent = {n: v.encode("utf-8", "surrogatepass") for n, v in form.items()}
    for who in people:
        headers = {"X-CSRFToken": who.csrf_token()}
        known = {"slot": who.slot, "placement": who.placement, "number": 1}
        for rule in rules(tool):
            if "POST" not in methods(rule):
                continue
            values = {n: known.get(n, "1") for n in rule.arguments}
            path = tool.app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")
            for body in ({"data": sent}, {"json": form}):
                answer = who.client.post(path, headers=headers, **body)
                assert answer.status_code < 500, (path, body)


def test_json_of_every_kind_where_json_is_read(target: Target) -> None:
    who = target.tool.sign_in("jason")
    headers = {"X-CSRFToken": who.csrf_token(), "Accept": "application/json"}
    bodies = [b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xff", b"[" * 100_000, b'{"code": []}']
    bodies += [b'{"code": {"a": 1}, "state": [], "note": 1, "version": 1e999}', b"1" * 6000]
    bodies += [b'{"code": "1.01", "state": "achieved", "note": "\\ud800", "version": 1e999}']
    bodies += [b'{"code": "1.01", "state": "achieved", "note": "", "version": ' + b"9" * 400 + b"}"]
    for body in bodies:
        for kind in ("application/json", "text/plain", "application/json; charset=utf-7"):
            answer = who.client.post(
                f"{who.home}ratings", data=body, content_type=kind, headers=headers
            )
            assert 400 <= answer.status_code < 500, body[:40]


# Twice


def test_a_parameter_that_comes_twice(target: Target) -> None:
    browser, asked = target.login()
    token, stranger = target.lms.sign(target.claims()), "e30.e30.e30"
    before = target.doors()
    for form in (
        {"state": [asked["state"], "x"], "id_token": token},
        {"state": ["x", asked["state"]], "id_token": token},
        {"state": asked["state"], "id_token": [token, stranger]},
        {"state": asked["state"], "id_token": [stranger, token]},
        {"state": asked["state"], "id_token": [token, token]},
    ):
        answer = browser.post("/lti/launch", data=form)
        assert (answer.status_code, "parameter-twice" in answer.text) == (400, True)
    for name in ("iss", "client_id", "target_link_uri", "login_hint"):
        sent = target.lms.initiation()
        twice = {**sent, name: [sent[name], "https://evil.example/"]}
        assert browser.post("/lti/login", data=twice).status_code == 400
        assert browser.get("/lti/login", query_string=twice).status_code == 400
    assert target.doors() == before


def test_parameters_in_the_query_of_a_launch_count_for_nothing(target: Target) -> None:
    browser, asked = target.login()
    form = {"state": asked["state"], "id_token": target.lms.sign(target.claims())}
    before = target.doors()
    assert browser.post("/lti/launch", query_string=form).status_code == 400
    assert browser.get("/lti/launch", query_string=form).status_code == 405
    assert browser.put("/lti/launch", data=form).status_code == 405
    assert target.doors() == before


# Sizes


def test_bodies_parameters_cookies_and_headers_out_of_size(target: Target) -> None:
    browser, asked = target.login()
    before = target.doors()
    big = "x" * 300_000
    for form in ({"state": asked["state"], "id_token": big}, {"state": big}, {"x": big}):
        assert browser.post("/lti/launch", data=form).status_code in {400, 413}
    assert browser.post("/lti/launch", data={f"p{n}": "x" for n in range(5000)}).status_code in {
        400,
        413,
    }
    for name in target.lms.initiation():
        sent = target.lms.initiation() | {name: "https://lms.example/" + "x" * 9_000}
        for answer in (
            target.browser().post("/lti/login", data=sent),
            target.browser().get("/lti/login", query_string=sent),
        ):
            assert answer.status_code in {400, 413}
    loud = {"Cookie": "; ".join(f"imhcf_login_{n}={'x' * 60}" for n in range(2000))}
    assert (
        target.browser().post("/lti/login", data=target.lms.initiation(), headers=loud).status_code
        < 500
    )
    for name in ("Accept", "Accept-Language", "User-Agent", "Referer", "X-Forwarded-For", "Origin"):
        answer = target.browser().get("/nowhere", headers={name: "x," * 20_000})
        assert answer.status_code == 404
    assert target.doors() == before


def test_a_body_without_a_length_is_bounded_all_the_same(target: Target) -> None:
    def endless() -> Any:
        class Endless(io.RawIOBase):
            read_so_far = 0

            def readable(self) -> bool:
                return True

            def readinto(self, buffer: Any) -> int:
                Endless.read_so_far += len(buffer)
                assert Endless.read_so_far < 50_000_000, "read on and on"
                buffer[:] = b"x" * len(buffer)
                return len(buffer)

        return io.BufferedReader(Endless())

    answer = target.browser().post(
        "/lti/launch",
        content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": endless(), "wsgi.input_terminated": True},
    )
    assert answer.status_code in {400, 413}


@pytest.mark.parametrize(
    "cookie",
    [
        "imhcf_session=",
        "imhcf_session=ÿ",
        'imhcf_session="',
        "=;=;=",
        "imhcf_login_=x; a" * 50,
        "imhcf_session=a; imhcf_session=b",
        "\x01",
        "imhcf_asked=%00",
        "imhcf_keeps_cookies",
    ],
)
def test_cookies_that_are_none(target: Target, cookie: str) -> None:
    who = target.tool.sign_in("crumbs")
    client = target.tool.app.test_client(use_cookies=False)
    for path in (who.home, "/lti/enter/x", "/lti/login", "/shared/x"):
        answer = client.get(path, headers={"Cookie": cookie})
        assert answer.status_code in {400, 401, 404}
    assert client.post("/lti/launch", headers={"Cookie": cookie}).status_code == 400


# Line ends


def test_a_line_end_from_outside_begins_no_header_and_no_line_of_the_log(
    target: Target, capsys: pytest.CaptureFixture[str]
) -> None:
    import structlog

    from lti_tool.kernel.log import configure_logging

    evil = 'x\r\nSet-Cookie: a=b\n{"event": "forged"}\u2028{"event": "forged"}'
    known = structlog.get_config()
    try:
        configure_logging()
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(file=sys.stdout))
        browser = target.browser()
        answers = [
            target.lms.launch(browser, name=evil, lti_deployment_id=evil, lti_context={"id": evil}),
            browser.post("/lti/launch", data={"error": evil, "state": "x"}),
            browser.post("/lti/login", data=target.lms.initiation() | {"login_hint": evil}),
            target.send(target.lms.sign(target.claims(), kid=evil)),
            browser.get("/" + evil.replace("\r", "%0d").replace("\n", "%0a")),
        ]
    finally:
        structlog.configure(**known)
    for answer in answers:
        assert "Set-Cookie: a=b" not in str(answer.headers)
        assert all("a=b" not in line for line in answer.headers.getlist("Set-Cookie"))
        assert not any(re.search(r"[\r\n]", value) for value in answer.headers.values())
    printed = capsys.readouterr().out
    lines = printed.splitlines()  # at every kind of line end that some reader may take for one
    assert len(lines) >= 3
    for line in lines:
        assert json.loads(line)["event"] in {"refused", "launched"}, line


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_a_cell_is_no_formula(start: str) -> None:
    assert safe_cell(f"{start}1+1").startswith("'")


# Sessions


def test_a_session_ends_with_its_registration_by_idleness_and_by_age(target: Target) -> None:
    from datetime import timedelta

    import time_machine

    from lti_tool.kernel import clock

    who = target.tool.sign_in("ending")
    settings = target.tool.runtime.settings
    assert who.get().status_code == 200
    for later in (
        timedelta(minutes=settings.session_idle_minutes, seconds=1),
        timedelta(hours=settings.session_absolute_hours, seconds=1),
    ):
        with time_machine.travel(clock.now() + later, tick=False):
            for answer in (who.get(), who.post("domain/1", {})):
                assert (answer.status_code, "session-ended" in answer.text) == (401, True)


def test_a_session_that_was_ended_stays_ended(target: Target) -> None:
    from lti_tool.web.sessions import end_sessions_of

    who = target.tool.sign_in("ended", organisation="Short-lived")
    assert who.get().status_code == 200
    with target.tool.database.transaction() as session:
        end_sessions_of(session, target.tool.registrations["Short-lived"])
    for _ in range(2):
        assert who.get().status_code == 401


def test_an_address_of_a_session_is_worth_nothing_to_who_finds_it(target: Target) -> None:
    who = target.tool.sign_in("bookmarked")
    for path in ("", "domain/1", "change", "my-record/zip", "sharing"):
        found = target.browser().get(who.home + path)
        assert found.status_code == 401
        assert "bookmarked" not in found.text

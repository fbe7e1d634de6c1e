"""The tool and a whole Larkfield in one process: every call between them is a real request.

No sockets and no second process, so that a test costs little; what goes over the line is what
goes over it between servers.
"""

import html
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.demo.app import create_lms
from lti_tool.demo.lms import EXTENSION
from lti_tool.demo.platform import assertions
from lti_tool.demo.registration import platform_facts
from lti_tool.demo.settings import LmsSettings
from lti_tool.gateway.protocol import EXTENSION as PROTOCOL
from lti_tool.gateway.protocol import make_protocol
from lti_tool.gateway.reconciling.looks import know_columns, request_look
from lti_tool.gateway.reconciling.queries import Column, column_by_id, columns_with_grades
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.grades.models import Score
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import in_transaction
from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.wiring.messages import make_worker
from tests.tool import Tool, Visitor

LMS_URL = "http://127.0.0.1:8099"
IMH101 = 2


@dataclass
class Line:
    """The tool's HTTP client, with Larkfield at its other end.

    `calls` lists what went over, `taken` what of it was taken.
    """

    client: FlaskClient
    calls: list[tuple[str, str]] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _method, _path: None
    after: Callable[[str, str], None] = lambda _method, _path: None

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._call("GET", url, headers)

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._call("POST", url, headers, body)

    def put(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._call("PUT", url, headers, body)

    def delete(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._call("DELETE", url, headers)

    def count(self, method: str, ending: str) -> int:
        """Returns how often a kind of address was called."""
        return sum(one == method and path.endswith(ending) for one, path in self.calls)

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> HttpAnswer:
        assert not in_transaction(), "a call to an LMS inside a transaction"
        path = urlsplit(url).path
        self.calls.append((method, path))
        self.before(method, path)
        try:
            answer = self.client.open(
                url.removeprefix(LMS_URL),
                method=method,
                headers=dict(headers),
                data=body,
                base_url=LMS_URL,
            )
        except ConnectionResetError:  # Larkfield's fault: it closed the connection
            raise CallFailed("It cannot be reached.", code="unreachable") from None
        self.after(method, path)
        if answer.status_code < 300:
            self.taken.append((method, path))
        return HttpAnswer(answer.status_code, dict(answer.headers), answer.data)


@dataclass
class Place:
    """One installation: the tool, its LMS, and the worker."""

    tool: Tool
    lms: Flask
    line: Line

    def control(self, method: str, path: str, **sent: Any) -> Any:
        answer = self.lms.test_client().open(
            f"/control/{path}", method=method, json=sent, base_url=LMS_URL
        )
        assert answer.status_code < 400, answer.text
        return answer.json if answer.data else None

    def launch(self, key: str, item: int = 11, course: int = IMH101) -> Visitor:
        """Returns somebody who opened an activity from the LMS, with a session."""
        browser, lms = self.tool.app.test_client(), self.lms.test_client()
        begun = lms.get(f"/courses/{course}/items/{item}/launch?as={key}", base_url=LMS_URL)
        # This browser keeps cookies: the LMS need not keep anything for it.
        fields = _fields(begun.text)
        fields.pop("lti_storage_target", None)
        login = browser.post("/lti/login", data=fields)
        assert login.status_code == 302, login.text
        sent = lms.get(login.headers["Location"].removeprefix(LMS_URL), base_url=LMS_URL)
        page = browser.post("/lti/launch", data=_fields(sent.text), follow_redirects=True)
        assert page.status_code == 200, page.text
        _, _, slot, _, placement, *_ = page.request.path.split("/")
        nobody = Actor(0, 0, 0, 0, frozenset())
        return Visitor(self.tool.app, browser, nobody, slot, placement, 0)

    def rate(self, who: Visitor, code: str, state: str = "achieved", version: int = 0) -> None:
        answer = who.post_json(
            "ratings", {"code": code, "state": state, "note": "", "version": version}
        )
        assert answer.status_code == 200, answer.text

    def work(self) -> None:
        """Lets the worker do everything that is due.

        Moodle compares timestamps by the second: a score of the same second as a grade that was
        typed goes out again a moment later, and that moment is waited for.
        """
        worker = make_worker(self.tool.runtime)
        worker.drain()
        for _ in range(400):
            if all(score.reason != "stale" for score in self.scores()):
                return
            time.sleep(0.05)
            worker.drain()
        pytest.fail("a score that was stale was never sent again")

    def reconcile(self) -> None:
        """Reads every column back, as a night does, and lets the worker mend."""
        with self.tool.database.transaction() as session:
            know_columns(session, UTC)
            for number in columns_with_grades(session, None):
                column = column_by_id(session, number)
                assert column
                request_look(session, number, column.registration_id)
        self.work()

    def cells(self, course: int = IMH101) -> list[dict[str, Any]]:
        return list(self.control("GET", f"gradebook?course={course}"))

    def cell(self, key: str = "amina", item: int = 31, course: int = IMH101) -> dict[str, Any]:
        (found,) = (
            one for one in self.cells(course) if one["user"] == key and one["line_item_id"] == item
        )
        return found

    def enter(self, value: float | None, key: str = "amina", item: int = 31, **more: Any) -> None:
        """Changes a cell: a tutor's grade, or with `damage` what a restored backup leaves."""
        self.control("PUT", f"lineitems/{item}/cells/{key}", value=value, **more)

    def scores(self) -> list[Score]:
        with self.tool.database.transaction(write=False) as session:
            return list(session.execute(select(Score).order_by(Score.id)).scalars())

    def columns(self) -> list[Column]:
        with self.tool.database.transaction(write=False) as session:
            numbers = columns_with_grades(session, None)
            return [found for number in numbers if (found := column_by_id(session, number))]

    def lms_columns(self) -> list[dict[str, Any]]:
        """Returns the LMS's columns of the course, through its page's own table."""
        database = self.lms.extensions[EXTENSION].database
        from lti_tool.demo.models import LineItem

        with database.reading() as session:
            rows = session.scalars(
                select(LineItem).where(LineItem.course_id == IMH101).order_by(LineItem.id)
            )
            return [
                {
                    "id": row.id,
                    "label": row.label,
                    "points": row.score_maximum,
                    "resource_id": row.resource_id,
                    "tag": row.tag,
                    "placement": row.placement_id,
                    "ours": row.is_made_by_tool,
                }
                for row in rows
            ]


@pytest.fixture(scope="session")
def first_state(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Larkfield's file as its first start makes it: its key costs time to make."""
    path = tmp_path_factory.mktemp("larkfield") / "lms.db"
    app = create_lms(LmsSettings(LMS_URL, "http://127.0.0.1:8000", path))
    app.extensions[EXTENSION].database.close()
    return path.read_bytes()


@pytest.fixture
def profile() -> str:
    return "moodle"


@pytest.fixture
def place(
    tool: Tool,
    first_state: bytes,
    tmp_path: Path,
    profile: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Place]:
    path = tmp_path / "lms.db"
    path.write_bytes(first_state)
    settings = LmsSettings(LMS_URL, "http://127.0.0.1:8000", path, profile)
    lms = create_lms(settings)
    line = Line(lms.test_client())
    tool.runtime = replace(tool.runtime, http=line)
    tool.app.extensions[PROTOCOL] = make_protocol(tool.runtime)
    monkeypatch.setattr(assertions.requests, "get", _key_sets_of(tool.app))
    facts = platform_facts(settings)
    with tool.database.transaction() as session:
        add_registration(
            session,
            NewRegistration(
                "Willow Training",
                facts.issuer,
                facts.client_id,
                facts.auth_login_url,
                facts.token_url,
                facts.jwks_url,
                product=profile,
            ),
        )
    yield Place(tool, lms, line)
    lms.extensions[EXTENSION].database.close()


def _key_sets_of(app: Flask) -> Callable[..., requests.Response]:
    def get(url: str, **_options: object) -> requests.Response:
        answer = requests.Response()
        answer.status_code = 200
        answer._content = app.test_client().get(urlsplit(url).path).data
        return answer

    return get


def _fields(page: str) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    return {html.unescape(name): html.unescape(value) for name, value in fields}

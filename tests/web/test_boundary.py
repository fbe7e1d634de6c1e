"""The request boundary: headers, errors as pages, methods and media types, health."""

import pytest
from sqlalchemy.exc import OperationalError

from lti_tool.kernel.database import Database
from tests.tool import Tool


def test_every_answer_carries_the_security_headers(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    for page in (amina.get(), amina.get("domain/1"), amina.client.get("/nowhere")):
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"] == "no-store"
        assert "X-Frame-Options" not in page.headers


def test_static_files_are_kept_for_ever_under_their_digest(tool: Tool) -> None:
    client = tool.app.test_client()
    with tool.app.test_request_context():
        from flask import url_for

        address = url_for("static", filename="css/pages.css")
    found = client.get(address)
    assert found.status_code == 200
    assert "immutable" in found.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "page-not-found"),
        ("GET", "/at/nobody/p/nothing/", 401, "session-ended"),
        ("DELETE", "/lti/login", 405, "method-not-allowed"),
        ("GET", "/lti/launch", 405, "method-not-allowed"),
        ("POST", "/lti/launch", 400, "state-unknown"),
        ("GET", "/lti/enter/made-up", 401, "ticket-used"),
        ("GET", "/at/x/p/y/domain/999999999999999999999", 401, "session-ended"),
        ("GET", "/%00", 404, "page-not-found"),
    ],
)
def test_what_cannot_be_served_is_a_page_with_a_code(
    tool: Tool, method: str, path: str, status: int, code: str
) -> None:
    answer = tool.app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert code in answer.text
    assert "<h1" in answer.text


def test_a_form_larger_than_any_honest_one_is_refused(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = amina.post("domain/1", {"x": "y" * (5 * 1024 * 1024)})
    assert answer.status_code == 413


def test_a_database_that_goes_away_is_said_plainly(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina = tool.sign_in("amina")

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT secret", {"name": "Amina"}, Exception("gone"))

    monkeypatch.setattr(Database, "begin", gone)
    answer = amina.get()
    assert answer.status_code == 503
    assert "database-unavailable" in answer.text
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text
    assert answer.headers["Retry-After"]


def test_health_and_readiness(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    client = tool.app.test_client()
    assert client.get("/healthz").get_json() == {"status": "ok"}
    assert client.get("/readyz").get_json() == {"status": "ready"}

    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(Database, "begin", gone)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503

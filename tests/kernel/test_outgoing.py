"""Outgoing HTTP against a real server on loopback: bounds, refusals, and no cookies."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lti_tool.kernel.database import Database
from lti_tool.kernel.http import CallFailed
from lti_tool.kernel.outgoing import Outgoing
from lti_tool.kernel.public_addresses import is_public

SEEN: list[dict[str, str]] = []


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        SEEN.append(dict(self.headers))
        if self.path == "/redirect":
            self._answer(302, b"", Location="/")
        elif self.path == "/huge":
            self._answer(200, b"x" * (2 * 1024 * 1024))
        elif self.path == "/drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(20):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.1)
        elif self.path == "/slow":
            time.sleep(2)
            self._answer(200, b"late")
        else:
            self._answer(200, b"hello", **{"Set-Cookie": "a=b"})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def http() -> Outgoing:
    return Outgoing(allow_private=True, timeout=0.8)


def test_an_answer_comes_whole_and_no_cookie_is_sent_back(http: Outgoing, site: str) -> None:
    for _ in range(2):
        answer = http.get(site + "/", headers={})
        assert (answer.status, answer.body) == (200, b"hello")
    assert "Cookie" not in SEEN[-1]
    assert SEEN[-1]["User-Agent"].startswith("imhcf-tool")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/redirect", "redirected"),
        ("/huge", "answer-too-large"),
        ("/slow", "timeout"),
        ("/drip", "timeout"),
    ],
)
def test_what_an_honest_lms_would_not_answer_fails(
    http: Outgoing, site: str, path: str, code: str
) -> None:
    with pytest.raises(CallFailed) as caught:
        http.get(site + path, headers={})
    assert caught.value.code == code


def test_nobody_there_is_unreachable(http: Outgoing) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(CallFailed) as caught:
        http.get(f"http://127.0.0.1:{port}/", headers={})
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1", "http://localhost", "http://[::1]", "http://2130706433"]
)
def test_private_addresses_are_refused_unless_allowed(site: str, address: str) -> None:
    port = site.rpartition(":")[2]
    before = len(SEEN)
    with pytest.raises(CallFailed) as caught:
        Outgoing(allow_private=False, timeout=1).get(f"{address}:{port}/", headers={})
    assert caught.value.code == "address-refused"
    assert len(SEEN) == before


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/", "gopher://x", "x"])
def test_only_web_addresses_are_called(http: Outgoing, url: str) -> None:
    with pytest.raises(CallFailed) as caught:
        http.get(url, headers={})
    assert caught.value.code == "address-refused"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_call_inside_a_transaction_is_a_mistake_of_ours(
    http: Outgoing, site: str, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.transaction(write=False), pytest.raises(RuntimeError, match="transaction"):
        http.get(site, headers={})
    assert http.get(site + "/", headers={}).status == 200

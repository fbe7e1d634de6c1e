"""SSRF: whatever address a registration or a launch names, private hosts are not called.

Over real sockets: a server stands on loopback, counts who comes, and must see nobody.
"""

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lti_tool.kernel.clock import now
from lti_tool.kernel.http import CallFailed
from lti_tool.kernel.outgoing import MAX_ANSWER_BYTES, Outgoing, _decoded
from lti_tool.kernel.public_addresses import is_public
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.refusals import KeySetUnavailable
from lti_tool.lti.registration import Registration

VISITS: list[str] = []
BOMB = MAX_ANSWER_BYTES * 50


class _Inside(BaseHTTPRequestHandler):
    """What must not be reached; and, when it is allowed, what answers badly."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        VISITS.append(self.path)
        name = self.path.strip("/").partition("?")[0]
        {
            "redirect": self._redirect,
            "drip-status": self._drip_status,
            "drip-headers": self._drip_headers,
            "drip-body": self._drip_body,
            "continue": self._continue,
            "many-headers": self._many_headers,
        }.get(name, lambda: self._encoded(name))()

    def do_POST(self) -> None:
        self.do_GET()

    def _encoded(self, name: str) -> None:
        bodies: dict[str, tuple[str, Callable[[], bytes]]] = {
            "gzip": ("gzip", lambda: gzip.compress(b"hello")),
            "deflate": ("deflate", lambda: zlib.compress(b"hello")),
            "damaged": ("gzip", lambda: b"not gzip at all"),
            "brotli": ("br", lambda: b"\x0b\x02\x80hello\x03"),
            "twice": ("gzip, gzip", lambda: gzip.compress(gzip.compress(b"hello"))),
            "bomb": ("gzip", lambda: gzip.compress(bytes(BOMB))),
        }
        encoding, make = bodies.get(name, ("", lambda: b"inside"))
        body = make()
        self.send_response(200)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("X-Accept-Encoding", self.headers.get("Accept-Encoding", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _drip(self, pieces: Iterator[bytes]) -> None:
        self.close_connection = True
        try:
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass  # they left, as they should

    def _drip_status(self) -> None:
        self._drip(bytes([c]) for c in b"HTTP/1.1 200 " + b"O" * 100)

    def _drip_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._drip(f"X-{n}: y\r\n".encode() for n in range(90))

    def _drip_body(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        self._drip(b"x" for _ in range(100))

    def _continue(self) -> None:
        self._drip(b"HTTP/1.1 100 Continue\r\n\r\n" for _ in range(100))

    def _many_headers(self) -> None:
        self.close_connection = True
        lines = b"".join(b"X-%d: y\r\n" % n for n in range(10_000))
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + lines + b"\r\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Inside)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


STRICT = Outgoing(allow_private=False, timeout=2)
ON_CAMPUS = Outgoing(allow_private=True, timeout=0.4)


def code_of(http: Outgoing, url: str, method: str = "get") -> str:
    call = partial(http.get if method == "get" else partial(http.post, body=b"{}"), headers={})
    with pytest.raises(CallFailed) as caught:
        call(url)
    return caught.value.code


# Hosts that mean this machine, in every spelling that some resolver takes.
INSIDE = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "127.0.0.1.",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "%31%32%37.0.0.1",
]


@pytest.mark.parametrize("host", INSIDE)
def test_this_machine_by_any_name(port: int, host: str) -> None:
    VISITS.clear()
    for method in ("get", "post"):
        code = code_of(STRICT, f"http://{host}:{port}/secret", method)
        assert code in {"address-refused", "unreachable"}
    assert not VISITS


PRIVATE = [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "::7f00:1",
    "::ffff:0:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:a9fe:a9fe::1",
    "2001:0:a00:1::",
    "2001:db8::1",
    "100::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_to_a_private_address(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Whoever owns a name may let it lead anywhere."""
    assert not is_public(address)
    resolve_to(monkeypatch, address)
    for scheme in ("http", "https"):
        url = f"{scheme}://metadata.google.internal/"
        assert code_of(STRICT, url) == "address-refused"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::8.8.8.8"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Lets each look-up answer with the next address, the last one for ever; returns the asked."""
    asked: list[str] = []

    def answer(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        address = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_a_name_that_changes_its_mind_between_look_ups(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: a public address for the check, loopback for the call. There is one look-up."""
    VISITS.clear()
    connected: list[Any] = []

    def connect(_self: socket.socket, address: Any) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    asked = resolve_to(monkeypatch, "93.184.216.34", "127.0.0.1")
    monkeypatch.setattr(socket.socket, "connect", connect)
    assert code_of(STRICT, f"http://rebind.example:{port}/") == "unreachable"
    assert connected == ["93.184.216.34"]
    assert asked == ["rebind.example"]
    assert code_of(STRICT, f"http://rebind.example:{port}/") == "address-refused"
    assert connected == ["93.184.216.34"]
    assert not VISITS


def test_a_name_with_a_public_and_a_private_address(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def both(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in ("93.184.216.34", "127.0.0.1")
        ]

    connected: list[Any] = []

    def connect(_self: socket.socket, address: Any) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", both)
    monkeypatch.setattr(socket.socket, "connect", connect)
    assert code_of(STRICT, f"http://both.example:{port}/") in {"address-refused", "unreachable"}
    assert connected == ["93.184.216.34"]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://x/",
        "dict://127.0.0.1:6379/",
        "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
        "jar:http://x!/",
        "data:text/plain,x",
        "//127.0.0.1/",
        "/etc/passwd",
        "",
        "http://",
        "http:///x",
        "http://user:pass@8.8.8.8/",
        "http://8.8.8.8@127.0.0.1/",
        "http://127.0.0.1:8000\\@8.8.8.8/",
        "http://[::1",
        "http://[::1]]/",
        "http://x:99999/",
        "http://x:port/",
        "http://a..b/",
        "http://" + "a" * 300 + "/",
        "http://\ud800/",
        "http://x\x00y/",
        "http://x\r\nHost: y/",
    ],
)
def test_what_is_no_address_to_call(url: str) -> None:
    assert code_of(STRICT, url) in {"address-refused", "unreachable"}


def test_a_redirect_is_not_followed(port: int) -> None:
    assert code_of(ON_CAMPUS, f"http://127.0.0.1:{port}/redirect") == "redirected"


@pytest.mark.parametrize("path", ["drip-status", "drip-headers", "drip-body", "continue"])
def test_the_time_is_that_of_the_whole_call_however_it_drips(port: int, path: str) -> None:
    began = time.monotonic()
    assert code_of(ON_CAMPUS, f"http://127.0.0.1:{port}/{path}") == "timeout"
    assert time.monotonic() - began < 1.5


def test_headers_without_end(port: int) -> None:
    assert code_of(ON_CAMPUS, f"http://127.0.0.1:{port}/many-headers") == "unreachable"


def test_a_connection_that_nobody_answers_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        began = time.monotonic()
        assert code_of(ON_CAMPUS, url) == "timeout"
        assert code_of(ON_CAMPUS, url.replace("http", "https", 1)) in {"timeout", "unreachable"}
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("name", ["gzip", "deflate", "plain"])
def test_no_encoding_is_asked_for_and_one_is_read(port: int, name: str) -> None:
    answer = ON_CAMPUS.get(f"http://127.0.0.1:{port}/{name}", headers={})
    assert answer.body in {b"hello", b"inside"}
    assert answer.headers["X-Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bomb", "answer-too-large"),
        ("damaged", "unreachable"),
        ("brotli", "unreachable"),
        ("twice", "unreachable"),
    ],
)
def test_an_answer_that_unpacks_to_more_than_it_is(port: int, name: str, code: str) -> None:
    slow = Outgoing(allow_private=True, timeout=5)
    assert code_of(slow, f"http://127.0.0.1:{port}/{name}") == code


def test_a_bomb_is_unpacked_no_further_than_it_may_be() -> None:
    bomb = gzip.compress(bytes(BOMB))
    tracemalloc.start()
    with pytest.raises(CallFailed):
        _decoded(bomb, "gzip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_ANSWER_BYTES


def test_connections_that_are_kept_serve_the_next_call_in_its_own_time(port: int) -> None:
    http = Outgoing(allow_private=True, timeout=0.4)
    for _ in range(3):
        assert http.get(f"http://127.0.0.1:{port}/", headers={}).body == b"inside"
        time.sleep(0.25)


# By every address that a registration carries


def registration(url: str) -> Registration:
    return Registration(
        id=1,
        issuer="https://lms.example",
        client_id="client",
        auth_login_url="https://lms.example/auth",
        token_url=url,
        jwks_url=url,
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "localhost"])
def test_keys_and_tokens_are_not_fetched_from_inside(port: int, host: str) -> None:
    from lti_tool.kernel.errors import ImhcfError
    from lti_tool.lti.signing import SigningKey
    from tests.gateway.lms import rsa_key

    VISITS.clear()
    url = f"http://{host}:{port}/secret"
    with pytest.raises(KeySetUnavailable):
        KeySets(STRICT).key(1, url, "key-1")
    tokens = AccessTokens(STRICT, clock=now)
    with pytest.raises(ImhcfError):
        tokens.get(registration(url), frozenset({"scope"}), SigningKey("k", rsa_key("tool")))
    assert not VISITS

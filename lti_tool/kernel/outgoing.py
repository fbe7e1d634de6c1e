"""Outgoing HTTP: bounded in time and size, to addresses that were checked, outside transactions.

A registration names the addresses that we call, so they are not trusted: the address that
was checked is the one that is connected to (no second look-up that could answer otherwise),
private ranges are refused unless the installation allows them, redirects are never followed.
The time is that of the whole call, so that a server that drips cannot hold us for longer.
"""

import http.client
import io
import socket
import time
import zlib
from collections.abc import Mapping
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from lti_tool.kernel.database import in_transaction
from lti_tool.kernel.http import CallFailed, HttpAnswer
from lti_tool.kernel.sockets import AddressRefused, connect_checked

MAX_ANSWER_BYTES = 1024 * 1024
USER_AGENT = "imhcf-tool/0.1 (LTI 1.3)"

# Decompressed in one step to no more than is taken: the size of the answer alone says nothing.
_ENCODINGS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}

_deadline: ContextVar[float] = ContextVar("deadline")


def _left() -> float:
    """Returns the seconds that are left for the call; raises `TimeoutError` when none are."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("the whole call took too long")
    return left


class _InTime(io.RawIOBase):
    """Reads from a socket until the deadline of the call, however the server drips."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """The status line and the headers are read in time, too, not only the body."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_InTime(sock))


def _pools(*, allow_private: bool) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Connection pools whose connections go only to checked addresses."""

    def new_connection(self: Any) -> socket.socket:
        return connect_checked(self.host, self.port, allow_private=allow_private, left=_left)

    ours = {"_new_conn": new_connection, "response_class": _Response}
    plain = type("CheckedHTTP", (HTTPConnection,), ours)
    secure = type("CheckedHTTPS", (HTTPSConnection,), ours)
    return {
        "http": type("HTTPPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("HTTPSPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


class _CheckedAdapter(HTTPAdapter):
    def __init__(self, *, allow_private: bool) -> None:
        self._pools = _pools(allow_private=allow_private)
        super().__init__(pool_connections=50, pool_maxsize=16, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools


class Outgoing:
    """The `HttpClient` of the running program. Thread-safe; keeps connections open."""

    def __init__(self, *, allow_private: bool, timeout: float) -> None:
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
        # Services know us by their tokens alone: no cookie is kept or sent.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _CheckedAdapter(allow_private=allow_private)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._call("GET", url, headers, None)

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._call("POST", url, headers, body)

    def put(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._call("PUT", url, headers, body)

    def delete(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._call("DELETE", url, headers, None)

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        if in_transaction():
            raise RuntimeError("an outgoing call inside a transaction would hold its locks")
        _check_address(url)
        token = _deadline.set(time.monotonic() + self._timeout)
        try:
            with self._session.request(
                method,
                url,
                headers=dict(headers),
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.is_redirect:
                    raise CallFailed("The address redirects elsewhere.", code="redirected")
                return HttpAnswer(response.status_code, response.headers, _bounded(response))
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            ValueError,
        ) as error:
            raise _failure(error) from error
        finally:
            _deadline.reset(token)


def _check_address(url: str) -> None:
    """A web address without a name and password, which would be sent to it."""
    try:
        parts = urlsplit(url)
        is_fit = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_fit = False
    if not is_fit or "@" in parts.netloc:
        raise CallFailed("The address is not a web address.", code="address-refused")


def _bounded(response: requests.Response) -> bytes:
    content = bytearray()
    # read1 returns what has come so far, so that the time is looked at while a server drips.
    while chunk := response.raw.read1(16384, decode_content=False):
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise _too_large()
        _left()
    return _decoded(bytes(content), response.headers.get("Content-Encoding", ""))


def _decoded(content: bytes, encoding: str) -> bytes:
    """We ask for no encoding; a server that encodes all the same may do so once."""
    name = encoding.strip().lower()
    if name in {"", "identity"} or not content:
        return content
    if name not in _ENCODINGS:
        raise CallFailed("The answer is encoded in a way that was not asked for.")
    try:
        unpacked = zlib.decompressobj(_ENCODINGS[name]).decompress(content, MAX_ANSWER_BYTES + 1)
    except zlib.error as error:
        raise CallFailed("The answer is damaged.", detail="content encoding") from error
    if len(unpacked) > MAX_ANSWER_BYTES:
        raise _too_large()
    return unpacked


def _too_large() -> CallFailed:
    return CallFailed("The answer is larger than any honest one.", code="answer-too-large")


def _failure(error: Exception) -> CallFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AddressRefused):
            return CallFailed(
                "The address is a private one, which this installation does not call.",
                code="address-refused",
                advice="Set IMHCF_ALLOW_PRIVATE_NETWORK=true if it is meant.",
            )
        reason = next((a for a in cause.args if isinstance(a, BaseException)), None)
        cause = cause.__cause__ or cause.__context__ or getattr(cause, "reason", None) or reason
    if isinstance(error, (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)):
        return CallFailed("The answer took too long.", code="timeout", detail=type(error).__name__)
    return CallFailed("It cannot be reached.", code="unreachable", detail=type(error).__name__)

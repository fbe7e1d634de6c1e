"""Outgoing HTTP: bounded in time and size, to addresses that were checked, outside transactions.

A registration names the addresses that we call, so they are not trusted: the address that
was checked is the one that is connected to (no second look-up that could answer otherwise),
private ranges are refused unless the installation allows them, redirects are never followed.
"""

import ipaddress
import socket
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from lti_tool.kernel.database import in_transaction
from lti_tool.kernel.http import CallFailed, HttpAnswer

MAX_ANSWER_BYTES = 1024 * 1024
USER_AGENT = "imhcf-tool/0.1 (LTI 1.3)"


class AddressRefused(OSError):
    """The name leads to an address that this installation must not call."""


def _checked_socket(connection: Any, *, allow_private: bool) -> socket.socket:
    infos = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    last: OSError = AddressRefused("no address")
    for family, kind, protocol, _name, address in infos:
        if not allow_private and not is_public(str(address[0])):
            last = AddressRefused("private address")
            continue
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(connection.timeout)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError as error:
            sock.close()
            last = error
        else:
            return sock
    raise last


def is_public(address: str) -> bool:
    """Says whether an IP address is a public one; mapped and tunnelled IPv4 is unwrapped."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)
    return ip.is_global and not ip.is_multicast


def _pools(*, allow_private: bool) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Connection pools whose connections go only to checked addresses."""

    def new_connection(self: Any) -> socket.socket:
        return _checked_socket(self, allow_private=allow_private)

    plain = type("CheckedHTTP", (HTTPConnection,), {"_new_conn": new_connection})
    secure = type("CheckedHTTPS", (HTTPSConnection,), {"_new_conn": new_connection})
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
        self._session.headers.update({"User-Agent": USER_AGENT})
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
        if urlsplit(url).scheme not in {"http", "https"}:
            raise CallFailed("The address is not a web address.", code="address-refused")
        deadline = time.monotonic() + self._timeout
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
                content = _bounded(response, deadline)
                return HttpAnswer(response.status_code, response.headers, content)
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            OSError,
            ValueError,
        ) as error:
            raise _failure(error) from error


def _bounded(response: requests.Response, deadline: float) -> bytes:
    content = bytearray()
    # read1 returns what has come so far, so that a server that drips cannot hold us for longer.
    while chunk := response.raw.read1(16384, decode_content=True):
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise CallFailed("The answer is larger than any honest one.", code="answer-too-large")
        if time.monotonic() > deadline:
            raise CallFailed("The answer took too long.", code="timeout")
    return bytes(content)


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
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return CallFailed("The answer took too long.", code="timeout", detail=type(error).__name__)
    return CallFailed("It cannot be reached.", code="unreachable", detail=type(error).__name__)

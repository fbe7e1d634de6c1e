"""The shape of an outgoing HTTP call, so that `lti` and tests need no particular library."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from lti_tool.kernel.errors import ImhcfError


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Status, headers (case-insensitive) and the whole body, already bounded in size."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CallFailed(ImhcfError):
    """No usable answer: unreachable, too slow, too large, or an address that is refused.

    `code` is one of `unreachable`, `timeout`, `answer-too-large`, `address-refused`,
    `redirected`.
    """

    code = "unreachable"


class HttpClient(Protocol):
    """Makes one call and returns its answer; raises `CallFailed`, never a library's error."""

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer: ...

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer: ...

    def put(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer: ...

    def delete(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer: ...

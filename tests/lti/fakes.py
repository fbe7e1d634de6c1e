"""An LMS in memory: an HTTP client that answers from a script, and a clock that we set."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from urllib.parse import parse_qs

from lti_tool.kernel.http import CallFailed, HttpAnswer

START = datetime(2026, 11, 21, 20, 40, 32, tzinfo=UTC)


@dataclass(frozen=True)
class Sent:
    """One request as it went out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def json(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.body)
        return found

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Reply = HttpAnswer | CallFailed | Callable[[Sent], HttpAnswer]


@dataclass
class FakeHttp:
    """Answers each (method, URL) with its replies in turn; the last one stays."""

    sent: list[Sent] = field(default_factory=list)
    _replies: dict[tuple[str, str], list[Reply]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def on(self, method: str, url: str, *replies: Reply) -> None:
        self._replies[method, url] = list(replies)

    def calls(self, method: str, url: str) -> list[Sent]:
        return [each for each in self.sent if (each.method, each.url) == (method, url)]

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._answer(Sent("GET", url, headers))

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._answer(Sent("POST", url, headers, body))

    def put(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._answer(Sent("PUT", url, headers, body))

    def delete(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._answer(Sent("DELETE", url, headers))

    def _answer(self, sent: Sent) -> HttpAnswer:
        with self._lock:
            self.sent.append(sent)
            replies = self._replies.get((sent.method, sent.url))
            assert replies, f"unforeseen call: {sent.method} {sent.url}"
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, CallFailed):
            raise CallFailed(reply.sentence, code=reply.code)
        return reply(sent) if callable(reply) else reply


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    moment: datetime = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amounts: float) -> None:
        self.moment += timedelta(**amounts)


def answer(
    body: object = b"", *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpAnswer(status, headers or {}, raw)


def failed(code: str) -> CallFailed:
    return CallFailed("No answer.", code=code)

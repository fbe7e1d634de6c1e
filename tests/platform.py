"""A stand-in for the network between the tool and LMSs: answers by address, counts calls.

For what needs a whole LMS, tests use the development LMS over real HTTP instead.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lti_tool.kernel.database import in_transaction
from lti_tool.kernel.http import CallFailed, HttpAnswer

Answer = HttpAnswer | Callable[[str, str, bytes], HttpAnswer]


def as_json(value: object, status: int = 200, **headers: str) -> HttpAnswer:
    return HttpAnswer(
        status, {"Content-Type": "application/json"} | headers, json.dumps(value).encode()
    )


@dataclass
class FakeHttp:
    """An `HttpClient`: longest matching prefix answers; unknown addresses are unreachable."""

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def get(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._answer("GET", url, b"")

    def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._answer("POST", url, body)

    def put(self, url: str, *, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        return self._answer("PUT", url, body)

    def delete(self, url: str, *, headers: Mapping[str, str]) -> HttpAnswer:
        return self._answer("DELETE", url, b"")

    def _answer(self, method: str, url: str, body: bytes) -> HttpAnswer:
        assert not in_transaction(), "a call to an LMS inside a transaction"
        self.calls[url] += 1
        known = sorted((p for p in self.answers if url.startswith(p)), key=len, reverse=True)
        if not known:
            raise CallFailed("It cannot be reached.", code="unreachable")
        answer = self.answers[known[0]]
        return answer if isinstance(answer, HttpAnswer) else answer(method, url, body)

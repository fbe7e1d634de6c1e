"""What was asked of the LMS, in order, with counts that a test can compare."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from lti_tool.kernel.clock import now

KEPT = 5_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `status` is empty when the connection was closed without an answer."""

    number: int
    at: datetime
    endpoint: str
    method: str
    status: int | None
    fault: str | None


class CallLog:
    """The latest calls and the counts of all; in memory, shared by threads."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._counts: Counter[str] = Counter()
        self._number = 0
        self._lock = Lock()

    def note(
        self, endpoint: str, method: str, status: int | None, *, fault: str | None = None
    ) -> None:
        """Adds a call."""
        with self._lock:
            self._number += 1
            self._calls.append(Call(self._number, now(), endpoint, method, status, fault))

    def count(self, name: str) -> None:
        """Adds one to a counter, such as `tokens_issued`."""
        with self._lock:
            self._counts[name] += 1

    def counts(self) -> dict[str, int]:
        """Returns every counter that is not nought."""
        with self._lock:
            return dict(self._counts)

    def latest(self, limit: int = KEPT) -> list[Call]:
        """Returns so many of the latest calls, oldest first."""
        with self._lock:
            return list(self._calls)[-limit:]

    def clear(self) -> None:
        """Forgets everything and begins to count anew."""
        with self._lock:
            self._calls.clear()
            self._counts.clear()
            self._number = 0

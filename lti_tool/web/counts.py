"""Counts of what came in a minute: in this process, and added up over all in Redis where there is one.

A count costs a dictionary's work. With Redis, a process tells it of several at a time, and
goes on alone while it is away: nobody is kept out because Redis does not answer.
"""

from dataclasses import dataclass
from threading import Lock
from typing import Protocol

WINDOW_SECONDS = 60
# Who is counted at once in one process. A flood from more addresses than this is not counted.
MOST_KEYS = 100_000


@dataclass(slots=True)
class _Tally:
    """What is known of one key: the sum, and how many of it Redis was not told of yet."""

    total: int = 0
    untold: int = 0


class Together(Protocol):
    """Adds up what several processes count."""

    def add(self, key: str, window: int, number: int) -> int | None:
        """Returns the sum over all processes; None when it cannot be had. Never raises."""


class Counts:
    """Counts by key and minute; safe to share between threads."""

    def __init__(self, together: Together | None = None) -> None:
        self._together = together
        self._lock = Lock()
        self._window = 0
        self._tallies: dict[str, _Tally] = {}

    def add(self, key: str, window: int, *, step: int = 1) -> int:
        """Counts one more, and returns how many there were in this window.

        Other processes are told, and their counts learnt, at every `step`-th.
        """
        with self._lock:
            if window != self._window:
                self._window, self._tallies = window, {}
            tally = self._tallies.get(key)
            if tally is None:
                if len(self._tallies) >= MOST_KEYS:
                    return 0
                tally = self._tallies[key] = _Tally()
            tally.total += 1
            tally.untold += 1
            if self._together is None or tally.untold < step:
                return tally.total
            telling, tally.untold = tally.untold, 0
        everywhere = self._together.add(key, window, telling)
        with self._lock:
            if everywhere is not None:
                tally.total = everywhere + tally.untold
            return tally.total

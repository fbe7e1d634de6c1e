"""Many threads that want the same answer: one makes the call, the others wait for it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Flight:
    """One call at a time for one thing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._landed = 0

    @property
    def is_in_the_air(self) -> bool:
        """Whether somebody makes the call right now."""
        return self._lock.locked()

    @contextmanager
    def boarding(self) -> Iterator[bool]:
        """Yields, alone, whether the call is ours to make.

        False for those who waited while another made it: they share its outcome, good or bad,
        so that ten waiters do not sit out ten time-outs one after the other.
        """
        seen = self._landed
        with self._lock:
            is_ours = seen == self._landed
            try:
                yield is_ours
            finally:
                if is_ours:
                    self._landed += 1


class Shelf(Generic[K, V]):
    """A bounded store of entries made on demand; the one longest unused makes room.

    Its lock is held for a dictionary's work only, never while an entry is used.
    """

    def __init__(self, make: Callable[[], V], *, capacity: int) -> None:
        self._make = make
        self._capacity = capacity
        self._lock = Lock()
        self._entries: OrderedDict[K, V] = OrderedDict()

    def entry(self, key: K) -> V:
        """Returns the key's entry, a new one if there was none."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
            made = self._entries[key] = self._make()
            if len(self._entries) > self._capacity:
                self._entries.popitem(last=False)
            return made

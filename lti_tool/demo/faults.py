"""Faults that can be switched on: what goes wrong in an LMS, as often as asked."""

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from threading import Lock
from typing import Any


class FaultKind(StrEnum):
    """What happens to a call. `lost-answer` is done in full, and never answered."""

    DOWN = "down"
    UNAVAILABLE = "503"
    SLOW = "slow"
    UNAUTHORISED = "401"
    CONFLICT = "409"
    TOO_MANY = "429"
    BROKEN = "500"
    LOST_ANSWER = "lost-answer"

    @property
    def status(self) -> int | None:
        """The status that is answered instead of doing the work; none for the others."""
        return int(self.value) if self.value.isdigit() else None


class ServiceKind(StrEnum):
    """The calls that a tool's server makes, which a fault may be confined to."""

    KEYSET = "keyset"
    ACCESS = "token"
    LINE_ITEMS = "lineitems"
    SCORES = "scores"
    RESULTS = "results"
    ROSTER = "roster"
    GROUPS = "groups"
    NOTICES = "notices"


ALL_SERVICES = "all"
SCOPES = (ALL_SERVICES, *ServiceKind)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: of a kind, on one service or `all`, for so many calls or until removed.

    `after` is how many calls that it fits go well before it begins. `seconds` is how long `slow` waits; `retry_after` is what `429` and `503` name.
    """

    kind: FaultKind
    scope: str = ALL_SERVICES
    remaining: int | None = None
    seconds: float = 5.0
    retry_after: int = 2
    number: int = 0
    after: int = 0

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise ValueError(f"a fault's scope is one of {', '.join(SCOPES)}")
        if self.remaining is not None and self.remaining < 1:
            raise ValueError("a fault applies to at least one call")
        if not 0 <= self.seconds <= 120:
            raise ValueError("a slow answer takes up to 120 seconds")

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "Fault":
        """Returns the fault that a JSON object describes; raises `ValueError` for another."""
        unknown = set(fields) - {one.name for one in dataclass_fields(cls)}
        if unknown:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        remaining = fields.get("remaining")
        return cls(
            kind=FaultKind(str(fields.get("kind"))),
            scope=str(fields.get("scope", ALL_SERVICES)),
            remaining=None if remaining is None else int(remaining),
            seconds=float(fields.get("seconds", 5.0)),
            retry_after=int(fields.get("retry_after", 2)),
            after=max(int(fields.get("after", 0)), 0),
        )


class FaultBoard:
    """The faults that are on. The first that fits a call is taken; threads may share it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()
        self._last_number = 0

    def listed(self) -> tuple[Fault, ...]:
        """Returns the faults that are on, in the order in which they are tried."""
        with self._lock:
            return tuple(self._faults)

    def add(self, faults: Iterable[Fault]) -> None:
        """Switches faults on, after those that are on already."""
        with self._lock:
            for fault in faults:
                self._last_number += 1
                self._faults.append(replace(fault, number=self._last_number))

    def remove(self, number: int) -> None:
        """Switches one fault off; one that has run out already is no error."""
        with self._lock:
            self._faults = [fault for fault in self._faults if fault.number != number]

    def clear(self) -> None:
        """Switches all faults off."""
        with self._lock:
            self._faults = []

    def take(self, service: ServiceKind) -> Fault | None:
        """Returns the fault for this call, and counts it."""
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.scope in (ALL_SERVICES, service):
                    if fault.after:
                        self._faults[index] = replace(fault, after=fault.after - 1)
                        continue
                    self._spend(index, fault)
                    return fault
        return None

    def _spend(self, index: int, fault: Fault) -> None:
        if fault.remaining is None:
            return
        if fault.remaining == 1:
            del self._faults[index]
        else:
            self._faults[index] = replace(fault, remaining=fault.remaining - 1)


def drop_connection(environ: Mapping[str, Any]) -> None:
    """Closes the caller's connection, so that it ends without an answer.

    The server finds out when it tries to write, and takes it for a caller who left. Without
    a socket (Flask's test client) it raises `ConnectionResetError`, which the test sees.
    """
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionResetError("the LMS closed the connection without an answer")
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the caller has gone already

"""One look at a column: what the ledger says, what the gradebook shows, what differs."""

from dataclasses import dataclass

from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.reconciling.looks import Difference, differences
from lti_tool.gateway.reconciling.queries import Column, column_by_id, entries_of
from lti_tool.gateway.rules import RegistrationStatus
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti.refusals import ServiceRefused, ServiceUnavailable, TokenRefused

# What an LMS can answer instead of its results.
TROUBLE = (ServiceUnavailable, ServiceRefused, TokenRefused)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a column showed. `maximum` is what its grades are out of, if it says."""

    column: Column
    compared: int
    differences: list[Difference]
    maximum: float | None

    @property
    def differing(self) -> int:
        """How many cells differ by more than an override that is known."""
        return sum(not one.entry.is_overridden for one in self.differences)


class ColumnReader:
    """Reads columns back, for the worker and for the command line. Changes nothing."""

    def __init__(self, runtime: Runtime, protocol: Protocol) -> None:
        self._protocol = protocol
        self._database = runtime.database

    def look(self, column_id: int) -> Look | None:
        """Returns what differs, or None where there is nothing to compare or the LMS is off.

        The ledger is read before the gradebook: what arrives in between is in the second, and no
        part of the first. Raises `ServiceUnavailable`, `ServiceRefused` and `TokenRefused`.
        """
        with self._database.transaction(write=False) as session:
            column = column_by_id(session, column_id)
            if column is None or not column.url:
                return None
            entries = entries_of(session, column)
            found = registration_by_id(session, column.registration_id)
        if not entries or found is None or found.status is not RegistrationStatus.ACTIVE:
            return None
        results = self._protocol.grades.results(
            found.protocol, self._protocol.key_ring.signing_key(), column.url
        )
        differ = differences(column, entries, results, found.protocol.product)
        maxima = [result.maximum for result in results.values() if result.maximum]
        return Look(column, len(entries), differ, maxima[0] if maxima else None)

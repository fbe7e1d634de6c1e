"""The worker's part: columns found, made, changed and deleted; results read back and mended.

Each step reads in one short transaction, calls the LMS in none, and settles in another, together
with its message: another worker that took the message over finds nothing half-noted.
"""

from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import library
from lti_tool.gateway.passback import LeaseLost
from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.reconciling import changes, looks
from lti_tool.gateway.reconciling.making import alter_column, columns_there, make_column
from lti_tool.gateway.reconciling.queries import Column, column_by_id, columns_of, home_of
from lti_tool.gateway.reconciling.reading import ColumnReader
from lti_tool.gateway.reconciling.rules import (
    ColumnState,
    Home,
    choose,
    parts_needed,
    resource_id,
)
from lti_tool.gateway.reconciling.services import give_up_column, use_column
from lti_tool.gateway.rules import KnownRegistration, RegistrationStatus
from lti_tool.kernel.runtime import Runtime
from lti_tool.lti import refusals
from lti_tool.lti.line_items import LineItem
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back, holds

log = structlog.get_logger()

# After so many tries in one night an LMS that is away is left in peace until the next.
_TRIES_A_NIGHT = 6


class Columns:
    """Handles the messages about columns of a gradebook, and about reading them back."""

    def __init__(self, runtime: Runtime, protocol: Protocol) -> None:
        self._runtime = runtime
        self._protocol = protocol
        self._database = runtime.database
        self._reader = ColumnReader(runtime, protocol)

    def find_line_item(self, lease: Lease) -> None:
        """Finds the columns that a placement lacks, and makes those that are not there.

        It looks before it makes, and stores each address before the next is made: after a crash
        or a lost answer the column is there already, and found.
        """
        with self._database.transaction(write=False) as session:
            home, registration_id = home_of(session, int(lease.key))
            found = registration_by_id(session, registration_id)
            lacking = _lacking(session, int(lease.key), home)
        if not found or found.status is not RegistrationStatus.ACTIVE or not home.line_items:
            lacking = ()
        try:
            items = columns_there(self._protocol, found, home) if lacking and found else []
            for part in lacking:
                if found:
                    self._provide(lease, found, home, part, items)
        except refusals.ServiceUnavailable as error:
            self._give_back(lease, error)
            return
        except (refusals.ServiceRefused, refusals.TokenRefused) as error:
            log.warning("line-item-not-found", placement=int(lease.key), reason=error.code)
            with self._database.transaction() as session:
                for part in lacking:
                    give_up_column(session, int(lease.key), part, error.code)
                self._hold(complete(session, lease))
            return
        with self._database.transaction() as session:
            self._hold(complete(session, lease))

    def change_line_item(self, lease: Lease) -> None:
        """Gives a column the title and the points that a tutor chose, at the LMS."""
        with self._database.transaction(write=False) as session:
            column, found = self._column(session, lease)
        outcome: LineItem | str = "registration-disabled"
        if column is None or not column.wanted_label or not column.made:
            outcome = ""
        elif found and found.status is RegistrationStatus.ACTIVE:
            try:
                outcome = alter_column(self._protocol, found, column)
            except refusals.ServiceUnavailable as error:
                self._give_back(lease, error)
                return
            except (refusals.ServiceRefused, refusals.TokenRefused) as error:
                outcome = _gone(error)
        with self._database.transaction() as session:
            if column is not None and outcome:
                changes.note_change(session, column, outcome)
            self._hold(complete(session, lease))

    def delete_line_item(self, lease: Lease) -> None:
        """Deletes a column that this tool made, because a tutor chose to."""
        with self._database.transaction(write=False) as session:
            column, found = self._column(session, lease)
        reason = "registration-disabled"
        wanted = column is not None and column.state is ColumnState.DELETING and column.made
        if column and wanted and found and found.status is RegistrationStatus.ACTIVE:
            try:
                self._protocol.grades.delete_line_item(
                    found.protocol, self._protocol.key_ring.signing_key(), column.url
                )
                reason = ""
            except refusals.ServiceUnavailable as error:
                self._give_back(lease, error)
                return
            except (refusals.ServiceRefused, refusals.TokenRefused) as error:
                reason = error.code
        with self._database.transaction() as session:
            if column and wanted:
                changes.note_deletion(session, column, reason)
            self._hold(complete(session, lease))

    def reconcile(self, lease: Lease) -> None:
        """Reads a column's results back, and mends the cells that differ from the ledger."""
        try:
            look = self._reader.look(int(lease.key))
        except refusals.ServiceUnavailable as error:
            if lease.attempts < _TRIES_A_NIGHT:
                self._give_back(lease, error)
                return
            self._end_look(lease, error.code, again=True)
            return
        except (refusals.ServiceRefused, refusals.TokenRefused) as error:
            reason = _gone(error)
            self._end_look(lease, reason, again=reason != "line-item-gone")
            return
        with self._database.transaction() as session:
            mended = looks.settle(session, look.differences) if look else 0
            if look:
                looks.note_look(
                    session, look.column.id, differing=look.differing, maximum=look.maximum
                )
            self._hold(complete(session, lease))
        if look:
            log.info("column-reconciled", column=look.column.id, mended=mended)

    def _provide(
        self,
        lease: Lease,
        found: KnownRegistration,
        home: Home,
        part: str,
        items: list[LineItem],
    ) -> None:
        asked = library().get(home.set_up.instrument)
        item, several = choose(home, part, items)
        if item is None and home.may_make and asked:
            with self._database.transaction() as session:
                # Whoever was held up for longer than the lease must not make a second column.
                self._hold(holds(session, lease))
            item = make_column(self._protocol, found, home, part, asked)
        with self._database.transaction() as session:
            self._hold(holds(session, lease))
            if item is not None:
                is_ours = item.resource_id == resource_id(home.names[0], part)
                use_column(
                    session,
                    int(lease.key),
                    part,
                    item,
                    made=is_ours,
                    several=several,
                    delay=self._runtime.grade_delay,
                )
            elif home.is_graded:
                give_up_column(session, int(lease.key), part, "permission-missing")

    def _column(
        self, session: Session, lease: Lease
    ) -> tuple[Column | None, KnownRegistration | None]:
        column = column_by_id(session, int(lease.key))
        found = registration_by_id(session, column.registration_id) if column else None
        return column, found

    def _end_look(self, lease: Lease, reason: str, *, again: bool) -> None:
        with self._database.transaction() as session:
            looks.note_failed_look(session, int(lease.key), reason, again=again)
            self._hold(complete(session, lease))

    def _give_back(self, lease: Lease, error: refusals.ServiceUnavailable) -> None:
        seconds = error.retry_after
        after = None if seconds is None else timedelta(seconds=min(seconds, 24 * 3600))
        retry = Retry(error.code, after, whole_lane=after is not None)
        with self._database.transaction() as session:
            self._hold(give_back(session, lease, retry))

    @staticmethod
    def _hold(held: object) -> None:
        if not held:
            raise LeaseLost


def _lacking(session: Session, placement_id: int, home: Home) -> tuple[str, ...]:
    """Returns the parts that have no address yet, and that nobody gave up since."""
    known = {column.part: column for column in columns_of(session, placement_id)}
    needed = parts_needed(home, library().get(home.set_up.instrument))
    if home.set_up.is_done and not home.is_graded:
        return ()
    return tuple(
        part
        for part in needed
        if part not in known
        or (not known[part].url and known[part].state is not ColumnState.DELETED)
    )


def _gone(error: refusals.ServiceRefused | refusals.TokenRefused) -> str:
    return "line-item-gone" if error.code == "not-found" else error.code

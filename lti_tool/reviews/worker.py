"""The worker's part: a submission finds its readers, and lets them go when it is withdrawn."""

from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.orm import Session

from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease
from lti_tool.outbox.services import complete
from lti_tool.reviews.assessors.allocation import allocate
from lti_tool.reviews.assessors.waiting import try_again
from lti_tool.reviews.assessors.withdrawals import end_readings


class LeaseLost(Exception):
    """Somebody else holds the message by now; what was done here is undone."""


class Allocator:
    """Handles what the outbox says of submissions. Each message may come any number of times."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def allocate(self, lease: Lease) -> None:
        """Handles "portfolio.allocate": finds the readers that a submission lacks.

        Where there is nobody, the message is done all the same: administrators are told, and the
        next appointment, or the worker's round, asks again.
        """
        with self._runtime.database.transaction() as session:
            _unless_gone(session, lease, lambda: allocate(session, int(lease.key)))

    def withdraw(self, lease: Lease) -> None:
        """Handles "portfolio.withdrawn": ends the readings of a submission that was taken back."""
        with self._runtime.database.transaction() as session:
            _unless_gone(session, lease, lambda: end_readings(session, int(lease.key)))


def allocate_waiting(session: Session) -> None:
    """Once a minute: asks again for submissions that found too few readers."""
    try_again(session)


def _unless_gone(session: Session, lease: Lease, act: Callable[[], object]) -> None:
    with suppress(NotFound):
        act()
    if not complete(session, lease):
        raise LeaseLost

"""The worker: takes due messages, hands each to its topic's handler, keeps the leases alive."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import anything_due, give_back, renew, take

log = structlog.get_logger()

Handler = Callable[[Lease], None]
Chore = Callable[[Session], None]
CHORE_SECONDS = 60.0


class Worker:
    """Drains the outbox with a few threads. Any number of workers may run at once.

    A handler settles its message itself (`complete` or `give_back`), in the same transaction
    as what it has to note; when it raises, the message is given back for a later try.
    """

    def __init__(
        self,
        runtime: Runtime,
        handlers: Mapping[str, Handler],
        chores: Sequence[Chore] = (),
        *,
        threads: int = 4,
    ) -> None:
        self._runtime = runtime
        self._handlers = handlers
        self._chores = chores
        self._threads = threads
        self._lease_for = timedelta(seconds=runtime.settings.outbox_lease_seconds)
        self._stop = threading.Event()
        self._slots = threading.Semaphore(threads)
        self._in_hand: dict[int, Lease] = {}
        self._guard = threading.Lock()

    def run(self) -> None:
        """Works until `stop` is called; a database that is away is waited for."""
        keeper = threading.Thread(target=self._keep, name="outbox-keeper", daemon=True)
        keeper.start()
        with ThreadPoolExecutor(self._threads, thread_name_prefix="outbox") as pool:
            while not self._stop.is_set():
                try:
                    busy = self._round(pool)
                except Exception as error:  # noqa: BLE001 - the loop must outlive a lost database
                    log.error("worker-round-failed", error=type(error).__name__)
                    busy = False
                if not busy:
                    self._stop.wait(self._runtime.settings.outbox_poll_seconds)
        keeper.join()

    def stop(self) -> None:
        """Asks the worker to finish what it has in hand and end."""
        self._stop.set()

    def drain(self) -> int:
        """Handles what is due now, one by one in this thread; returns how many there were."""
        handled = 0
        while leases := self._take(1):
            for lease in leases:
                self._handle(lease)
                handled += 1
        return handled

    def _round(self, pool: ThreadPoolExecutor) -> bool:
        self._slots.acquire()
        free = 1
        while free < self._threads and self._slots.acquire(blocking=False):
            free += 1
        leases: list[Lease] = []
        try:
            leases = self._take(free)
        finally:
            for _ in range(free - len(leases)):
                self._slots.release()
        for lease in leases:
            with self._guard:
                self._in_hand[lease.message_id] = lease
            pool.submit(self._handle_in_pool, lease)
        return bool(leases)

    def _take(self, limit: int) -> list[Lease]:
        database = self._runtime.database
        with database.transaction(write=False) as session:
            if not anything_due(session, lease_for=self._lease_for):
                return []
        with database.transaction() as session:
            return take(session, limit=limit, lease_for=self._lease_for)

    def _handle_in_pool(self, lease: Lease) -> None:
        try:
            self._handle(lease)
        finally:
            with self._guard:
                self._in_hand.pop(lease.message_id, None)
            self._slots.release()

    def _handle(self, lease: Lease) -> None:
        try:
            self._handlers[lease.topic](lease)
        except Exception as error:  # noqa: BLE001 - whatever it was, the message is tried again
            log.error(
                "message-failed", topic=lease.topic, key=lease.key, error=type(error).__name__
            )
            try:
                with self._runtime.database.transaction() as session:
                    give_back(session, lease, Retry(type(error).__name__))
            except Exception as again:  # noqa: BLE001 - the lease ends by itself
                log.error("message-not-given-back", key=lease.key, error=type(again).__name__)

    def _keep(self) -> None:
        """Renews leases in time and does the chores, beside the work."""
        pause = min(self._lease_for.total_seconds() / 3, CHORE_SECONDS)
        since_chores = CHORE_SECONDS
        while not self._stop.wait(min(pause, CHORE_SECONDS)):
            since_chores += pause
            try:
                with self._guard:
                    tokens = sorted({lease.token for lease in self._in_hand.values()})
                if tokens:
                    with self._runtime.database.transaction() as session:
                        renew(session, tokens, lease_for=self._lease_for)
                if since_chores >= CHORE_SECONDS:
                    since_chores = 0.0
                    for chore in self._chores:
                        with self._runtime.database.transaction() as session:
                            chore(session)
            except Exception as error:  # noqa: BLE001 - tried again at the next turn
                log.error("worker-keeper-failed", error=type(error).__name__)

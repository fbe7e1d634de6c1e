"""Messages: one for each key, due in time, leased to one worker, never lost."""

import threading
from datetime import timedelta

import pytest
import time_machine

from lti_tool.kernel import clock
from lti_tool.kernel.database import Database
from lti_tool.outbox.rules import LONGEST_WAIT, Lease, Retry, backoff
from lti_tool.outbox.services import complete, give_back, hurry, put, take

LEASE = timedelta(seconds=60)
NOW = timedelta(0)


def add(database: Database, key: str = "1", *, delay: timedelta = NOW, lane: str = "a") -> None:
    with database.transaction() as session:
        put(session, "score", key, lane=lane, delay=delay)


def taken(database: Database, limit: int = 10) -> list[Lease]:
    with database.transaction() as session:
        return take(session, limit=limit, lease_for=LEASE)


def settle(database: Database, lease: Lease, retry: Retry | None = None) -> bool:
    with database.transaction() as session:
        return give_back(session, lease, retry) if retry else complete(session, lease)


def test_a_message_is_taken_once_and_gone_when_completed(database: Database) -> None:
    add(database)
    (lease,) = taken(database)
    assert taken(database) == []
    assert settle(database, lease)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        assert taken(database) == []


def test_rapid_news_on_one_key_is_one_message(database: Database) -> None:
    for _ in range(5):
        add(database, delay=timedelta(seconds=2))
    assert taken(database) == []
    with time_machine.travel(clock.now() + timedelta(seconds=3)):
        assert len(taken(database)) == 1


def test_news_during_a_delivery_brings_another_round(database: Database) -> None:
    add(database)
    (lease,) = taken(database)
    add(database)
    assert taken(database) == []  # never two at once
    assert settle(database, lease)
    (again,) = taken(database)
    assert settle(database, again)
    assert taken(database) == []


def test_a_rolled_back_change_leaves_no_message(database: Database) -> None:
    def fail() -> None:
        with database.transaction() as session:
            put(session, "score", "1", lane="a", delay=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert taken(database) == []


def test_a_dead_workers_message_is_taken_again_and_its_late_answer_counts_for_nothing(
    database: Database,
) -> None:
    add(database)
    (dead,) = taken(database)
    with time_machine.travel(clock.now() + LEASE + timedelta(seconds=1)):
        (lease,) = taken(database)
        assert not settle(database, dead)
        assert settle(database, lease)


def test_a_message_given_back_waits_and_then_longer(database: Database) -> None:
    add(database)
    start = clock.now()
    with time_machine.travel(start) as traveller:
        (lease,) = taken(database)
        settle(database, lease, Retry("busy"))
        assert taken(database) == []
        traveller.move_to(start + timedelta(seconds=3))
        (lease,) = taken(database)
        assert lease.attempts == 2


def test_retry_after_makes_the_whole_lane_wait_and_no_other(database: Database) -> None:
    add(database, "1", lane="a")
    (lease,) = taken(database)
    add(database, "2", lane="a")
    add(database, "3", lane="b")
    settle(database, lease, Retry("busy", timedelta(seconds=30), whole_lane=True))
    assert [other.key for other in taken(database)] == ["3"]
    with time_machine.travel(clock.now() + timedelta(seconds=31)):
        assert {other.key for other in taken(database)} == {"1", "2"}


def test_a_retry_that_goes_through_wakes_those_that_wait_for_the_same_lms(
    database: Database,
) -> None:
    for key in ("1", "2"):
        add(database, key)
    start = clock.now()
    with time_machine.travel(start) as traveller:
        for _ in range(8):  # both back off, further and further
            for lease in taken(database):
                settle(database, lease, Retry("unreachable"))
            traveller.shift(timedelta(minutes=10))
        first, *_ = taken(database, 1)
        assert settle(database, first)
        assert len(taken(database)) == 1


def test_a_person_can_hurry_a_message(database: Database) -> None:
    add(database, delay=timedelta(hours=1))
    with database.transaction() as session:
        hurry(session, "score", ["1"])
    assert len(taken(database)) == 1


@pytest.mark.parametrize("waits", [timedelta(seconds=2), timedelta(minutes=5), timedelta(hours=2)])
def test_a_clock_set_back_does_not_keep_messages_waiting(
    database: Database, waits: timedelta
) -> None:
    add(database, delay=waits)
    with time_machine.travel(clock.now() - timedelta(days=30)):
        assert len(taken(database)) == 1


def test_a_lease_from_a_clock_that_was_ahead_ends(database: Database) -> None:
    with time_machine.travel(clock.now() + timedelta(days=2)):
        add(database)
        assert len(taken(database)) == 1
    assert len(taken(database)) == 1


def test_many_workers_never_take_the_same_message(database: Database) -> None:
    for key in range(60):
        add(database, str(key))
    got: list[str] = []

    def work() -> None:
        while leases := taken(database, 3):
            got.extend(lease.key for lease in leases)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got, key=int) == [str(key) for key in range(60)]


def test_backoff_grows_from_seconds_to_hours_and_honours_what_was_asked() -> None:
    assert timedelta(seconds=1) <= backoff(0) <= timedelta(seconds=2)
    assert timedelta(hours=2) <= backoff(40) <= LONGEST_WAIT
    assert backoff(0, asked=timedelta(seconds=90)) >= timedelta(seconds=90)
    assert backoff(0, asked=timedelta(days=9)) <= LONGEST_WAIT

"""A thousand mutated launches in every test run; `make fuzz` runs ten thousand."""

from structlog.testing import capture_logs

from tests.attacks.fuzz import Fuzzer
from tests.attacks.target import Target

COUNT = 1_000


def test_mutated_launches_end_without_an_error_and_only_true_ones_come_in(target: Target) -> None:
    with capture_logs():  # thousands of lines, unread
        outcome = Fuzzer(target, seed=1).run(COUNT)
    assert outcome.wrongs == []
    assert sum(outcome.statuses.values()) >= COUNT
    # It would mean little if none came in, or if most did.
    assert outcome.honest > COUNT / 50
    assert outcome.honest < outcome.admitted < COUNT / 2
    tickets, sessions, _ = target.doors()
    assert tickets == outcome.admitted
    assert sessions <= tickets  # one that comes with other roles ends the one before

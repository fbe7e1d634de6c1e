"""What a worker takes, what it may say of it, and how long to wait before the next try."""

import random
from dataclasses import dataclass
from datetime import timedelta

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Lease:
    """A message in a worker's hands until the lease ends; then another worker may take it."""

    message_id: int
    topic: str
    key: str
    lane: str
    generation: int
    attempts: int
    token: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not done; try again. `after` is what the other side asked for, `whole_lane` for whom."""

    reason: str
    after: timedelta | None = None
    whole_lane: bool = False


def backoff(attempts: int, *, asked: timedelta | None = None) -> timedelta:
    """Returns the wait before the next try: doubling from seconds to hours, with jitter.

    What the other side asked for (`Retry-After`) is a least wait, itself bounded.
    """
    doubled = min(FIRST_WAIT * 2.0 ** min(attempts, 20), LONGEST_WAIT)
    # The jitter spreads the load; it guards nothing.
    wait = doubled * random.uniform(0.5, 1.0)  # noqa: S311 - see above  # nosec B311
    return max(wait, min(asked, LONGEST_WAIT)) if asked else wait

"""Agreement and other figures of reviews. Pure.

A figure says on how many it rests. Few are said to be few: under `FEW` a middle is still shown,
but no percentile; under `FEW_FOR_SHARES` counts are shown and no percentages.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from statistics import median

FEW = 10
FEW_FOR_SHARES = 23


class NoKappa(StrEnum):
    """Why there is no kappa."""

    NO_PAIRS = "no-pairs"
    NO_VARIETY = "no-variety"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two readers agree, over `n` judgements of which `agreed` are the same.

    `kappa` is Cohen's (1960), unweighted: partly and not yet count as far apart as met and not
    yet. Where it is not defined, `reason` says why.
    """

    n: int
    agreed: int
    kappa: float | None
    reason: NoKappa | None = None

    @property
    def share(self) -> float | None:
        """The share of judgements that are the same, 0 to 1; None without any."""
        return self.agreed / self.n if self.n else None


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Returns the agreement of two readers over pairs of verdicts, the first reader's first."""
    judged = [(one, two) for one, two in pairs if one and two]
    n = len(judged)
    agreed = sum(one == two for one, two in judged)
    if not n:
        return Agreement(0, 0, None, NoKappa.NO_PAIRS)
    first, second = Counter(one for one, _ in judged), Counter(two for _, two in judged)
    # In whole numbers: by chance they agree in `by_chance` of n * n cases.
    by_chance = sum(first[word] * second[word] for word in first)
    if by_chance == n * n:
        # Both said the same of everything: by chance they would have agreed as well.
        return Agreement(n, agreed, None, NoKappa.NO_VARIETY)
    return Agreement(n, agreed, (agreed * n - by_chance) / (n * n - by_chance))


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the 90th percentile of times, in days, and of how many.

    The percentile is the nearest rank: nine of ten took no longer. None where there are too few.
    """

    n: int
    median: float | None
    ninetieth: float | None


def spread(durations: Iterable[timedelta]) -> Spread:
    """Returns the spread of times, in days."""
    days = sorted(one / timedelta(days=1) for one in durations)
    if not days:
        return Spread(0, None, None)
    ninetieth = days[ceil(0.9 * len(days)) - 1] if len(days) >= FEW else None
    return Spread(len(days), median(days), ninetieth)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        """Says whether a day is in the period."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


def read_period(first: str, last: str) -> tuple[Period, bool]:
    """Returns a period of ISO days, and whether both were readable and in order."""
    begins, ends = _day(first), _day(last)
    is_read = not (first and begins is None) and not (last and ends is None)
    in_order = begins is None or ends is None or begins <= ends
    if not (is_read and in_order):
        return Period(), False
    return Period(begins, ends), True


@dataclass(frozen=True, slots=True)
class Load:
    """An assessor's part: open now of how many they take, overdue now, done in the period."""

    name: str
    active: bool
    capacity: int
    open: int
    overdue: int
    done: int


@dataclass(frozen=True, slots=True)
class FirstTime:
    """What first submissions of a level came to."""

    level: int
    recognised: int
    more_evidence: int
    not_recognised: int

    @property
    def n(self) -> int:
        return self.recognised + self.more_evidence + self.not_recognised


@dataclass(frozen=True, slots=True)
class Overdue:
    """A reading whose target date is over."""

    submission: str
    assessor: str
    level: int
    due_on: date
    allocated_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of an organisation's reviews in a period."""

    times: Spread
    by_competency: Agreement
    overall: Agreement
    pairs: int
    first_times: Sequence[FirstTime]
    loads: Sequence[Load]
    overdue: Sequence[Overdue]
    unallocated: int

    @property
    def is_empty(self) -> bool:
        """Says whether nothing was handed in, decided or read yet."""
        return not (
            self.times.n
            or self.pairs
            or self.unallocated
            or any(one.open or one.done for one in self.loads)
        )


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None

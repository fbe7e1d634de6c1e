"""Change over time: what moved between two points, competency by competency. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from lti_tool.assessments.rules import NOT_RATED, Progress, Rated, State, overall, progress
from lti_tool.competencies.models import Domain, Instrument

NOW = "now"


class SnapshotKind(StrEnum):
    """What a snapshot was taken for."""

    BASELINE = "baseline"
    BY_HAND = "by-hand"
    DATED = "dated"


@dataclass(frozen=True, slots=True)
class SnapshotHead:
    """A snapshot without its answers. `taken_at` is the moment whose answers it holds.

    `label` is its owner's own name for it; `due_on` the day that a placement had set.
    """

    id: int
    public_id: str
    kind: SnapshotKind
    label: str
    due_on: date | None
    taken_at: datetime
    instrument: str
    instrument_version: str
    course_id: int
    placement_id: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """A person's answers at one moment: those of a snapshot, or, without one, of now."""

    taken_at: datetime
    answers: Mapping[str, Rated]
    snapshot: SnapshotHead | None = None

    @property
    def name(self) -> str:
        """How addresses name it: the snapshot's public id, or "now"."""
        return self.snapshot.public_id if self.snapshot else NOW


class Move(StrEnum):
    """What became of one answer. "Newly" and "no longer" are no judgement, so neither up nor down."""

    UP = "up"
    DOWN = "down"
    NEW = "new"
    GONE = "gone"
    SAME = "same"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many competencies made each move."""

    up: int = 0
    down: int = 0
    new: int = 0
    gone: int = 0
    same: int = 0
    unanswered: int = 0

    @property
    def moved(self) -> int:
        return self.up + self.down + self.new + self.gone

    @property
    def matched(self) -> int:
        """How many were answered at both points: the only ones that can be compared."""
        return self.up + self.down + self.same

    @property
    def total(self) -> int:
        return self.moved + self.same + self.unanswered


@dataclass(frozen=True, slots=True)
class CompetencyChange:
    """One competency at two points; `versions` are the framework editions that were answered."""

    code: str
    topic: str
    before: State
    after: State
    versions: tuple[str, str]

    @property
    def move(self) -> Move:
        return move(self.before, self.after)

    @property
    def versions_differ(self) -> bool:
        """Whether the two answers answer different editions, both of them known."""
        return all(self.versions) and self.versions[0] != self.versions[1]


@dataclass(frozen=True, slots=True)
class DomainChange:
    """A domain at two points, with every competency of it in the framework's order."""

    number: int
    title: str
    tally: Tally
    before: Progress
    after: Progress
    competencies: tuple[CompetencyChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two points of one person's self-assessment, the earlier first.

    `versions` are the framework's editions that the answers of either point name. `dropped`
    are answers that the earlier or the later point holds to competencies that the framework
    does not have any more: shown, and counted nowhere. `reworded` and `added` are filled in by
    `rewordings.with_rewordings`: whose words differ between the two answers, and what the
    framework got since the earlier point.
    """

    instrument: str
    before: Point
    after: Point
    domains: tuple[DomainChange, ...]
    tally: Tally
    versions: tuple[str, ...]
    dropped: tuple[str, ...]
    reworded: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()

    @property
    def between(self) -> timedelta:
        return self.after.taken_at - self.before.taken_at

    @property
    def before_progress(self) -> Progress:
        return overall(domain.before for domain in self.domains)

    @property
    def after_progress(self) -> Progress:
        return overall(domain.after for domain in self.domains)


_ORDER = {State.NOT_STARTED: 0, State.WORKING_TOWARDS: 1, State.ACHIEVED: 2}


def move(before: State, after: State) -> Move:
    """Returns what became of an answer."""
    if before is after:
        return Move.UNANSWERED if after is State.NOT_STARTED else Move.SAME
    if before is State.NOT_STARTED:
        return Move.NEW
    if after is State.NOT_STARTED:
        return Move.GONE
    return Move.UP if _ORDER[after] > _ORDER[before] else Move.DOWN


def compare(
    asked: Instrument, one: Point, other: Point, domains: tuple[int, ...] = ()
) -> Comparison:
    """Returns what moved from the earlier point to the later one, whichever was named first.

    `domains` keeps to these; none means all. Now is later than every snapshot.
    """
    before, after = sorted((one, other), key=lambda point: (not point.snapshot, point.taken_at))
    lines = tuple(_domain(domain, before, after) for domain in asked.scope(domains))
    answered = [
        rated
        for point in (before, after)
        for rated in point.answers.values()
        if rated.instrument_version
    ]
    return Comparison(
        asked.id,
        before,
        after,
        lines,
        _tally(change for line in lines for change in line.competencies),
        tuple(sorted({rated.instrument_version for rated in answered})),
        tuple(sorted({*before.answers, *after.answers} - asked.by_code.keys())),
    )


def _domain(domain: Domain, before: Point, after: Point) -> DomainChange:
    changes = tuple(
        CompetencyChange(
            competency.code,
            competency.topic,
            _at(before, competency.code).answer.state,
            _at(after, competency.code).answer.state,
            (
                _at(before, competency.code).instrument_version,
                _at(after, competency.code).instrument_version,
            ),
        )
        for competency in domain.competencies
    )
    return DomainChange(
        domain.number,
        domain.title,
        _tally(changes),
        progress(domain, before.answers),
        progress(domain, after.answers),
        changes,
    )


def _at(point: Point, code: str) -> Rated:
    return point.answers.get(code, NOT_RATED)


def _tally(changes: Iterable[CompetencyChange]) -> Tally:
    counted = Counter(change.move.value for change in changes)
    return Tally(**counted)

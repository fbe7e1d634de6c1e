"""Goals and training as pages and papers read them; what is overdue, what adds up. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

# How long a removed entry of the training record can be had back.
RECORDS_KEPT_FOR = timedelta(days=30)

Tie = tuple[str, str]  # a competency: (instrument, code)


class GoalState(StrEnum):
    """Where a goal is."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class Act(StrEnum):
    """What somebody did to a goal."""

    MADE = "made"
    CHANGED = "changed"
    DONE = "done"
    DROPPED = "dropped"
    REOPENED = "reopened"
    UNDONE = "undone"


class RecordState(StrEnum):
    """Whether an entry of the training record counts, or is removed and may come back."""

    KEPT = "kept"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class GoalWish:
    """What a person writes of a goal. `offer` is a catalogue key, or empty."""

    what: str
    by_when: date
    training: str = ""
    evidence: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal on record. `instrument` and `code` are empty for one without a competency."""

    id: int
    public_id: str
    person_id: int
    course_id: int | None
    instrument: str
    instrument_version: str
    code: str
    what: str
    by_when: date
    offer: str
    training: str
    evidence: str
    state: GoalState
    outcome: str
    done_at: datetime | None
    version: int
    created_at: datetime
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        return self.state is GoalState.OPEN

    @property
    def wish(self) -> GoalWish:
        """Returns what its owner wrote of it."""
        return GoalWish(self.what, self.by_when, self.training, self.evidence, self.offer)

    def is_overdue(self, today: date) -> bool:
        """Says whether the date has passed and the goal is still open."""
        return self.is_open and self.by_when < today

    def days_left(self, today: date) -> int:
        """Returns the days until its date; negative when that has passed."""
        return (self.by_when - today).days


@dataclass(frozen=True, slots=True)
class GoalChangeView:
    """One entry of a goal's history, newest first: what was done, and what changed by it.

    `changed` holds (field, before, after) for each field that differs from the entry before.
    """

    version: int
    act: Act
    changed_at: datetime
    changed: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the tutors of a course see of a learner's goals through one placement.

    Goals for the competencies that the placement asks for, and goals without a competency
    that were made in this course.
    """

    instrument: str
    codes: tuple[str, ...]
    course_id: int

    def sees(self, goal: GoalView) -> bool:
        """Says whether a goal is seen."""
        if goal.instrument:
            return goal.instrument == self.instrument and goal.code in self.codes
        return goal.course_id == self.course_id


@dataclass(frozen=True, slots=True)
class RecordWish:
    """What a person writes of a training that they took; `goal` is a goal's public id."""

    title: str
    provider: str
    begun_on: date
    ended_on: date
    quarter_hours: int
    reflection: str = ""
    ties: tuple[Tie, ...] = ()
    offer: str = ""
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate of an entry: `size` in bytes; `file_id` is its row in `files`."""

    file_id: int
    public_id: str
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class RecordView:
    """An entry of the training record."""

    id: int
    public_id: str
    title: str
    provider: str
    begun_on: date
    ended_on: date
    quarter_hours: int
    reflection: str
    ties: tuple[Tie, ...]
    offer: str
    goal: str
    certificate: Certificate | None
    state: RecordState
    version: int
    created_at: datetime
    changed_at: datetime
    removed_at: datetime | None

    @property
    def hours(self) -> Decimal:
        return Decimal(self.quarter_hours) / 4

    @property
    def wish(self) -> RecordWish:
        """Returns what its owner wrote of it."""
        return RecordWish(
            self.title,
            self.provider,
            self.begun_on,
            self.ended_on,
            self.quarter_hours,
            self.reflection,
            self.ties,
            self.offer,
            self.goal,
        )


def arranged(goals: Iterable[GoalView], today: date) -> dict[str, list[GoalView]]:
    """Returns goals by "overdue", "open", "done" and "dropped".

    Those that still ask for something come by their date, the others newest first.
    """
    groups: dict[str, list[GoalView]] = {"overdue": [], "open": [], "done": [], "dropped": []}
    for goal in goals:
        groups["overdue" if goal.is_overdue(today) else goal.state.value].append(goal)
    for name in ("overdue", "open"):
        groups[name].sort(key=lambda goal: (goal.by_when, goal.id))
    for name in ("done", "dropped"):
        groups[name].sort(key=lambda goal: (goal.changed_at, goal.id), reverse=True)
    return groups


def total_hours(records: Iterable[RecordView]) -> Decimal:
    """Returns the hours of all these entries together."""
    return Decimal(sum(record.quarter_hours for record in records)) / 4


def by_year(records: Iterable[RecordView]) -> dict[int, list[RecordView]]:
    """Returns entries by the calendar year that they ended in, newest first."""
    years: dict[int, list[RecordView]] = {}
    newest = sorted(records, key=lambda record: (record.ended_on, record.id), reverse=True)
    for record in newest:
        years.setdefault(record.ended_on.year, []).append(record)
    return years


def hours_by_year(records: Iterable[RecordView]) -> dict[int, Decimal]:
    """Returns hours by the calendar year that each training ended in, newest year first."""
    return {year: total_hours(taken) for year, taken in by_year(records).items()}


def within(records: Iterable[RecordView], first: date, last: date) -> list[RecordView]:
    """Returns the entries that ended between two days, both included."""
    return [record for record in records if first <= record.ended_on <= last]


# What the history tells of: the fields that a person writes, and where the goal is.
TOLD = ("what", "by_when", "training", "evidence", "state", "outcome")


def differences(
    before: Mapping[str, object] | None, after: Mapping[str, object]
) -> tuple[tuple[str, str, str], ...]:
    """Returns (field, before, after) for each told field that differs; all that is set at first."""
    earlier: Mapping[str, object] = before or {}
    told = ((name, str(earlier.get(name) or ""), str(after.get(name) or "")) for name in TOLD)
    return tuple((name, old, new) for name, old, new in told if old != new)

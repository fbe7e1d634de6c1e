"""What a tutor acts on: who has not started, who is stuck, which grades did not arrive. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from lti_tool.assessments.rules import Progress
from lti_tool.courses.rosters.rules import Group
from lti_tool.grades.rules import DeliveryState, ScoreRow

STUCK_AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LearnerLine:
    """One learner in the course's table; `parts` is progress domain by domain.

    `active_at` is the newest of their launches and their changes, None for who is on the LMS's
    list and has never come; `score` is None as long as nothing was recorded for the gradebook.
    `groups` are ids. `overdue` counts the goals whose date has passed,
    as far as the tutors of the course see them. `part_scores` are the grades of the domains, where
    each has its own; there is none of the whole then.
    """

    public_id: str
    name: str
    in_course: bool
    progress: Progress
    parts: tuple[Progress, ...]
    active_at: datetime | None
    score: ScoreRow | None
    overdue: int = 0
    groups: tuple[str, ...] = ()
    part_scores: tuple[ScoreRow, ...] = ()

    @property
    def scores(self) -> tuple[ScoreRow, ...]:
        """The grade of the whole, or those of the domains."""
        return self.part_scores or ((self.score,) if self.score else ())


class Matter(StrEnum):
    """The things that a tutor can act on."""

    NOT_STARTED = "not-started"
    STUCK = "stuck"
    GOALS_OVERDUE = "goals-overdue"
    GRADE_FAILED = "grade-failed"


@dataclass(frozen=True, slots=True)
class Fact:
    """One matter, and how many learners it concerns."""

    matter: Matter
    count: int


def facts(lines: Iterable[LearnerLine], now: datetime) -> list[Fact]:
    """Returns every matter with its count, those with none too: that is news as well."""
    lines = list(lines)
    return [Fact(matter, sum(concerns(matter, line, now) for line in lines)) for matter in Matter]


def concerns(matter: Matter, line: LearnerLine, now: datetime) -> bool:
    """Says whether a matter concerns a learner. Who has left the course needs nothing more."""
    if not line.in_course:
        return False
    match matter:
        case Matter.NOT_STARTED:
            return line.progress.rated == 0
        case Matter.STUCK:
            has_begun = line.progress.rated > 0 and not line.progress.is_complete
            last = line.active_at
            return has_begun and last is not None and now - last >= STUCK_AFTER
        case Matter.GOALS_OVERDUE:
            return line.overdue > 0
        case Matter.GRADE_FAILED:
            return any(has_failed(score) for score in line.scores)


def has_failed(score: ScoreRow) -> bool:
    """Whether a grade did not arrive, other than by a tutor's own choice."""
    return score.state is DeliveryState.FAILED and score.reason != "column-deleted"


_NEVER = datetime.min.replace(tzinfo=UTC)
# What a person with little to show or long away needs comes first; then the name decides.
ORDERS: dict[str, Callable[[LearnerLine], tuple[object, ...]]] = {
    "name": lambda line: (line.name.casefold(), line.public_id),
    "progress": lambda line: (
        line.progress.rated,
        line.progress.achieved,
        line.name.casefold(),
        line.public_id,
    ),
    "seen": lambda line: (line.active_at or _NEVER, line.name.casefold(), line.public_id),
}


def arranged(lines: Iterable[LearnerLine], order: str) -> list[LearnerLine]:
    """Returns the lines in an order such as "name" or, turned round, "-name".

    Who has left the course comes last in any order; an order that is not known is by name.
    """
    by = ORDERS.get(order.removeprefix("-"), ORDERS["name"])
    turned = sorted(lines, key=by, reverse=order.startswith("-"))
    return sorted(turned, key=lambda line: not line.in_course)


NO_GROUP = "-"


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One group to look at, with how many learners it has; `kind` is the set it belongs to."""

    id: str
    name: str
    kind: str
    count: int


class Grouped(Protocol):
    """A learner's line in a table, of whatever activity."""

    @property
    def in_course(self) -> bool: ...

    @property
    def groups(self) -> tuple[str, ...]: ...


def group_choices(lines: Iterable[Grouped], groups: Iterable[Group]) -> list[GroupChoice]:
    """Returns the groups of a course by set and name, then those in none, if there are groups.

    Who has left the course is counted nowhere.
    """
    there = [line for line in lines if line.in_course]
    counts = Counter(group for line in there for group in line.groups)
    found = sorted(groups, key=lambda group: (group.kind.casefold(), group.name.casefold()))
    choices = [GroupChoice(one.id, one.name, one.kind, counts[one.id]) for one in found]
    alone = sum(not line.groups for line in there)
    return [*choices, GroupChoice(NO_GROUP, "", "", alone)] if choices and alone else choices


def in_group(line: Grouped, group: str) -> bool:
    """Says whether a learner is in the group, or in none when none is asked for; "" is everyone."""
    if group == NO_GROUP:
        return not line.groups
    return not group or group in line.groups


def matter_named(name: str) -> Matter | None:
    """Returns the matter of this name, or None."""
    return next((matter for matter in Matter if matter == name), None)

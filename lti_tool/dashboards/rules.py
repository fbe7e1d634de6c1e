"""What a tutor acts on: who has not started, who is stuck, which grades did not arrive. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.assessments.rules import Progress
from lti_tool.grades.rules import DeliveryState, ScoreRow

STUCK_AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LearnerLine:
    """One learner in the course's table; `parts` is progress domain by domain.

    `active_at` is the newest of their launches and their changes; `score` is None as long as
    nothing was recorded for the gradebook. `overdue` counts the goals whose date has passed,
    as far as the tutors of the course see them.
    """

    public_id: str
    name: str
    in_course: bool
    progress: Progress
    parts: tuple[Progress, ...]
    active_at: datetime
    score: ScoreRow | None
    overdue: int = 0


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
            return has_begun and now - line.active_at >= STUCK_AFTER
        case Matter.GOALS_OVERDUE:
            return line.overdue > 0
        case Matter.GRADE_FAILED:
            return line.score is not None and line.score.state is DeliveryState.FAILED


# What a person with little to show or long away needs comes first; then the name decides.
ORDERS: dict[str, Callable[[LearnerLine], tuple[object, ...]]] = {
    "name": lambda line: (line.name.casefold(), line.public_id),
    "progress": lambda line: (
        line.progress.rated,
        line.progress.achieved,
        line.name.casefold(),
        line.public_id,
    ),
    "seen": lambda line: (line.active_at, line.name.casefold(), line.public_id),
}


def arranged(lines: Iterable[LearnerLine], order: str) -> list[LearnerLine]:
    """Returns the lines in an order such as "name" or, turned round, "-name".

    Who has left the course comes last in any order; an order that is not known is by name.
    """
    by = ORDERS.get(order.removeprefix("-"), ORDERS["name"])
    turned = sorted(lines, key=by, reverse=order.startswith("-"))
    return sorted(turned, key=lambda line: not line.in_course)


def matter_named(name: str) -> Matter | None:
    """Returns the matter of this name, or None."""
    return next((matter for matter in Matter if matter == name), None)

"""What a tutor acts on at a portfolio: who has not begun, who waits, what came back. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from lti_tool.dashboards.rules import STUCK_AFTER, has_failed
from lti_tool.grades.rules import ScoreRow
from lti_tool.portfolios.submitting.rules import State
from lti_tool.portfolios.tutoring import HandedIn
from lti_tool.reviews.outcomes.queries import Assessed


@dataclass(frozen=True, slots=True)
class PortfolioLine:
    """One learner in the course's table of a portfolio: counts, states, dates, and no text.

    `title` is the portfolio that they chose, empty before. `submission` is the newest at this
    activity, `outcome` what assessors found, once it is released. `active_at` is None for who is
    on the LMS's list and has never come. `is_overdue`: the day of handing in is over, and nothing
    is handed in.
    """

    public_id: str
    name: str
    in_course: bool
    groups: tuple[str, ...]
    title: str
    total: int
    begun: int
    ready: int
    words: int
    evidence: int
    submission: HandedIn | None
    outcome: Assessed | None
    active_at: datetime | None
    score: ScoreRow | None
    is_overdue: bool = False

    @property
    def scores(self) -> tuple[ScoreRow, ...]:
        """The grade, where one was recorded. A portfolio has none for parts of it."""
        return (self.score,) if self.score else ()

    @property
    def part_scores(self) -> tuple[ScoreRow, ...]:
        return ()

    @property
    def stage(self) -> "Stage":
        """How far the learner is."""
        if self.submission and self.submission.state is not State.WITHDRAWN:
            return _STAGES[self.submission.state]
        if not self.begun:
            return Stage.NOT_STARTED
        return Stage.WRITING


class Stage(StrEnum):
    """How far a learner is with a portfolio, in the order of the way."""

    NOT_STARTED = "not-started"
    WRITING = "writing"
    NOT_RECOGNISED = "not-recognised"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    RECOGNISED = "recognised"


_STAGES = {
    State.SUBMITTED: Stage.SUBMITTED,
    State.IN_REVIEW: Stage.IN_REVIEW,
    State.RETURNED: Stage.RETURNED,
    State.RECOGNISED: Stage.RECOGNISED,
    State.NOT_RECOGNISED: Stage.NOT_RECOGNISED,
}
_ORDER = {stage: number for number, stage in enumerate(Stage)}


class PortfolioMatter(StrEnum):
    """The things that a tutor can act on, or wants to know first."""

    NOT_STARTED = "not-started"
    STUCK = "stuck"
    OVERDUE = "overdue"
    RETURNED = "returned"
    WAITING = "waiting"
    GRADE_FAILED = "grade-failed"


@dataclass(frozen=True, slots=True)
class PortfolioFact:
    """One matter, and how many learners it concerns."""

    matter: PortfolioMatter
    count: int


def portfolio_facts(lines: Iterable[PortfolioLine], now: datetime) -> list[PortfolioFact]:
    """Returns every matter with its count, those with none too."""
    lines = list(lines)
    return [
        PortfolioFact(matter, sum(is_concerned(matter, line, now) for line in lines))
        for matter in PortfolioMatter
    ]


def is_concerned(matter: PortfolioMatter, line: PortfolioLine, now: datetime) -> bool:
    """Says whether a matter concerns a learner. Who has left the course needs nothing more.

    Stuck is who has to write and was not here for a time: who waits for a review is not.
    """
    if not line.in_course:
        return False
    stage = line.stage
    match matter:
        case PortfolioMatter.NOT_STARTED:
            return stage is Stage.NOT_STARTED
        case PortfolioMatter.STUCK:
            writes = stage in {Stage.WRITING, Stage.RETURNED}
            return writes and line.active_at is not None and now - line.active_at >= STUCK_AFTER
        case PortfolioMatter.OVERDUE:
            return line.is_overdue
        case PortfolioMatter.RETURNED:
            return stage in {Stage.RETURNED, Stage.NOT_RECOGNISED}
        case PortfolioMatter.WAITING:
            return stage in {Stage.SUBMITTED, Stage.IN_REVIEW}
        case PortfolioMatter.GRADE_FAILED:
            return any(has_failed(score) for score in line.scores)


_NEVER = datetime.min.replace(tzinfo=UTC)
ORDERS: dict[str, Callable[[PortfolioLine], tuple[object, ...]]] = {
    "name": lambda line: (line.name.casefold(), line.public_id),
    "progress": lambda line: (
        _ORDER[line.stage],
        line.ready,
        line.begun,
        line.words,
        line.name.casefold(),
        line.public_id,
    ),
    "seen": lambda line: (line.active_at or _NEVER, line.name.casefold(), line.public_id),
}


def arranged_lines(lines: Iterable[PortfolioLine], order: str) -> list[PortfolioLine]:
    """Returns the lines in an order such as "name" or, turned round, "-name".

    Who has left the course comes last in any order; an order that is not known is by name.
    """
    by = ORDERS.get(order.removeprefix("-"), ORDERS["name"])
    turned = sorted(lines, key=by, reverse=order.startswith("-"))
    return sorted(turned, key=lambda line: not line.in_course)


def portfolio_matter_named(name: str) -> PortfolioMatter | None:
    """Returns the matter of this name, or None."""
    return next((matter for matter in PortfolioMatter if matter == name), None)

"""What an answer is, what counts as progress, and what it is worth. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool.competencies.models import Competency, Domain
from lti_tool.courses.rules import GradeRule
from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept

LONGEST_NOTE = 20_000


class State(StrEnum):
    """A person's answer to a competency. Not started is neither of the other two."""

    NOT_STARTED = "not-started"
    WORKING_TOWARDS = "working-towards"
    ACHIEVED = "achieved"


@dataclass(frozen=True, slots=True)
class Answer:
    """State and evidence note, as they were or shall be."""

    state: State = State.NOT_STARTED
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer on record, with its version and when it was given; version 0 is no answer.

    `instrument_version` is the edition of the framework that it answers; empty where not read.
    """

    answer: Answer = Answer()
    version: int = 0
    changed_at: datetime | None = None
    instrument_version: str = ""


NOT_RATED = Rated()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many competencies there are, how many are rated, how many achieved."""

    total: int
    rated: int
    achieved: int

    @property
    def working_towards(self) -> int:
        return self.rated - self.achieved

    @property
    def is_complete(self) -> bool:
        return self.rated == self.total

    def __add__(self, other: "Progress") -> "Progress":
        return Progress(
            self.total + other.total, self.rated + other.rated, self.achieved + other.achieved
        )


def parse_answer(state: object, note: object) -> Answer:
    """Returns the answer that was sent; raises `InvalidInput`, or `TooLarge` with a count."""
    if not isinstance(state, str) or state not in {known.value for known in State}:
        raise InvalidInput(
            N_("An answer is “not started”, “working towards” or “achieved”."),
            code="state-unknown",
            advice=N_("Choose one of the three and save again."),
        )
    if not isinstance(note, str):
        raise InvalidInput(N_("An evidence note is text."), code="note-not-text")
    text = as_kept(note)
    if len(text) > LONGEST_NOTE:
        raise TooLarge(
            N_("This note has %(count)s characters; %(limit)s can be kept."),
            code="note-too-long",
            advice=N_("Shorten it and save again. What you typed is still in the box."),
            params={"count": f"{len(text):,}", "limit": f"{LONGEST_NOTE:,}"},
        )
    return Answer(State(state), text)


def progress(domain: Domain, ratings: Mapping[str, Rated]) -> Progress:
    """Returns the progress within one domain."""
    states = [ratings.get(code, NOT_RATED).answer.state for code in domain.codes]
    return Progress(
        total=len(states),
        rated=sum(state is not State.NOT_STARTED for state in states),
        achieved=sum(state is State.ACHIEVED for state in states),
    )


def overall(parts: Iterable[Progress]) -> Progress:
    """Returns the sum of several domains' progress."""
    return sum(parts, Progress(0, 0, 0))


def worth(rule: GradeRule, done: Progress) -> int:
    """Returns the grade out of 100, to the nearest whole (a half goes up).

    A hundred is kept for all: with many competencies the last one must not round away.
    """
    count = done.achieved if rule is GradeRule.ACHIEVED else done.rated
    if done.total == 0:
        return 0
    nearest = (200 * count + done.total) // (2 * done.total)
    return nearest if count == done.total else min(nearest, 99)


def gaps(domain: Domain, ratings: Mapping[str, Rated]) -> list[Competency]:
    """Returns the competencies of a domain that are not achieved."""
    return _with(domain, ratings, achieved=False)


def strengths(domain: Domain, ratings: Mapping[str, Rated]) -> list[Competency]:
    """Returns the competencies of a domain that are achieved."""
    return _with(domain, ratings, achieved=True)


def _with(domain: Domain, ratings: Mapping[str, Rated], *, achieved: bool) -> list[Competency]:
    return [
        competency
        for competency in domain.competencies
        if (ratings.get(competency.code, NOT_RATED).answer.state is State.ACHIEVED) is achieved
    ]

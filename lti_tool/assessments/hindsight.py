"""The start as it was said then, the start as it is seen today, and now: side by side. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lti_tool.assessments.rules import NOT_RATED, Answer, Rated, State
from lti_tool.competencies.models import Competency, Domain

_ORDER = list(State)


@dataclass(frozen=True, slots=True)
class HindsightLine:
    """One competency, three times; `looking_back` is None where nothing was said of it."""

    code: str
    topic: str
    baseline: State
    looking_back: State | None
    now: State


@dataclass(frozen=True, slots=True)
class Steps:
    """How many of the matched competencies went up, down, or stayed."""

    up: int
    down: int
    same: int

    @property
    def matched(self) -> int:
        return self.up + self.down + self.same


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Both ways to tell the change, each on its own; only what has all three answers counts."""

    domains: tuple[tuple[Domain, tuple[HindsightLine, ...]], ...]
    by_baseline: Steps
    by_looking_back: Steps

    @property
    def answered(self) -> int:
        return sum(line.looking_back is not None for _, lines in self.domains for line in lines)


def hindsight(
    scope: Iterable[Domain],
    baseline: Mapping[str, Rated],
    looking_back: Mapping[str, Answer],
    now: Mapping[str, Rated],
) -> Hindsight:
    """Returns the three views of each competency, and the steps by baseline and looking back.

    Looking back, "not started" is an answer like the others: a step from it is a step up.
    """
    domains = tuple(
        (domain, tuple(_line(one, baseline, looking_back, now) for one in domain.competencies))
        for domain in scope
    )
    matched = [
        line
        for _, lines in domains
        for line in lines
        if line.looking_back and State.NOT_STARTED not in (line.baseline, line.now)
    ]
    return Hindsight(
        domains,
        _steps((line.baseline, line.now) for line in matched),
        _steps((line.looking_back or line.now, line.now) for line in matched),
    )


def _line(
    one: Competency,
    baseline: Mapping[str, Rated],
    looking_back: Mapping[str, Answer],
    now: Mapping[str, Rated],
) -> HindsightLine:
    said = looking_back.get(one.code)
    return HindsightLine(
        one.code,
        one.topic,
        baseline.get(one.code, NOT_RATED).answer.state,
        said.state if said else None,
        now.get(one.code, NOT_RATED).answer.state,
    )


def _steps(pairs: Iterable[tuple[State, State]]) -> Steps:
    found = [_ORDER.index(after) - _ORDER.index(before) for before, after in pairs]
    return Steps(
        sum(step > 0 for step in found),
        sum(step < 0 for step in found),
        sum(step == 0 for step in found),
    )

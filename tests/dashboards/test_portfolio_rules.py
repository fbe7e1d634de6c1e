"""What concerns a tutor at a portfolio, and in which order learners stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.dashboards.portfolio_rules import (
    PortfolioLine,
    PortfolioMatter,
    Stage,
    arranged_lines,
    is_concerned,
    portfolio_facts,
    portfolio_matter_named,
)
from lti_tool.grades.rules import DeliveryState, ScoreRow
from lti_tool.portfolios.submitting.rules import State
from lti_tool.portfolios.tutoring import HandedIn

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=15)
LINE = PortfolioLine(
    public_id="a",
    name="Amina",
    in_course=True,
    groups=(),
    title="Portfolio, Level 1",
    total=12,
    begun=4,
    ready=2,
    words=300,
    evidence=1,
    submission=None,
    outcome=None,
    active_at=NOW,
    score=None,
)


def handed_in(state: State) -> HandedIn:
    return HandedIn(1, "portfolio-1", 1, state, LONG_AGO, LONG_AGO, 3)


def at(state: State, **more: object) -> PortfolioLine:
    return replace(LINE, submission=handed_in(state), **more)  # type: ignore[arg-type]


def failed(reason: str) -> ScoreRow:
    return ScoreRow(1, 1, 1, 1, None, DeliveryState.FAILED, reason, NOW, None)


def matters(line: PortfolioLine) -> set[str]:
    return {matter.value for matter in PortfolioMatter if is_concerned(matter, line, NOW)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (replace(LINE, begun=0), {"not-started"}),
        (LINE, set()),
        (replace(LINE, active_at=LONG_AGO), {"stuck"}),
        (at(State.SUBMITTED, active_at=LONG_AGO), {"waiting"}),
        (at(State.IN_REVIEW), {"waiting"}),
        (at(State.RETURNED), {"returned"}),
        (at(State.RETURNED, active_at=LONG_AGO), {"returned", "stuck"}),
        (at(State.NOT_RECOGNISED), {"returned"}),
        (at(State.RECOGNISED, active_at=LONG_AGO), set()),
        (at(State.WITHDRAWN, active_at=LONG_AGO), {"stuck"}),
        (replace(LINE, is_overdue=True), {"overdue"}),
        (replace(LINE, score=failed("line-item-gone")), {"grade-failed"}),
        (replace(LINE, score=failed("column-deleted")), set()),
        (replace(LINE, begun=0, is_overdue=True, in_course=False), set()),
    ],
)
def test_what_concerns_the_tutor(line: PortfolioLine, expected: set[str]) -> None:
    assert matters(line) == expected


def test_every_matter_is_counted_also_those_of_nobody() -> None:
    counts = {fact.matter: fact.count for fact in portfolio_facts([LINE, at(State.SUBMITTED)], NOW)}
    assert set(counts) == set(PortfolioMatter)
    assert counts[PortfolioMatter.WAITING] == 1
    assert counts[PortfolioMatter.STUCK] == 0


def test_learners_stand_in_the_order_of_the_way_and_who_left_is_last() -> None:
    lines = [
        at(State.RECOGNISED, name="R"),
        at(State.SUBMITTED, name="S"),
        replace(LINE, name="W"),
        replace(LINE, name="N", begun=0, ready=0),
        replace(LINE, name="L", begun=0, ready=0, in_course=False),
    ]
    assert [line.name for line in arranged_lines(lines, "progress")] == ["N", "W", "S", "R", "L"]
    assert [line.name for line in arranged_lines(lines, "-progress")] == ["R", "S", "W", "N", "L"]
    assert [line.name for line in arranged_lines(lines, "nonsense")] == ["N", "R", "S", "W", "L"]
    never = replace(LINE, name="Never", active_at=None)
    assert arranged_lines([LINE, never], "seen")[0] is never


def test_stages_and_matters_are_known_by_name() -> None:
    assert at(State.WITHDRAWN).stage is Stage.WRITING
    assert portfolio_matter_named("returned") is PortfolioMatter.RETURNED
    assert portfolio_matter_named("nothing") is None

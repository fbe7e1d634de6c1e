"""What moved between two points: pure rules, and the charts drawn of them."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.assessments.change_words import span_words, tally_words
from lti_tool.assessments.charts import change_chart, domain_chart
from lti_tool.assessments.comparison import (
    Move,
    Point,
    SnapshotHead,
    SnapshotKind,
    Tally,
    compare,
    move,
)
from lti_tool.assessments.hindsight import Steps, hindsight
from lti_tool.assessments.pages import overview
from lti_tool.assessments.rules import Answer, Rated, State
from lti_tool.competencies.queries import instrument

MARCH = datetime(2026, 3, 3, 12, tzinfo=UTC)
LEVEL_1 = instrument("self-assessment-1")
NOT_YET, WORKING, ACHIEVED = State


def rated(state: State, version: str = "1") -> Rated:
    return Rated(Answer(state), 1, MARCH, version)


def snapshot(day: datetime = MARCH) -> SnapshotHead:
    return SnapshotHead(
        1, "abc", SnapshotKind.BASELINE, "", None, day, LEVEL_1.id, "1", course_id=1, placement_id=1
    )


def points(before: dict[str, State], after: dict[str, State]) -> tuple[Point, Point]:
    then = Point(MARCH, {code: rated(state) for code, state in before.items()}, snapshot())
    now = {code: rated(state) for code, state in after.items()}
    return then, Point(MARCH + timedelta(days=90), now)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (WORKING, ACHIEVED, Move.UP),
        (ACHIEVED, WORKING, Move.DOWN),
        (NOT_YET, WORKING, Move.NEW),
        (NOT_YET, ACHIEVED, Move.NEW),
        (ACHIEVED, NOT_YET, Move.GONE),
        (WORKING, WORKING, Move.SAME),
        (NOT_YET, NOT_YET, Move.UNANSWERED),
    ],
)
def test_an_answer_moves_in_one_of_six_ways(before: State, after: State, expected: Move) -> None:
    assert move(before, after) is expected


def test_both_directions_are_counted_by_domain_and_over_all() -> None:
    before = {"1.01": WORKING, "1.02": ACHIEVED, "1.03": WORKING, "2.01": ACHIEVED}
    after = {"1.01": ACHIEVED, "1.02": WORKING, "1.03": WORKING, "2.02": WORKING}
    found = compare(LEVEL_1, *points(before, after), (1, 2))
    first, second = found.domains
    assert first.tally == Tally(up=1, down=1, same=1, unanswered=7)
    assert second.tally == Tally(new=1, gone=1, unanswered=11)
    assert found.tally == Tally(up=1, down=1, new=1, gone=1, same=1, unanswered=18)
    assert (found.tally.moved, found.tally.matched, found.tally.total) == (4, 3, 23)
    assert (first.before.achieved, first.after.achieved) == (1, 1)
    assert found.between == timedelta(days=90)


def test_the_earlier_point_comes_first_whichever_was_named_first() -> None:
    then, now = points({"1.01": WORKING}, {"1.01": ACHIEVED})
    assert compare(LEVEL_1, now, then) == compare(LEVEL_1, then, now)
    # A clock that was set back does not turn now into then.
    late = replace(then, taken_at=now.taken_at + timedelta(days=1))
    assert compare(LEVEL_1, late, now).before is late


@given(
    st.dictionaries(st.sampled_from(sorted(LEVEL_1.by_code)), st.sampled_from(State)),
    st.dictionaries(st.sampled_from(sorted(LEVEL_1.by_code)), st.sampled_from(State)),
)
def test_every_competency_is_counted_once_and_mirrored_the_other_way(
    before: dict[str, State], after: dict[str, State]
) -> None:
    there = compare(LEVEL_1, *points(before, after)).tally
    back = compare(LEVEL_1, *points(after, before)).tally
    assert there.total == len(LEVEL_1.by_code)
    assert (there.up, there.new, there.same) == (back.down, back.gone, back.same)


def test_editions_are_named_and_what_the_framework_dropped_is_counted_nowhere() -> None:
    then = Point(MARCH, {"1.01": rated(WORKING, "1"), "9.99": rated(ACHIEVED, "1")}, snapshot())
    now = Point(MARCH, {"1.01": rated(WORKING, "2")})
    found = compare(LEVEL_1, then, now)
    assert found.versions == ("1", "2")
    assert found.dropped == ("9.99",)
    assert found.tally.total == len(LEVEL_1.by_code)
    assert [c.code for d in found.domains for c in d.competencies if c.versions_differ] == ["1.01"]


def test_looking_back_is_told_apart_from_the_baseline_and_only_matched_answers_count() -> None:
    scope = LEVEL_1.scope((1,))
    baseline = {"1.01": rated(WORKING), "1.02": rated(ACHIEVED), "1.03": rated(WORKING)}
    now = {code: rated(ACHIEVED) for code in ("1.01", "1.02", "1.04")}
    said = {code: Answer(NOT_YET) for code in ("1.01", "1.02", "1.03", "1.04")}
    found = hindsight(scope, baseline, said, now)
    assert found.by_baseline == Steps(up=1, down=0, same=1)
    assert found.by_looking_back == Steps(up=2, down=0, same=0)
    assert found.answered == 4
    lines = {line.code: line for line in found.domains[0][1]}
    assert (lines["1.02"].baseline, lines["1.02"].looking_back) == (ACHIEVED, NOT_YET)
    assert lines["1.05"].looking_back is None


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    Babel(app)
    return app


def test_the_charts_are_well_formed_without_style_or_script_and_stand_alone_on_paper(
    app: Flask,
) -> None:
    comparison = compare(LEVEL_1, *points({"1.01": WORKING, "2.01": ACHIEVED}, {"1.01": ACHIEVED}))
    lines = overview(LEVEL_1.domains, comparison.after.answers).lines
    with app.test_request_context():
        pages = [change_chart(comparison), domain_chart(lines)]
        papers = [change_chart(comparison, paper=True), domain_chart(lines, paper=True)]
        assert tally_words(comparison.tally) == "1 moved up, 1 no longer answered"
    for chart in pages + papers:
        ET.fromstring(str(chart))  # noqa: S314 - the chart is our own
        assert not re.search(r"style|script|\son", str(chart))
    assert "1 moved up" in pages[0]
    assert pages[0].count("polygon") == 2
    told = re.sub(r"<[^>]*>", " ", pages[1])
    assert "1 achieved, 0 working towards, 9 not started" in " ".join(told.split())
    for chart in papers:
        assert "class=" not in chart
        assert "%" not in chart
        assert 'fill="#17695f"' in chart


def test_markup_in_a_title_cannot_leave_the_chart(app: Flask) -> None:
    comparison = compare(LEVEL_1, *points({"1.01": WORKING}, {"1.01": ACHIEVED}))
    evil = replace(comparison.domains[0], title="<script>&")
    with app.test_request_context():
        chart = change_chart(replace(comparison, domains=(evil,)))
    assert "<script>" not in chart
    ET.fromstring(str(chart))  # noqa: S314 - the chart is our own


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "less than a day"), (1, "1 day"), (20, "20 days"), (28, "4 weeks"), (92, "3 months")],
)
def test_a_span_is_said_in_days_weeks_or_months(app: Flask, days: int, words: str) -> None:
    with app.test_request_context():
        assert span_words(timedelta(days=days)) == words


def test_a_snapshot_of_a_date_is_called_by_that_date(app: Flask) -> None:
    from lti_tool.assessments.change_words import day_words, snapshot_words

    dated = replace(snapshot(), kind=SnapshotKind.DATED, due_on=date(2026, 3, 2))
    with app.test_request_context():
        assert snapshot_words(dated) == "Date set by your course, 2 March 2026"
        assert day_words(Point(MARCH, {}, dated)) == "2 March 2026"
        assert snapshot_words(snapshot()) == "Baseline, 3 March 2026"

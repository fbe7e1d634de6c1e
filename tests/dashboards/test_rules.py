"""Who needs the tutor, and in which order learners stand."""

from datetime import UTC, datetime, timedelta

from lti_tool.assessments.rules import Progress
from lti_tool.dashboards.rules import LearnerLine, Matter, arranged, concerns, facts, matter_named
from lti_tool.grades.queries import ScoreRow
from lti_tool.grades.rules import DeliveryState

NOW = datetime(2027, 3, 15, 12, tzinfo=UTC)


def line(
    name: str = "Amina",
    *,
    rated: int = 3,
    achieved: int = 1,
    days: float = 1,
    in_course: bool = True,
    state: DeliveryState | None = None,
) -> LearnerLine:
    done = Progress(10, rated, achieved)
    score = ScoreRow(1, 1, 1, 1, 30, state, "", NOW, None) if state else None
    return LearnerLine(name, name, in_course, done, (done,), NOW - timedelta(days=days), score)


def test_who_has_rated_nothing_has_not_started_however_long_ago_they_came() -> None:
    assert concerns(Matter.NOT_STARTED, line(rated=0), NOW)
    assert concerns(Matter.NOT_STARTED, line(rated=0, days=30), NOW)
    assert not concerns(Matter.STUCK, line(rated=0, days=30), NOW)


def test_fourteen_days_without_activity_before_the_end_are_stuck() -> None:
    assert not concerns(Matter.STUCK, line(days=13.9), NOW)
    assert concerns(Matter.STUCK, line(days=14), NOW)
    assert not concerns(Matter.STUCK, line(rated=10, days=90), NOW)


def test_only_a_failure_for_good_is_a_failed_grade() -> None:
    assert concerns(Matter.GRADE_FAILED, line(state=DeliveryState.FAILED), NOW)
    for state in set(DeliveryState) - {DeliveryState.FAILED}:
        assert not concerns(Matter.GRADE_FAILED, line(state=state), NOW)
    assert not concerns(Matter.GRADE_FAILED, line(), NOW)


def test_who_has_left_the_course_needs_nothing() -> None:
    gone = line(rated=0, in_course=False, state=DeliveryState.FAILED)
    assert not any(concerns(matter, gone, NOW) for matter in Matter)


def test_the_four_facts_are_always_there_with_their_counts() -> None:
    found = facts([line(rated=0), line(days=20), line(days=20)], NOW)
    assert [(fact.matter, fact.count) for fact in found] == [
        (Matter.NOT_STARTED, 1),
        (Matter.STUCK, 2),
        (Matter.GOALS_OVERDUE, 0),
        (Matter.GRADE_FAILED, 0),
    ]


def names(lines: list[LearnerLine], order: str) -> list[str]:
    return [one.name for one in arranged(lines, order)]


def test_orders_are_by_name_by_least_progress_and_by_longest_away() -> None:
    lines = [
        line("ben", rated=5, days=3),
        line("Amina", rated=9, days=1),
        line("Cerys", rated=5, achieved=5, days=9),
    ]
    assert names(lines, "name") == ["Amina", "ben", "Cerys"]
    assert names(lines, "-name") == ["Cerys", "ben", "Amina"]
    assert names(lines, "progress") == ["ben", "Cerys", "Amina"]
    assert names(lines, "seen") == ["Cerys", "ben", "Amina"]
    assert names(lines, "anything else") == ["Amina", "ben", "Cerys"]


def test_who_has_left_comes_last_in_any_order() -> None:
    lines = [line("Amina", in_course=False), line("Ben"), line("Cerys")]
    assert names(lines, "name") == ["Ben", "Cerys", "Amina"]
    assert names(lines, "-name") == ["Cerys", "Ben", "Amina"]


def test_a_matter_is_found_by_its_name_or_not_at_all() -> None:
    assert matter_named("stuck") is Matter.STUCK
    assert matter_named("") is None
    assert matter_named("everything") is None

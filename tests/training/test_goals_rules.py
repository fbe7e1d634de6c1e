"""What people type into the forms of goals and training, and what adds up."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.training.plans.fields import long_text, one_line, read_date, read_hours
from lti_tool.training.plans.forms import (
    Typed,
    read_goal,
    read_record,
    read_ties,
    typed_goal,
    typed_record,
)
from lti_tool.training.plans.rules import (
    GoalState,
    GoalView,
    RecordState,
    RecordView,
    Sight,
    arranged,
    differences,
    hours_by_year,
    total_hours,
    within,
)

TODAY = date(2026, 11, 22)
THEN = datetime(2026, 1, 1, tzinfo=UTC)


def goal(number: int = 1, **more: object) -> GoalView:
    facts: dict[str, object] = {
        "id": number,
        "public_id": f"goal-{number}",
        "person_id": 1,
        "course_id": 1,
        "instrument": "",
        "instrument_version": "",
        "code": "",
        "what": "Observe",
        "by_when": TODAY,
        "offer": "",
        "training": "",
        "evidence": "",
        "state": GoalState.OPEN,
        "outcome": "",
        "done_at": None,
        "version": 1,
        "created_at": THEN,
        "changed_at": THEN,
    }
    return GoalView(**(facts | more))  # type: ignore[arg-type]


def record(day: str, quarters: int) -> RecordView:
    ended = date.fromisoformat(day)
    return RecordView(
        id=quarters,
        public_id=day,
        title="Training",
        provider="",
        begun_on=ended,
        ended_on=ended,
        quarter_hours=quarters,
        reflection="",
        ties=(),
        offer="",
        goal="",
        certificate=None,
        state=RecordState.KEPT,
        version=1,
        created_at=THEN,
        changed_at=THEN,
        removed_at=None,
    )


@pytest.mark.parametrize(
    ("typed", "quarters"),
    [("1.5", 6), ("1,5", 6), (" 2 ", 8), ("0.25", 1), (".25", None), ("2000", 8000), ("٢", 8)],
)
def test_hours_are_read_in_quarters_with_point_or_comma(typed: str, quarters: int | None) -> None:
    if quarters is None:
        with pytest.raises(InvalidInput):
            read_hours(typed)
    else:
        assert read_hours(typed) == quarters


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "hours-unclear"),
        ("90 min", "hours-unclear"),
        ("1h30", "hours-unclear"),
        ("-1", "hours-unclear"),
        ("1e3", "hours-unclear"),
        ("NaN", "hours-unclear"),
        ("1.3", "hours-not-quarters"),
        ("0", "hours-out-of-range"),
        ("2000.25", "hours-out-of-range"),
        ("99999", "hours-out-of-range"),
    ],
)
def test_other_hours_are_refused_with_what_is_meant(typed: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_hours(typed)
    assert refused.value.code == code


@pytest.mark.parametrize("typed", ["2027-03-14", "14/3/2027", "14.03.2027", " 2027-3-14 "])
def test_a_date_is_read_as_browsers_send_it_and_as_people_write_it(typed: str) -> None:
    assert read_date(typed) == date(2027, 3, 14)


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "2027-02-30", "0001-01-01", "9999-12-31", "3/14"]
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        read_date(typed)


def test_text_of_any_script_is_kept_up_to_20000_characters_and_more_is_refused_with_a_count() -> (
    None
):
    assert long_text("王\r\n" * 6666 + "Ż") == "王\n" * 6666 + "Ż"
    assert len(long_text("ł" * 20_000)) == 20_000
    with pytest.raises(TooLarge) as refused:
        long_text("ł" * 20_001)
    assert refused.value.params == {"count": "20,001", "limit": "20,000"}
    assert long_text("a\0b \ud800") == "ab ?"
    assert one_line(" a\n b\tc ") == "a b c"
    with pytest.raises(TooLarge):
        one_line("x" * 301)


def test_a_goal_says_what_is_wrong_field_by_field_and_all_at_once() -> None:
    typed = typed_goal({"what": " ", "by_when": "2026-11-21", "evidence": "x" * 20_001})
    wish, problems = read_goal(typed, TODAY, is_new=True)
    assert wish is None
    assert {field: problem.code for field, problem in problems.items()} == {
        "what": "field-empty",
        "by_when": "date-passed",
        "evidence": "text-too-long",
    }


def test_a_date_that_has_passed_may_stay_on_a_goal_that_is_changed() -> None:
    typed = typed_goal({"what": "Observe", "by_when": "2026-11-21", "offer": "own:1"})
    wish, problems = read_goal(typed, TODAY, is_new=False)
    assert not problems
    assert wish
    assert (wish.by_when, wish.offer) == (date(2026, 11, 21), "")


@pytest.mark.parametrize("version", ["x", "-1", "1" * 10, "１"])
def test_a_form_with_a_damaged_version_is_refused(version: str) -> None:
    with pytest.raises(ImhcfError):
        typed_goal({"version": version})


def record_problems(**fields: str) -> dict[str, str]:
    known = {"self-assessment-1": frozenset({"1.01"})}
    full = {"title": "PIIOS", "begun_on": "2026-03-14", "hours": "1.5"} | fields
    _wish, problems = read_record(typed_record(full, []), TODAY, known)
    return {field: problem.code for field, problem in problems.items()}


def test_training_is_noted_once_it_was_taken_and_ends_after_it_began() -> None:
    assert record_problems() == {}
    assert record_problems(begun_on="2026-11-23") == {"begun_on": "date-to-come"}
    assert record_problems(ended_on="2026-11-23") == {"ended_on": "date-to-come"}
    assert record_problems(ended_on="2026-03-13") == {"ended_on": "dates-crossed"}
    assert record_problems(begun_on="", ended_on="2026-03-13") == {"begun_on": "date-unclear"}
    assert record_problems(title=" ", hours="a") == {
        "title": "field-empty",
        "hours": "hours-unclear",
    }


def test_ties_are_kept_once_and_only_where_an_instrument_has_them() -> None:
    known = {"self-assessment-1": frozenset({"1.01", "2.04"})}
    texts = ["self-assessment-1/2.04", "self-assessment-1/2.04", "x/1.01", "nonsense", ""]
    assert read_ties(texts, known) == (("self-assessment-1", "2.04"),)


def test_goals_come_overdue_first_then_by_date_and_what_is_over_newest_first() -> None:
    late = goal(1, by_when=date(2026, 11, 21))
    later = goal(2, by_when=date(2026, 11, 1))
    due_today, next_year = goal(3), goal(4, by_when=date(2027, 1, 1))
    done = goal(5, state=GoalState.DONE, by_when=date(2026, 1, 1))
    groups = arranged([late, next_year, due_today, done, later], TODAY)
    assert groups["overdue"] == [later, late]
    assert groups["open"] == [due_today, next_year]
    assert (groups["done"], groups["dropped"]) == ([done], [])
    assert (late.days_left(TODAY), due_today.is_overdue(TODAY)) == (-1, False)


def test_hours_add_up_exactly_by_the_year_that_training_ended_in_and_for_a_period() -> None:
    taken = [record("2025-12-31", 1), record("2026-01-01", 2), record("2026-11-01", 4)]
    assert hours_by_year(taken) == {2026: Decimal("1.5"), 2025: Decimal("0.25")}
    assert list(hours_by_year(taken)) == [2026, 2025]
    assert total_hours(taken) == Decimal("1.75")
    assert total_hours([]) == 0
    period = within(taken, date(2025, 12, 31), date(2026, 1, 1))
    assert [one.quarter_hours for one in period] == [1, 2]


def test_tutors_see_goals_of_what_is_asked_for_and_free_ones_of_their_own_course() -> None:
    sight = Sight("self-assessment-1", ("1.01",), 7)
    assert sight.sees(goal(instrument="self-assessment-1", code="1.01", course_id=8))
    assert not sight.sees(goal(instrument="self-assessment-1", code="1.02", course_id=7))
    assert not sight.sees(goal(instrument="self-assessment-2", code="1.01", course_id=7))
    assert sight.sees(goal(course_id=7))
    assert not sight.sees(goal(course_id=8))
    assert not sight.sees(goal(course_id=None))


def test_the_history_tells_each_field_that_changed() -> None:
    before = {"what": "a", "by_when": "2026-01-01", "offer": "x"}
    assert differences(None, before) == (("what", "", "a"), ("by_when", "", "2026-01-01"))
    assert differences(before, before | {"what": "b", "offer": "y"}) == (("what", "a", "b"),)


def test_what_was_typed_is_read_by_field() -> None:
    assert Typed({"what": "x"})["what"] == "x"

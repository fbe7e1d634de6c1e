"""Where a learner is, what comes next, and what stands where."""

from datetime import UTC, datetime, timedelta

from lti_tool.assessments.answers import shown
from lti_tool.assessments.domain_form import Problem, Typed
from lti_tool.assessments.pages import asked_for, neighbours, note_mark, overview, standings
from lti_tool.assessments.rules import Answer, Progress, Rated, State
from lti_tool.competencies.queries import library
from lti_tool.kernel.errors import Conflict, TooLarge

INSTRUMENT = library()["self-assessment-1"]
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)


def rated(state: State = State.ACHIEVED, note: str = "", *, hours: int = 0) -> Rated:
    return Rated(Answer(state, note), 1, MONDAY + timedelta(hours=hours))


def test_who_has_rated_nothing_begins_with_the_first_domain() -> None:
    seen = overview(INSTRUMENT.scope((3, 5)), {})
    assert seen.next is not None
    assert (seen.next.domain.number, seen.next.next_code) == (3, "3.01")
    assert seen.progress == Progress(15, 0, 0)


def test_the_next_step_is_the_domain_that_was_worked_on_last() -> None:
    seen = overview(INSTRUMENT.domains, {"1.01": rated(), "3.01": rated(hours=1)})
    assert seen.next is not None
    assert (seen.next.domain.number, seen.next.next_code) == (3, "3.02")


def test_after_a_complete_domain_comes_the_next_one_with_gaps_and_round_again() -> None:
    scope = INSTRUMENT.scope((2, 6))
    done = {code: rated() for code in INSTRUMENT.by_number[6].codes}
    seen = overview(scope, done)
    assert seen.next is not None
    assert seen.next.domain.number == 2


def test_an_answer_that_was_taken_back_counts_as_not_rated() -> None:
    seen = overview(INSTRUMENT.scope((1,)), {"1.01": rated(State.NOT_STARTED, "only a note")})
    assert seen.progress.rated == 0
    assert seen.next is not None
    assert seen.next.next_code == "1.01"


def test_when_all_is_rated_there_is_no_next_step() -> None:
    scope = INSTRUMENT.scope((6,))
    assert overview(scope, {code: rated() for code in scope[0].codes}).next is None


def test_standings_keep_the_order_of_the_framework() -> None:
    answers = {"6.05": rated(), "6.02": rated(), "6.01": rated(State.WORKING_TOWARDS)}
    (standing,) = standings(INSTRUMENT.scope((6,)), answers)
    assert [c.code for c in standing.achieved] == ["6.02", "6.05"]
    assert [c.code for c in standing.working_towards] == ["6.01"]
    assert [c.code for c in standing.not_started] == ["6.03", "6.04", "6.06"]


def test_neighbours_are_those_that_the_placement_asks_for() -> None:
    scope = INSTRUMENT.scope((2, 5, 7))
    before, after = neighbours(scope, scope[1])
    assert (before, after) == (scope[0], scope[2])
    assert neighbours(scope, scope[0])[0] is None
    assert neighbours(scope, scope[2])[1] is None


def test_an_instrument_that_the_library_does_not_hold_is_not_set_up() -> None:
    assert asked_for(library(), "self-assessment-1") is INSTRUMENT
    assert asked_for(library(), "") is None
    assert asked_for(library(), "self-assessment-99") is None


def test_the_mark_of_a_note_tells_two_notes_apart_and_holds_neither() -> None:
    assert note_mark("Llŷr") == note_mark("Llŷr")
    assert note_mark("Llŷr") != note_mark("Llyr")
    assert note_mark("") == "e3b0c44298fc1c14"


def test_what_was_refused_stays_in_the_fields() -> None:
    typed = Typed("1.01", "achieved", "too long", 3)
    field = shown("1.01", {"1.01": rated(note="kept")}, Problem(typed, TooLarge("too long")))
    assert (field.state, field.note, field.version) == ("achieved", "too long", 3)


def test_after_a_conflict_the_next_save_builds_on_what_is_on_record() -> None:
    typed = Typed("1.01", "achieved", "mine", 0)
    other = rated(note="the other")
    field = shown("1.01", {"1.01": other}, Problem(typed, Conflict("changed"), other))
    assert (field.note, field.version, field.other) == ("mine", 1, other)

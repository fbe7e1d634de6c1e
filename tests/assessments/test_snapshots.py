"""Snapshots: taken once, frozen for good, at the right moment, of the right person."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text

from lti_tool.assessments.comparison import SnapshotHead, SnapshotKind
from lti_tool.assessments.dated_snapshots import end_of_day, take_dated_snapshots
from lti_tool.assessments.rules import Answer, Rated, State
from lti_tool.assessments.services import Wish, rate
from lti_tool.assessments.snapshot_queries import answers_of, comparison_of, snapshots_of
from lti_tool.competencies.queries import instrument
from lti_tool.courses.queries import placement_for
from lti_tool.courses.rules import Milestones, SetUp
from lti_tool.courses.services import set_up_placement
from lti_tool.kernel.errors import NotFound
from lti_tool.wiring.messages import chores
from tests.tool import TUTOR, Tool, Visitor

LONDON = ZoneInfo("Europe/London")
SIX = SetUp("self-assessment-1", (6,))
SIX_CODES = [f"6.0{n}" for n in range(1, 7)]
WORKING, ACHIEVED = State.WORKING_TOWARDS, State.ACHIEVED
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def save(
    tool: Tool, who: Visitor, code: str, state: State = WORKING, note: str = "", seen: int = 0
) -> Rated:
    with tool.database.transaction() as session:
        place = placement_for(session, who.actor, who.placement)
        wish = Wish(code, Answer(state, note), seen)
        return rate(session, who.actor, place, wish, delay=timedelta(0))


def taken(tool: Tool, who: Visitor, instrument_id: str = "self-assessment-1") -> list[SnapshotHead]:
    with tool.database.transaction(write=False) as session:
        return snapshots_of(session, who.actor.person_id, instrument_id)


def frozen(tool: Tool, head: SnapshotHead) -> dict[str, str]:
    with tool.database.transaction(write=False) as session:
        return {c: r.answer.state.value for c, r in answers_of(session, [head.id])[head.id].items()}


def set_day(tool: Tool, who: Visitor, day: date | None, set_up: SetUp = SIX) -> None:
    with tool.database.transaction() as session:
        set_up_placement(session, who.actor, who.placement_id, set_up, Milestones(day))


def take(tool: Tool, limit: int = 100) -> int:
    with tool.database.transaction() as session:
        return take_dated_snapshots(session, LONDON, limit=limit)


def test_the_baseline_is_taken_once_when_all_is_answered_and_never_changes(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in SIX_CODES[:-1]:
        save(tool, amina, code, note=f"Note on {code}")
    assert taken(tool, amina) == []
    save(tool, amina, SIX_CODES[-1])
    (head,) = taken(tool, amina)
    assert (head.kind, head.placement_id) == (SnapshotKind.BASELINE, amina.placement_id)
    assert head.instrument_version == instrument("self-assessment-1").version
    save(tool, amina, "6.01", ACHIEVED, seen=1)
    save(tool, amina, "6.02", State.NOT_STARTED, seen=1)
    save(tool, amina, "6.02", ACHIEVED, seen=2)
    assert taken(tool, amina) == [head]
    with tool.database.transaction(write=False) as session:
        answers = answers_of(session, [head.id])[head.id]
        moved = comparison_of(
            session, amina.actor.person_id, instrument("self-assessment-1"), head.public_id
        )
    assert answers["6.01"].answer == Answer(WORKING, "Note on 6.01")
    assert answers["6.01"].instrument_version == instrument("self-assessment-1").version
    assert (moved.tally.up, moved.tally.same) == (2, 4)


def test_the_baseline_holds_every_answer_and_stays_one_for_all_placements(tool: Tool) -> None:
    wide = tool.sign_in("amina", link="wide", set_up=SetUp("self-assessment-1"))
    save(tool, wide, "1.01")
    narrow = tool.sign_in("amina", link="narrow", set_up=SIX)
    for code in SIX_CODES:
        save(tool, narrow, code)
    (head,) = taken(tool, wide)
    assert sorted(frozen(tool, head)) == ["1.01", *SIX_CODES]


def test_who_comes_to_a_placement_with_everything_answered_starts_from_there(tool: Tool) -> None:
    wide = tool.sign_in("amina", set_up=SetUp("self-assessment-1"))
    for code in SIX_CODES:
        save(tool, wide, code)
    assert taken(tool, wide) == []
    tara = tool.sign_in("tara", roles=TUTOR)
    domains = {"instrument": SIX.instrument, "domains": ["self-assessment-1:6"]}
    assert tara.post("set-up", domains | {"grade_rule": "none"}).status_code == 303
    assert len(taken(tool, wide)) == 1


def test_a_baseline_is_rolled_back_with_the_rating_that_completes(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in SIX_CODES[:-1]:
        save(tool, amina, code)

    def fail() -> None:
        with tool.database.transaction() as session:
            place = placement_for(session, amina.actor, amina.placement)
            wish = Wish(SIX_CODES[-1], Answer(WORKING), 0)
            rate(session, amina.actor, place, wish, delay=timedelta(0))
            assert len(snapshots_of(session, amina.actor.person_id, SIX.instrument)) == 1
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert taken(tool, amina) == []


def test_who_was_complete_before_there_were_baselines_gets_the_state_before_the_change(
    tool: Tool,
) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    for code in SIX_CODES:
        save(tool, amina, code)
    with tool.database.transaction() as session:
        session.execute(text("DELETE FROM snapshot_answers"))
        session.execute(text("DELETE FROM snapshots"))
    save(tool, amina, "6.01", ACHIEVED, seen=1)
    (head,) = taken(tool, amina)
    assert set(frozen(tool, head).values()) == {"working-towards"}


def test_a_dated_snapshot_holds_the_state_at_the_end_of_the_day_however_late(
    tool: Tool, clock: Any
) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    tara = tool.sign_in("tara", roles=TUTOR, set_up=SIX)
    set_day(tool, tara, date(2026, 3, 4))
    save(tool, amina, "6.01")
    save(tool, amina, "6.02")
    clock.move_to(datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    save(tool, amina, "6.02", ACHIEVED, seen=1)
    assert take(tool) == 0
    clock.move_to(datetime(2026, 3, 5, 0, 30, tzinfo=UTC))
    save(tool, amina, "6.01", ACHIEVED, seen=1)
    save(tool, amina, "6.03")
    clock.move_to(datetime(2026, 3, 20, tzinfo=UTC))  # the worker was away for two weeks
    assert take(tool) == 1
    assert take(tool) == 0
    (head,) = taken(tool, amina)
    assert (head.kind, head.due_on) == (SnapshotKind.DATED, date(2026, 3, 4))
    assert head.taken_at == datetime(2026, 3, 5, tzinfo=UTC)
    assert frozen(tool, head) == {"6.01": "working-towards", "6.02": "achieved"}


def test_a_day_ends_where_the_installation_is() -> None:
    assert end_of_day(date(2026, 7, 1), LONDON) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 28), LONDON) == datetime(2026, 3, 29, tzinfo=UTC)
    assert end_of_day(date(2026, 3, 29), LONDON) == datetime(2026, 3, 29, 23, tzinfo=UTC)


def test_only_learners_who_were_there_and_had_answered_get_one(tool: Tool, clock: Any) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    silent = tool.sign_in("silent", set_up=SIX)
    tara = tool.sign_in("tara", roles=TUTOR, set_up=SIX)
    elsewhere = tool.sign_in("elsewhere", course="course-2", set_up=SIX)
    set_day(tool, tara, date(2026, 3, 4))
    save(tool, amina, "6.01")
    save(tool, elsewhere, "6.01")
    clock.move_to(MONDAY + timedelta(days=5))
    late = tool.sign_in("late", set_up=SIX)
    save(tool, late, "6.01")
    save(tool, silent, "6.01")
    tool.sign_in("elsewhere", set_up=SIX)  # had answered, and came to this course too late
    assert take(tool) == 1
    assert [len(taken(tool, who)) for who in (amina, silent, late, elsewhere)] == [1, 0, 0, 0]


def test_a_round_is_bounded_and_the_next_one_goes_on(tool: Tool, clock: Any) -> None:
    people = [tool.sign_in(f"person {n}", set_up=SIX) for n in range(5)]
    set_day(tool, tool.sign_in("tara", roles=TUTOR, set_up=SIX), date(2026, 3, 2))
    for who in people:
        save(tool, who, "6.01")
    clock.move_to(MONDAY + timedelta(days=1))
    assert [take(tool, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert all(len(taken(tool, who)) == 1 for who in people)


def test_a_day_that_is_moved_makes_another_snapshot_and_one_taken_back_none(
    tool: Tool, clock: Any
) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    tara = tool.sign_in("tara", roles=TUTOR, set_up=SIX)
    save(tool, amina, "6.01")
    set_day(tool, tara, date(2026, 3, 3))
    clock.move_to(MONDAY + timedelta(days=3))
    assert take(tool) == 1
    set_day(tool, tara, date(2026, 3, 6))
    clock.move_to(MONDAY + timedelta(days=6))
    assert take(tool) == 1
    set_day(tool, tara, date(2026, 3, 9))
    set_day(tool, tara, None)
    clock.move_to(MONDAY + timedelta(days=20))
    assert take(tool) == 0
    assert [head.due_on for head in taken(tool, amina)] == [date(2026, 3, 3), date(2026, 3, 6)]


def test_the_worker_takes_them_and_nobody_who_comes_back_waits_for_it(
    tool: Tool, clock: Any
) -> None:
    amina = tool.sign_in("amina", set_up=SIX)
    ben = tool.sign_in("ben", set_up=SIX)
    set_day(tool, tool.sign_in("tara", roles=TUTOR, set_up=SIX), date(2026, 3, 2))
    for who in (amina, ben):
        save(tool, who, "6.01")
    clock.move_to(MONDAY + timedelta(days=1))
    amina = tool.sign_in("amina", set_up=SIX)
    assert "Date set by your course, 2 March 2026" in amina.get("change").text
    assert (len(taken(tool, amina)), len(taken(tool, ben))) == (1, 0)
    for chore in chores(tool.runtime):
        with tool.database.transaction() as session:
            chore(session)
    assert (len(taken(tool, amina)), len(taken(tool, ben))) == (1, 1)


def test_nobody_compares_with_anothers_snapshot(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina", set_up=SIX), tool.sign_in("ben", set_up=SIX)
    for code in SIX_CODES:
        save(tool, amina, code, note="A secret of Amina's")
        save(tool, ben, code)
    (head,) = taken(tool, amina)
    assert ben.get(f"change?from={head.public_id}").status_code == 404
    level_1 = instrument("self-assessment-1")
    with tool.database.transaction(write=False) as session, pytest.raises(NotFound):
        comparison_of(session, ben.actor.person_id, level_1, head.public_id)

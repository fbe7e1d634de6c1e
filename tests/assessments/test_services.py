"""Rating: kept with its history, worth something everywhere, never overwritten unseen."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from lti_tool.assessments.models import RatingChange
from lti_tool.assessments.queries import history, ratings_of
from lti_tool.assessments.rules import Answer, State
from lti_tool.assessments.services import ChangedElsewhere, Wish, rate
from lti_tool.courses.queries import placement_for
from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.grades.models import Score
from lti_tool.kernel.errors import NotAllowed, NotFound
from tests.tool import NOT_SET_UP, TUTOR, Tool, Visitor

SOON = timedelta(0)
ACHIEVED = Answer(State.ACHIEVED, "")


def save(tool: Tool, who: Visitor, code: str, answer: Answer = ACHIEVED, seen: int = 0) -> Any:
    with tool.database.transaction() as session:
        placement = placement_for(session, who.actor, who.placement)
        return rate(session, who.actor, placement, Wish(code, answer, seen), delay=SOON)


def scores(tool: Tool) -> dict[int, int]:
    with tool.database.transaction(write=False) as session:
        return {s.placement_id: s.value for s in session.execute(select(Score)).scalars()}


def test_every_change_is_kept_with_who_when_from_and_to(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    save(tool, amina, "1.01", Answer(State.WORKING_TOWARDS, "first"))
    save(tool, amina, "1.01", Answer(State.ACHIEVED, "second"), seen=1)
    with tool.database.transaction(write=False) as session:
        changes, _more = history(session, amina.actor.person_id, "self-assessment-1", limit=10)
        row = session.execute(select(RatingChange)).scalars().first()
    assert [(c.before, c.after) for c in changes] == [
        (Answer(State.WORKING_TOWARDS, "first"), Answer(State.ACHIEVED, "second")),
        (Answer(), Answer(State.WORKING_TOWARDS, "first")),
    ]
    assert row
    assert row.actor_id == amina.actor.person_id
    assert row.instrument_version


def test_the_same_answer_again_changes_nothing(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    assert save(tool, amina, "1.01").version == 1
    assert save(tool, amina, "1.01", seen=0).version == 1


def test_an_answer_that_was_changed_meanwhile_is_not_overwritten(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    save(tool, amina, "1.01", Answer(State.ACHIEVED, "in one tab"))
    with pytest.raises(ChangedElsewhere) as caught:
        save(tool, amina, "1.01", Answer(State.ACHIEVED, "in another"), seen=0)
    assert caught.value.rated.answer.note == "in one tab"


def test_two_placements_in_two_courses_share_one_persons_ratings(tool: Tool) -> None:
    here = tool.sign_in("amina", course="one")
    there = tool.sign_in("amina", course="two", set_up=SetUp("self-assessment-1", (1,)))
    save(tool, here, "1.01")
    assert scores(tool) == {here.placement_id: 2, there.placement_id: 10}


def test_two_organisations_share_nothing(tool: Tool) -> None:
    here = tool.sign_in("amina")
    there = tool.sign_in("amina", organisation="Another provider")
    save(tool, here, "1.01")
    assert scores(tool).keys() == {here.placement_id}
    with tool.database.transaction(write=False) as session:
        assert ratings_of(session, there.actor.person_id, "self-assessment-1") == {}


@pytest.mark.parametrize(
    ("rule", "expected"), [(GradeRule.COMPLETION, 20), (GradeRule.ACHIEVED, 10)]
)
def test_the_rule_of_the_placement_makes_the_grade(
    tool: Tool, rule: GradeRule, expected: int
) -> None:
    amina = tool.sign_in("amina", set_up=SetUp("self-assessment-1", (1,), rule))
    save(tool, amina, "1.01")
    save(tool, amina, "1.02", Answer(State.WORKING_TOWARDS))
    assert scores(tool) == {amina.placement_id: expected}


def test_the_rule_none_and_a_link_without_a_column_send_nothing(tool: Tool) -> None:
    ungraded = tool.sign_in("amina", set_up=SetUp("self-assessment-1", (), GradeRule.NONE))
    columnless = tool.sign_in("amina", link="link-2", line_item="")
    save(tool, ungraded, "1.01")
    save(tool, columnless, "1.02")
    assert scores(tool) == {}


def test_going_back_to_not_started_lowers_the_grade(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SetUp("self-assessment-1", (1,)))
    save(tool, amina, "1.01")
    save(tool, amina, "1.01", Answer(State.NOT_STARTED), seen=1)
    assert scores(tool) == {amina.placement_id: 0}


def test_a_competency_outside_the_placement_is_refused(tool: Tool) -> None:
    amina = tool.sign_in("amina", set_up=SetUp("self-assessment-1", (1,)))
    for code in ("2.01", "9.99", "", "1.1"):
        with pytest.raises(NotFound):
            save(tool, amina, code)


def test_a_tutor_rates_nobody(tool: Tool) -> None:
    with pytest.raises(NotAllowed):
        save(tool, tool.sign_in("tara", roles=TUTOR), "1.01")


def test_a_placement_that_is_not_set_up_takes_no_rating(tool: Tool) -> None:
    with pytest.raises(NotFound):
        save(tool, tool.sign_in("amina", set_up=NOT_SET_UP), "1.01")


def test_rating_score_and_message_commit_together_or_not_at_all(tool: Tool) -> None:
    amina = tool.sign_in("amina")

    def fail() -> None:
        with tool.database.transaction() as session:
            placement = placement_for(session, amina.actor, amina.placement)
            rate(session, amina.actor, placement, Wish("1.01", ACHIEVED, 0), delay=SOON)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with tool.database.transaction(write=False) as session:
        for table in ("ratings", "rating_changes", "scores", "messages"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0

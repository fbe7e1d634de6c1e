"""Scores: the newest wins, each change tells the outbox, timestamps only ever grow."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.grades import services
from lti_tool.grades.models import Score
from lti_tool.grades.rules import Delivery, DeliveryState, Destination, Worth, next_stamp
from lti_tool.kernel import clock
from lti_tool.outbox.models import Message
from tests.tool import Tool, Visitor

SOON = timedelta(0)


@pytest.fixture
def learner(tool: Tool) -> Visitor:
    return tool.sign_in("amina")


def destination(tool: Tool, learner: Visitor, line_item: str = "https://lms/1") -> Destination:
    return Destination(
        learner.placement_id, learner.actor.person_id, tool.registration(), line_item, "amina"
    )


def record(
    tool: Tool,
    learner: Visitor,
    value: int | None,
    line_item: str = "https://lms/1",
    submitted_at: datetime | None = None,
) -> None:
    with tool.database.transaction() as session:
        services.record(
            session,
            destination(tool, learner, line_item),
            Worth(value, f"{value} of 100", is_complete=False, submitted_at=submitted_at),
            delay=SOON,
        )


def row(session: Session) -> Score:
    return session.execute(select(Score)).scalar_one()


def begin(tool: Tool) -> Delivery | None:
    with tool.database.transaction() as session:
        return services.begin_delivery(session, row(session).id)


def stored(tool: Tool) -> tuple[int | None, str, datetime]:
    with tool.database.transaction(write=False) as session:
        score = row(session)
        return score.value, score.state, score.stamp


def messages(tool: Tool) -> int:
    with tool.database.transaction(write=False) as session:
        return int(session.execute(select(func.count()).select_from(Message)).scalar_one())


def test_the_newest_value_wins_and_there_is_one_message(tool: Tool, learner: Visitor) -> None:
    for value in (10, 20, 30):
        record(tool, learner, value)
    assert stored(tool)[:2] == (30, DeliveryState.WAITING)
    assert messages(tool) == 1


def test_the_same_worth_again_is_no_news(tool: Tool, learner: Visitor) -> None:
    record(tool, learner, 10)
    delivery = begin(tool)
    assert delivery
    with tool.database.transaction() as session:
        services.mark_delivered(session, delivery.score_id, delivery.version)
    record(tool, learner, 10)
    assert stored(tool)[1] == DeliveryState.DELIVERED
    assert begin(tool) is None


def test_a_change_during_delivery_keeps_waiting(tool: Tool, learner: Visitor) -> None:
    record(tool, learner, 10)
    delivery = begin(tool)
    assert delivery
    record(tool, learner, 20)
    with tool.database.transaction() as session:
        services.mark_delivered(session, delivery.score_id, delivery.version)
    assert stored(tool)[:2] == (20, DeliveryState.WAITING)
    newer = begin(tool)
    assert newer
    assert newer.worth.value == 20
    assert newer.is_regrade
    assert newer.stamp > delivery.stamp


def test_a_repeat_carries_the_same_timestamp_and_a_new_version_a_later_second(
    tool: Tool, learner: Visitor
) -> None:
    start = clock.now()
    with time_machine.travel(start) as traveller:
        record(tool, learner, 10)
        first, repeat = begin(tool), begin(tool)
        assert first
        assert repeat
        assert first.stamp == repeat.stamp
        traveller.move_to(start - timedelta(hours=3))  # the clock was set back
        record(tool, learner, 20)
        newer = begin(tool)
    assert newer
    assert newer.stamp - first.stamp >= timedelta(seconds=1)


def test_changes_that_were_never_sent_do_not_push_the_timestamp_into_the_future(
    tool: Tool, learner: Visitor
) -> None:
    for value in range(50):
        record(tool, learner, value)
    assert stored(tool)[2] <= clock.now()


def test_a_permanent_failure_can_be_tried_again_and_a_new_change_tries_by_itself(
    tool: Tool, learner: Visitor
) -> None:
    record(tool, learner, 10)
    delivery = begin(tool)
    assert delivery
    with tool.database.transaction() as session:
        services.mark_failed(session, delivery.score_id, delivery.version, "line-item-gone")
    assert stored(tool)[1] == DeliveryState.FAILED
    with tool.database.transaction() as session:
        assert services.retry(session, [delivery.score_id]) == 1
    assert stored(tool)[1] == DeliveryState.WAITING
    again = begin(tool)
    assert again
    assert again.stamp > delivery.stamp


def test_a_score_that_moves_to_another_column_is_sent_there(tool: Tool, learner: Visitor) -> None:
    record(tool, learner, 10)
    delivery = begin(tool)
    assert delivery
    with tool.database.transaction() as session:
        services.mark_delivered(session, delivery.score_id, delivery.version)
    record(tool, learner, 10, line_item="https://lms/2")
    moved = begin(tool)
    assert moved
    assert moved.destination.line_item == "https://lms/2"


def test_restamping_goes_past_what_the_lms_holds(tool: Tool, learner: Visitor) -> None:
    record(tool, learner, 10)
    delivery = begin(tool)
    assert delivery
    ahead = clock.now() + timedelta(hours=2)
    with tool.database.transaction() as session:
        services.restamp(session, delivery.score_id, ahead)
    assert stored(tool)[2] > ahead


def test_next_stamp_is_now_or_a_second_after_what_was_sent() -> None:
    now = clock.now()
    assert next_stamp(now, None) == now.replace(microsecond=0)
    assert next_stamp(now, now) == now.replace(microsecond=0) + timedelta(seconds=1)
    assert next_stamp(now, now - timedelta(days=1)) == now.replace(microsecond=0)


FIRST = datetime(2026, 5, 1, 9, tzinfo=UTC)
SECOND = datetime(2026, 6, 1, 9, tzinfo=UTC)


def deliver(tool: Tool) -> Delivery:
    delivery = begin(tool)
    assert delivery
    with tool.database.transaction() as session:
        services.mark_delivered(session, delivery.score_id, delivery.version, delivery.worth)
    return delivery


def test_a_grade_is_never_taken_back_to_say_that_something_was_handed_in(
    tool: Tool, learner: Visitor
) -> None:
    record(tool, learner, 50, submitted_at=FIRST)
    deliver(tool)
    record(tool, learner, None, submitted_at=SECOND)
    assert stored(tool)[:2] == (50, DeliveryState.DELIVERED)
    assert begin(tool) is None


def test_an_announcement_over_a_grade_that_has_another_cell_now_sends_the_grade_there(
    tool: Tool, learner: Visitor
) -> None:
    record(tool, learner, 50, submitted_at=FIRST)
    deliver(tool)
    record(tool, learner, None, "https://lms/2", submitted_at=SECOND)
    delivery = begin(tool)
    assert delivery
    assert (delivery.worth.value, delivery.destination.line_item) == (50, "https://lms/2")


def test_a_grade_follows_its_announcement_as_the_same_attempt_and_another_submission_does_not(
    tool: Tool, learner: Visitor
) -> None:
    record(tool, learner, None, submitted_at=FIRST)
    announced = deliver(tool)
    assert announced.worth.is_pending
    assert announced.is_new_attempt
    record(tool, learner, 50, submitted_at=FIRST)
    graded = deliver(tool)
    assert (graded.is_new_attempt, graded.follows_pending) == (False, True)
    assert graded.sent_values == (None,)
    record(tool, learner, 50, submitted_at=SECOND)  # the same value, of other work
    again = deliver(tool)
    assert (again.is_new_attempt, again.follows_pending) == (True, False)
    assert again.worth.submitted_at == SECOND


def test_a_grade_before_the_announcement_left_goes_out_alone(tool: Tool, learner: Visitor) -> None:
    record(tool, learner, None, submitted_at=FIRST)
    record(tool, learner, 50, submitted_at=FIRST)
    delivery = deliver(tool)
    assert delivery.worth.value == 50
    assert not delivery.follows_pending
    assert begin(tool) is None

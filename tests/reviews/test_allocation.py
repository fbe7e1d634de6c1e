"""Who gets what to read: by load, kept apart, however often and however many ask."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from lti_tool.kernel.errors import Conflict, NotAllowed
from lti_tool.notifications.models import Notification
from lti_tool.notifications.rules import Kind
from lti_tool.outbox.models import Message
from lti_tool.outbox.worker import Worker
from lti_tool.portfolios.submitting.rules import ALLOCATE, WITHDRAWN, State
from lti_tool.reviews.assessors.allocation import allocate, allocate_one
from lti_tool.reviews.assessors.giving import give_by_hand, take_away
from lti_tool.reviews.assessors.queries import conflicts_of
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.services import (
    change_appointment,
    declare_conflict,
    end_appointment,
    withdraw_conflict,
)
from lti_tool.reviews.assessors.waiting import try_again
from lti_tool.reviews.desk.services import begin
from lti_tool.reviews.log import is_whole, lines_of
from lti_tool.reviews.models import Review
from lti_tool.reviews.outcomes import releasing
from lti_tool.reviews.outcomes.matters import matter_of, seal_of
from lti_tool.reviews.outcomes.rules import Whose
from lti_tool.reviews.rules import Part, ReviewState, Terms, Verdict
from lti_tool.reviews.services import hold
from lti_tool.reviews.worker import Allocator
from tests.portfolios.handing_in import handed_in
from tests.reviews.offices import (
    Reader,
    acts,
    allocated,
    appoint,
    now,
    office,
    reading,
    readings,
    set_terms,
)
from tests.tool import LEARNER, TUTOR, Tool


def worker(tool: Tool) -> Worker:
    """A worker that knows this room's topics alone."""
    handler = Allocator(tool.runtime)
    ignore: Any = lambda lease: None  # noqa: E731 - other rooms' topics wait for their own worker
    return Worker(
        tool.runtime,
        {ALLOCATE: handler.allocate, WITHDRAWN: handler.withdraw, "portfolio.render": ignore},
    )


def told(tool: Tool, person_id: int, kind: Kind) -> int:
    with tool.database.transaction(write=False) as session:
        return int(
            session.execute(
                select(func.count())
                .select_from(Notification)
                .where(Notification.person_id == person_id, Notification.kind == kind.value)
            ).scalar_one()
        )


def whose(tool: Tool, submission: Any, *readers: Reader) -> list[str]:
    """Returns the names of who reads a submission."""
    names = {one.assessor.id: one.assessor.name for one in readers}
    return sorted(names[one.assessor_id] for one in readings(tool, submission))


def test_a_submission_goes_to_an_assessor_of_its_level_who_is_told(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    appoint(tool, "bert", [2, 3])
    _amina, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    assert review.assessor_id == anna.assessor.id
    assert (review.part, review.state) == (Part.READER, ReviewState.ALLOCATED)
    assert (review.due_on - submission.submitted_at.date()).days == 28
    assert acts(tool, submission) == ["submitted", "allocated"]
    assert told(tool, anna.visitor.actor.person_id, Kind.REVIEW_ALLOCATED) == 1


def test_the_log_begins_with_when_it_was_handed_in(tool: Tool) -> None:
    _amina, submission = handed_in(tool)
    allocated(tool, submission)
    with tool.database.transaction(write=False) as session:
        first, *_ = lines_of(session, submission.id)
        assert first.details["at"] == submission.submitted_at.isoformat()
        assert first.details["readers"] == 1
        assert first.by_person_id == submission.person_id
        assert is_whole(session, submission.id)


def test_who_has_the_least_to_do_for_their_capacity_is_next(tool: Tool) -> None:
    small = appoint(tool, "small", [1], capacity=1)
    large = appoint(tool, "large", [1], capacity=3)
    got = []
    for name in ("a", "b", "c", "d"):
        _who, submission = handed_in(tool, name)
        got += whose(tool, submission, small, large) if allocated(tool, submission) else []
    assert got == ["Person small", "Person large", "Person large", "Person large"]


def test_nobody_gets_more_than_they_take_and_administrators_are_told_once(tool: Tool) -> None:
    appoint(tool, "anna", [1], capacity=1)
    ada = office(tool)
    _a, first = handed_in(tool, "a")
    _b, second = handed_in(tool, "b")
    assert allocated(tool, first)
    assert allocated(tool, second) == allocated(tool, second) == []
    assert now(tool, second).state is State.SUBMITTED
    assert told(tool, ada.actor.person_id, Kind.NO_ASSESSOR) == 1


def test_level_three_gets_two_readers_and_what_is_missing_comes_later(tool: Tool) -> None:
    anna = appoint(tool, "anna", [3])
    _amina, submission = handed_in(tool, instrument="portfolio-3")
    assert whose(tool, submission, anna) == []
    allocated(tool, submission)
    assert whose(tool, submission, anna) == ["Person anna"]
    bert = appoint(tool, "bert", [3])
    worker(tool).drain()
    assert whose(tool, submission, anna, bert) == ["Person anna", "Person bert"]


def test_the_number_of_readers_is_that_of_the_day_it_came_in(tool: Tool) -> None:
    appoint(tool, "anna", [1])
    appoint(tool, "bert", [1])
    _amina, submission = handed_in(tool)
    assert len(allocated(tool, submission)) == 1
    set_terms(tool, Terms(readers_1=2))
    assert len(allocated(tool, submission)) == 1
    _ben, later = handed_in(tool, "ben")
    assert len(allocated(tool, later)) == 2


def test_nobody_reads_their_own(tool: Tool) -> None:
    _amina, submission = handed_in(tool)
    appoint(tool, "amina", [1], roles=LEARNER)
    assert allocated(tool, submission) == []


def test_no_tutor_of_that_course_reads_but_a_tutor_of_another_does(tool: Tool) -> None:
    _amina, submission = handed_in(tool, course="willow")
    appoint(tool, "tara", [1], course="willow")
    assert allocated(tool, submission) == []
    tom = appoint(tool, "tom", [1], course="oak")
    assert whose(tool, submission, tom) == []
    allocated(tool, submission)
    assert whose(tool, submission, tom) == ["Person tom"]


def test_who_teaches_there_too_is_kept_apart_wherever_they_were_appointed(tool: Tool) -> None:
    _amina, submission = handed_in(tool, course="willow")
    appoint(tool, "tara", [1], course="oak")
    tool.sign_in("tara", roles=TUTOR, course="willow")
    assert allocated(tool, submission) == []


def test_a_declared_conflict_keeps_apart_and_taking_it_back_does_not_any_more(
    tool: Tool,
) -> None:
    anna = appoint(tool, "anna", [1])
    amina, submission = handed_in(tool)
    person = public_id(tool, amina.visitor.actor.person_id)
    with tool.database.transaction() as session:
        declare_conflict(session, anna.visitor.actor, anna.assessor, person, "My sister.")
    assert allocated(tool, submission) == []
    with tool.database.transaction() as session:
        (conflict,) = conflicts_of(session, anna.assessor.id)
        withdraw_conflict(session, anna.visitor.actor, anna.assessor, conflict.public_id)
    worker(tool).drain()
    assert whose(tool, submission, anna) == ["Person anna"]


def test_a_conflict_declared_later_moves_what_is_open(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    amina, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    bert = appoint(tool, "bert", [1])
    person = public_id(tool, amina.visitor.actor.person_id)
    ada = office(tool)
    with tool.database.transaction() as session:
        declare_conflict(session, ada.actor, anna.assessor, person, "Her cousin.")
    assert reading(tool, review).state is ReviewState.ENDED
    assert whose(tool, submission, anna, bert) == ["Person bert"]
    assert told(tool, anna.visitor.actor.person_id, Kind.REVIEW_WITHDRAWN) == 1
    assert acts(tool, submission)[-2:] == ["taken-away", "allocated"]


def test_who_is_away_gets_nothing_until_they_are_back(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    _amina, submission = handed_in(tool)
    today, ada = submission.submitted_at.date(), office(tool)
    with tool.database.transaction() as session:
        change_appointment(
            session, ada.actor, anna.assessor, Appointment((1,), 5, away_until=today)
        )
    assert allocated(tool, submission) == []
    with tool.database.transaction() as session:
        change_appointment(session, ada.actor, anna.assessor, Appointment((1,), 5))
    worker(tool).drain()
    assert whose(tool, submission, anna) == ["Person anna"]


def test_an_appointment_that_ends_hands_open_readings_on(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    _amina, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    anna.begin(submission)
    bert, ada = appoint(tool, "bert", [1]), office(tool)
    with tool.database.transaction() as session:
        assert end_appointment(session, ada.actor, anna.assessor) == 1
    assert whose(tool, submission, anna, bert) == ["Person bert"]
    assert reading(tool, review).state is ReviewState.ENDED
    # And comes back, if wanted: the same person is appointed anew.
    assert appoint(tool, "anna", [1]).assessor.public_id == anna.assessor.public_id


def test_who_hands_back_never_gets_it_again(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    _amina, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    anna.hand_back(submission)
    assert allocated(tool, submission) == []
    with tool.database.transaction(write=False) as session:
        line = next(one for one in lines_of(session, submission.id) if one.act == "handed-back")
    assert line.details["reason"] == "I know them."
    bert = appoint(tool, "bert", [1])
    worker(tool).drain()
    assert whose(tool, submission, anna, bert) == ["Person bert"]
    assert reading(tool, review).state is ReviewState.HANDED_BACK


def test_the_worker_may_be_told_any_number_of_times(tool: Tool) -> None:
    appoint(tool, "anna", [1])
    appoint(tool, "bert", [1])
    _amina, submission = handed_in(tool)
    worker(tool).drain()
    for _ in range(3):
        assert len(allocated(tool, submission)) == 1
    assert acts(tool, submission) == ["submitted", "allocated"]


def test_two_workers_at_once_allocate_each_submission_once(tool: Tool) -> None:
    """And fill nobody beyond their capacity."""
    for name in ("anna", "bert"):
        appoint(tool, name, [1], capacity=3)
    submissions = [handed_in(tool, f"learner-{n}")[1] for n in range(4)]

    def one(number: int) -> None:
        with tool.database.transaction() as session:
            allocate(session, submissions[number % 4].id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(16)))
    assert [len(readings(tool, one)) for one in submissions] == [1, 1, 1, 1]
    with tool.database.transaction(write=False) as session:
        loads = session.execute(
            select(func.count()).select_from(Review).group_by(Review.assessor_id)
        ).scalars()
        assert sorted(loads) == [2, 2]
        assert all(is_whole(session, one.id) for one in submissions)


def test_a_withdrawal_ends_readings_and_tells_their_assessors(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1])
    amina, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    amina.withdraw(submission.public_id)
    worker(tool).drain()
    worker(tool).drain()
    assert reading(tool, review).state is ReviewState.ENDED
    assert acts(tool, submission) == ["submitted", "allocated", "withdrawn"]
    assert told(tool, anna.visitor.actor.person_id, Kind.REVIEW_WITHDRAWN) == 1
    with pytest.raises(Conflict), tool.database.transaction() as session:
        begin(session, anna.assessor, review)


def test_a_withdrawal_before_the_worker_came_allocates_nobody(tool: Tool) -> None:
    appoint(tool, "anna", [1])
    amina, submission = handed_in(tool)
    amina.withdraw(submission.public_id)
    worker(tool).drain()
    assert readings(tool, submission) == []
    assert acts(tool, submission) == ["submitted", "withdrawn"]


def test_who_read_it_before_reads_it_again(tool: Tool) -> None:
    anna = appoint(tool, "anna", [1], capacity=2)
    amina, first = handed_in(tool)
    allocated(tool, first)
    code = amina.codes[0]
    anna.read(first, {code: Verdict.NOT_YET})
    bert = appoint(tool, "bert", [1], capacity=50)
    _ben, other = handed_in(tool, "ben")
    allocated(tool, other)
    assert whose(tool, other, anna, bert) == ["Person bert"]
    release(tool, anna, first)
    amina.write(code, "More of what I did, with what came of it.")
    second = amina.hand_in()
    allocated(tool, second)
    assert whose(tool, second, anna, bert) == ["Person anna"]


def test_a_moderator_and_an_appeal_are_read_by_nobody_who_was_in_it(tool: Tool) -> None:
    appoint(tool, "anna", [1], moderates=True)
    _amina, submission = handed_in(tool)
    allocated(tool, submission)
    appoint(tool, "bert", [1])
    with tool.database.transaction() as session:
        held = hold(session, submission.id)
        assert allocate_one(session, held, Part.MODERATOR) is None
    mona = appoint(tool, "mona", [1], moderates=True)
    with tool.database.transaction() as session:
        held = hold(session, submission.id)
        assert allocate_one(session, held, Part.APPEAL, excluded=[mona.assessor.id]) is None
        found = allocate_one(session, held, Part.APPEAL)
        assert found
        assert found.assessor_id == mona.assessor.id
    assert told(tool, mona.visitor.actor.person_id, Kind.APPEAL_MADE) == 1


def test_by_hand_the_office_chooses_but_keeps_readings_apart(tool: Tool) -> None:
    amina, submission = handed_in(tool, course="willow")
    allocated(tool, submission)
    ada = office(tool)
    tara = appoint(tool, "tara", [1], course="willow")
    bert = appoint(tool, "bert", [2])
    refusals = ((tara, "assessor-kept-apart"), (bert, "assessor-level"))
    for reader, code in refusals:
        with pytest.raises(Conflict) as refused, tool.database.transaction() as session:
            give_by_hand(session, ada.actor, submission, reader.assessor.public_id)
        assert refused.value.code == code
    anna = appoint(tool, "anna", [1], capacity=1)
    _ben, other = handed_in(tool, "ben", course="willow")
    with tool.database.transaction() as session:
        for one in (submission, other):  # beyond their capacity, which the office may overrule
            give_by_hand(session, ada.actor, one, anna.assessor.public_id)
    with pytest.raises(Conflict) as refused, tool.database.transaction() as session:
        give_by_hand(session, ada.actor, submission, anna.assessor.public_id)
    assert refused.value.code == "readers-complete"
    with pytest.raises(NotAllowed), tool.database.transaction() as session:
        give_by_hand(session, amina.visitor.actor, submission, anna.assessor.public_id)


def test_the_office_takes_away_and_puts_another_in_their_place(tool: Tool) -> None:
    anna, bert, cleo = (appoint(tool, name, [1]) for name in ("anna", "bert", "cleo"))
    _amina, submission = handed_in(tool)
    (review,) = allocated(tool, submission)
    ada = office(tool)
    with tool.database.transaction() as session:
        take_away(session, ada.actor, review, "Long ill", to=cleo.assessor.public_id)
    assert whose(tool, submission, anna, bert, cleo) == ["Person cleo"]
    with pytest.raises(Conflict), tool.database.transaction() as session:
        take_away(session, ada.actor, review, "Twice")
    (other,) = readings(tool, submission)
    with tool.database.transaction() as session:
        take_away(session, ada.actor, other, "By mistake", to=anna.assessor.public_id)
    assert whose(tool, submission, anna, bert, cleo) == ["Person anna"]


def test_no_office_allocates_the_portfolio_of_its_own_member(tool: Tool) -> None:
    _me, submission = handed_in(tool, "office")
    anna = appoint(tool, "anna", [1])
    ada = replace(office(tool).actor)
    assert ada.person_id == submission.person_id
    with pytest.raises(NotAllowed), tool.database.transaction() as session:
        give_by_hand(session, ada, submission, anna.assessor.public_id)


def test_waiting_submissions_ask_again_only_where_somebody_is_free(tool: Tool) -> None:
    _amina, submission = handed_in(tool)
    worker(tool).drain()
    with tool.database.transaction() as session:
        assert try_again(session) == 0
    appoint(tool, "bert", [2])
    with tool.database.transaction() as session:
        assert try_again(session) == 0
    appoint(tool, "olga", [1], organisation="Other")
    with tool.database.transaction() as session:
        assert try_again(session) == 0
        assert session.execute(select(Message).where(Message.topic == ALLOCATE)).first() is None
    anna = appoint(tool, "anna", [1])
    with tool.database.transaction() as session:
        assert try_again(session) == 1
    worker(tool).drain()
    assert whose(tool, submission, anna) == ["Person anna"]
    with tool.database.transaction() as session:
        assert try_again(session) == 0


def public_id(tool: Tool, person_id: int) -> str:
    from lti_tool.courses.models import Person

    with tool.database.transaction(write=False) as session:
        return str(session.get(Person, person_id).public_id)


def release(tool: Tool, reader: Reader, submission: Any) -> None:
    with tool.database.transaction() as session:
        review = reader.review(submission)
        seen = seal_of(matter_of(session, submission).comes_to(review, Whose.BOTH))
        releasing.release(session, reader.assessor, review, seen=seen, whose=Whose.BOTH)

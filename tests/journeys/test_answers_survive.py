"""Answers survive the death of the web process: what was confirmed is there, once, and graded."""

import random
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.courses.services import lock_person
from lti_tool.gateway.passback import Passback
from lti_tool.gateway.protocol import make_protocol
from lti_tool.grades.services import begin_delivery
from lti_tool.lti.deliveries import Deferred, Delivered, Delivery, Rejected, Stale
from lti_tool.outbox.models import Message
from lti_tool.outbox.services import take
from tests.journeys.agreement import assert_agreement
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner, learners
from tests.journeys.processes import eventually
from tests.journeys.servers import Site
from tests.tool import Tool


def answers(site: Site) -> list[tuple[str, str]]:
    """Returns every answer on record, by code."""
    with site.database.transaction(write=False) as session:
        rows = session.execute(select(Rating.code, Rating.state).order_by(Rating.code))
        return [(row.code, row.state) for row in rows]


def assert_every_answer_is_on_record_once(site: Site, class_: list[Learner]) -> None:
    with site.database.transaction(write=False) as session:
        changes = session.execute(select(RatingChange.code, RatingChange.to_state)).all()
    confirmed = sorted(answer for learner in class_ for answer in learner.saved.items())
    assert sorted(answers(site)) == confirmed
    assert sorted((change.code, change.to_state) for change in changes) == confirmed


def test_a_web_process_killed_before_its_commit_leaves_nothing_of_the_answer(site: Site) -> None:
    amina = Learner(site, "amina").open()
    amina.rate(CODES[0])
    with ThreadPoolExecutor(1) as pool:
        with site.database.transaction() as session:  # SQLite's write lock, or the message's row
            session.execute(select(Message).with_for_update()).all()
            saving = pool.submit(amina.rate, CODES[1])
            site.wait_for_a_waiter()
            site.kill_web()
        assert answers(site) == [(CODES[0], "achieved")]
        site.start_web()
        saving.result()
    assert_every_answer_is_on_record_once(site, [amina])
    site.start_worker()
    assert_agreement(site)


def test_an_answer_is_kept_once_when_the_web_process_is_killed_before_it_confirmed(
    site: Site,
) -> None:
    amina = Learner(site, "amina").open()
    amina.send_without_hearing(CODES[0])
    eventually(lambda: answers(site), "the answer is stored")
    site.kill_web()
    site.start_web()
    amina.rate(CODES[0])
    assert_every_answer_is_on_record_once(site, [amina])
    site.start_worker()
    assert_agreement(site)


def test_no_confirmed_answer_is_lost_when_the_web_process_is_killed_while_saving(
    open_site: OpenSite,
) -> None:
    site = open_site(embedded=True)
    class_ = learners(site, 4)
    with ThreadPoolExecutor(len(class_)) as pool:
        saving = [pool.submit(learner.rate_all, CODES[:24]) for learner in class_]
        for _ in range(3):
            wait_for_saves(class_, saving, random.randint(1, 16))  # noqa: S311 - any moment will do
            site.kill_web()
            site.start_web(embedded=True)
        for each in saving:
            each.result()
    assert_every_answer_is_on_record_once(site, class_)
    site.let_leases_end()
    assert_agreement(site)


def wait_for_saves(class_: list[Learner], saving: list[Future[None]], count: int) -> None:
    """Waits until the class has saved so many answers more, or has no more to save."""
    wanted = sum(len(learner.saved) for learner in class_) + count
    eventually(
        lambda: (
            sum(len(learner.saved) for learner in class_) >= wanted
            or all(each.done() for each in saving)
        ),
        "answers are saved",
    )


@pytest.mark.parametrize(
    "outcome", [Delivered(), Deferred("busy", 1.0), Rejected("score-refused"), Stale()], ids=repr
)
@on("postgresql")
def test_noting_an_outcome_does_not_wait_for_the_person_who_is_saving(
    tool: Tool, outcome: Delivery
) -> None:
    """Else each would wait for the other: the save needs the score, when it has the person."""
    amina = tool.sign_in("amina")
    amina.post_json("ratings", {"code": CODES[0], "state": "achieved", "note": "", "version": 0})
    passback = Passback(tool.runtime, make_protocol(tool.runtime))
    with tool.database.transaction() as session:
        (lease,) = take(session, limit=1, lease_for=timedelta(seconds=60))
        delivery = begin_delivery(session, int(lease.key))
    assert delivery
    with tool.database.transaction() as saving, tool.database.transaction() as noting:
        lock_person(saving, amina.actor.person_id)
        noting.execute(text("SET LOCAL lock_timeout = '5s'"))
        assert passback._settle(noting, lease, delivery, outcome)

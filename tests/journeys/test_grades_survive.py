"""Grades survive the death of a worker at each step, and of everything at once.

Each test ends with the gradebooks and the tool in agreement: see `agreement`.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.gateway.passback import LeaseLost
from lti_tool.kernel import clock
from lti_tool.outbox.models import Message
from lti_tool.outbox.rules import Lease
from lti_tool.outbox.services import take
from lti_tool.wiring.messages import handlers
from tests.journeys.agreement import assert_agreement, assert_equal_gradebooks, wait_for_delivery
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner
from tests.journeys.processes import PATIENCE, Running, eventually, typed
from tests.journeys.servers import Site
from tests.tool import Tool

FOR_EVER = 60  # seconds: the LMS is ended with the test, and such a call with it


def slow(site: Site, scope: str, seconds: int) -> None:
    """Makes the next call of a kind take long; what it asks for is done at its end."""
    site.lms.break_down({"kind": "slow", "scope": scope, "seconds": seconds, "remaining": 1})


def before_taking(site: Site, amina: Learner, worker: Running) -> None:
    site.freeze(worker)
    amina.rate(CODES[0])
    worker.kill()
    (message,) = site.messages()
    assert message.attempts == 0


def asking_for_a_token(site: Site, amina: Learner, worker: Running) -> None:
    slow(site, "token", FOR_EVER)
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    worker.kill()
    assert site.lms.ledger() == []


def posting_before_the_lms_stored(site: Site, amina: Learner, worker: Running) -> None:
    slow(site, "scores", FOR_EVER)
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    worker.kill()
    assert site.lms.ledger() == []


def after_the_lms_stored_and_before_its_answer(site: Site, amina: Learner, worker: Running) -> None:
    slow(site, "scores", 2)
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    site.freeze(worker)  # it has asked, and will not read the answer
    eventually(site.lms.stored, "the LMS has stored the score")
    worker.kill()


def after_the_answer_and_before_noting_it(site: Site, amina: Learner, worker: Running) -> None:
    slow(site, "scores", 2)
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    with site.database.transaction() as session:  # SQLite's write lock, or the message's row
        session.execute(select(Message).with_for_update()).all()
        eventually(site.lms.stored, "the LMS has stored the score")
        site.wait_for_a_waiter()  # the worker has the answer, and wants to note it
        worker.kill()


Kill = Callable[[Site, Learner, Running], None]
STEPS: list[Kill] = [
    before_taking,
    asking_for_a_token,
    posting_before_the_lms_stored,
    after_the_lms_stored_and_before_its_answer,
    after_the_answer_and_before_noting_it,
]


@pytest.mark.parametrize("killed", STEPS, ids=lambda step: step.__name__.replace("_", " "))
def test_a_worker_killed_at_any_step_leaves_the_grade_to_the_next(site: Site, killed: Kill) -> None:
    amina = Learner(site, "amina").open()
    worker = site.start_worker()
    killed(site, amina, worker)
    (score,) = site.scores()
    assert score.delivered_version == 0
    assert len(site.messages()) == 1
    site.let_leases_end()
    site.start_worker()
    assert_agreement(site)
    assert len(site.lms.stored()) == 1


@on("sqlite")
def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_in_hand(site: Site) -> None:
    amina = Learner(site, "amina").open()
    slow(site, "scores", 1)
    with typed(site.scene(), "worker") as worker:
        amina.rate(CODES[0])
        site.lms.wait_until_met()
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
    assert site.messages() == []
    assert_agreement(site)


def test_a_power_cut_amid_a_delivery_loses_nothing(open_site: OpenSite) -> None:
    site = open_site(outbox_lease_seconds="5")
    amina, cerys = Learner(site, "amina").open(), Learner(site, "cerys").open()
    amina.rate(CODES[0])
    slow(site, "scores", FOR_EVER)
    site.start_worker()
    site.lms.wait_until_met()
    cerys.rate(CODES[0])
    for running in site.running:
        running.kill()
    site.lms.start()
    site.start_web()
    amina.rate(CODES[1])
    site.start_worker()  # which waits for the dead one's lease to end by itself
    assert_agreement(site)


@on("postgresql")
def test_a_dead_workers_post_that_comes_late_does_not_replace_what_is_newer(site: Site) -> None:
    amina = Learner(site, "amina").open()
    worker = site.start_worker()
    slow(site, "scores", 3)
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    worker.kill()
    amina.rate(CODES[1])
    site.let_leases_end()
    site.start_worker()
    wait_for_delivery(site)
    eventually(lambda: len(site.lms.ledger()) == 2, "the late post has come as well")
    assert_agreement(site)


@on("postgresql")
def test_a_worker_that_slept_beyond_its_lease_changes_nothing_when_it_wakes(site: Site) -> None:
    amina = Learner(site, "amina").open()
    sleeper = site.start_worker()
    slow(site, "scores", 2)
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    site.freeze(sleeper)
    eventually(site.lms.stored, "the LMS has stored the score")
    amina.rate(CODES[1])
    site.let_leases_end()
    site.start_worker()
    wait_for_delivery(site)
    sleeper.thaw()
    eventually(lambda: f" {sleeper.pid}\n" in site.sending.read_text(), "the sleeper has woken up")
    wait_for_delivery(site)
    assert_equal_gradebooks(site)


def test_a_worker_held_up_before_its_post_leaves_it_to_its_successor(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    amina.post_json("ratings", {"code": CODES[0], "state": "achieved", "note": "", "version": 0})
    first, second = (lease_of(tool) for _ in range(2))
    with pytest.raises(LeaseLost):
        handlers(tool.runtime)[first.topic](first)
    assert not tool.http.calls
    handlers(tool.runtime)[second.topic](second)
    assert tool.http.calls


def lease_of(tool: Tool) -> Lease:
    """Takes the one message, the lease of an earlier taker having ended."""
    with tool.database.transaction() as session:
        session.execute(update(Message).values(leased_until=clock.now()))
        (lease,) = take(session, limit=9, lease_for=timedelta(seconds=60))
    return lease

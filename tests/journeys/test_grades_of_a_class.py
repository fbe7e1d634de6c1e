"""A whole class: the LMS is away, faults come and go, many workers share."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import update

from lti_tool.kernel import clock
from lti_tool.outbox.models import Message
from tests.journeys.agreement import assert_agreement
from tests.journeys.classroom import fill_class, rate_as
from tests.journeys.learner import CODES, Learner, in_parallel, learners
from tests.journeys.processes import eventually
from tests.journeys.servers import Site

FAULTS = ("503", "500", "lost-answer", "401", "429", "409", "down")


def test_a_class_rates_while_the_lms_is_down_and_all_arrives_when_it_is_back(site: Site) -> None:
    class_ = learners(site, 20)
    site.start_worker()
    site.lms.kill()
    in_parallel(lambda learner: learner.rate_all(CODES[:2]), class_)
    eventually(lambda: all(m.attempts for m in site.messages()), "each grade has been tried")
    let_the_waits_be_long(site)
    site.lms.start()
    assert_agreement(site)
    assert len(site.scores()) == 20


def let_the_waits_be_long(site: Site) -> None:
    """Makes all grades but one wait as they would after an evening without the LMS."""
    eventually(lambda: not any(m.lease for m in site.messages()), "no grade is in hand")
    wait = timedelta(hours=1)
    first = site.messages()[0]
    with site.database.transaction() as session:
        session.execute(
            update(Message)
            .where(Message.id != first.id)
            .values(available_at=clock.now() + wait, wait_seconds=wait.total_seconds())
        )


@contextmanager
def faults_come_and_go(site: Site) -> Iterator[None]:
    """Breaks the LMS in one way after another, with moments of health between."""
    is_over = Event()

    def spoil() -> None:
        while not is_over.is_set():
            for kind in FAULTS:
                scope = random.choice(("all", "scores", "token"))  # noqa: S311 - any will do
                fault = {"kind": kind, "scope": scope, "remaining": 3, "retry_after": 1}
                site.lms.break_down(fault)
                if is_over.wait(0.4):
                    break
        site.lms.mend()

    spoiler = Thread(target=spoil)
    spoiler.start()
    try:
        yield
    finally:
        is_over.set()
        spoiler.join()


# Many workers at once are PostgreSQL's part; on SQLite every writer waits for the one before.
@pytest.mark.parametrize(
    ("engine_name", "count"), [("postgresql", 200), ("sqlite", 60)], indirect=["engine_name"]
)
def test_two_hundred_learners_change_three_times_while_faults_come_and_go(
    site: Site, count: int
) -> None:
    browsers = learners(site, 12)
    class_ = fill_class(site, count - len(browsers))
    for _ in range(2):
        site.start_worker()
    with faults_come_and_go(site):
        for code in CODES[:3]:
            in_parallel(lambda learner, code=code: learner.rate(code), browsers)
            in_parallel(lambda pupil, code=code: rate_as(site, pupil, code), class_)
    assert_agreement(site)
    scores = site.scores()
    assert len(scores) == count
    assert {score.version for score in scores} == {3}
    assert processes_that_sent(site) > 1


def test_four_workers_share_the_work_and_never_a_grade(site: Site) -> None:
    Learner(site, "amina").open()
    class_ = fill_class(site, 40)
    site.lms.break_down({"kind": "slow", "scope": "scores", "seconds": 0.05})
    for _ in range(4):
        site.start_worker()
    for code in CODES[:2]:
        in_parallel(lambda pupil, code=code: rate_as(site, pupil, code), class_)
    assert_agreement(site)
    assert processes_that_sent(site) > 1


def processes_that_sent(site: Site) -> int:
    return len({line.split()[-1] for line in site.sending.read_text().splitlines()})

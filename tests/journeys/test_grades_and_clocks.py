"""A clock that was set back makes no grade older than the one before it, and keeps none waiting."""

from datetime import timedelta

import pytest
import time_machine

from lti_tool.kernel import clock
from tests.journeys.agreement import assert_agreement
from tests.journeys.classroom import fill_class, rate_as
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner
from tests.journeys.processes import eventually
from tests.journeys.servers import Site

WITHIN_LEEWAY = -timedelta(seconds=45)
TWO_HOURS_BACK = -timedelta(hours=2)


@on("sqlite")
def test_the_tools_clock_is_set_back_by_less_than_a_minute(site: Site) -> None:
    amina = Learner(site, "amina").open()
    amina.rate(CODES[0])
    worker = site.start_worker()
    assert_agreement(site)
    worker.kill()
    site.kill_web()
    site.start_web(clock_off_by=WITHIN_LEEWAY)
    site.start_worker(clock_off_by=WITHIN_LEEWAY)
    amina.open().rate(CODES[1])
    assert_agreement(site)
    assert len(site.lms.stored()) == 2


@pytest.mark.parametrize(
    ("engine_name", "profile"),
    [("postgresql", "moodle"), ("sqlite", "canvas"), ("sqlite", "strict")],
    indirect=["engine_name"],
)
def test_everybodys_clock_is_set_back_while_a_dead_worker_holds_a_grade(
    open_site: OpenSite, profile: str
) -> None:
    site = open_site(profile)
    amina, cerys = Learner(site, "amina").open(), Learner(site, "cerys").open()
    amina.rate(CODES[0])
    worker = site.start_worker()
    assert_agreement(site)
    site.freeze(worker)
    cerys.rate(CODES[0])
    site.lms.break_down({"kind": "slow", "scope": "scores", "seconds": 60, "remaining": 1})
    worker.thaw()
    site.lms.wait_until_met()
    for running in reversed(site.running):
        running.kill()
    site.lms.start(clock_off_by=TWO_HOURS_BACK)
    site.start_web(clock_off_by=TWO_HOURS_BACK)
    site.start_worker(clock_off_by=TWO_HOURS_BACK)
    amina.open().rate(CODES[1])
    assert_agreement(site)
    assert len(site.lms.stored()) == 3


@on("postgresql")
def test_grades_are_recorded_by_a_host_whose_clock_is_hours_behind(site: Site) -> None:
    Learner(site, "amina").open()
    (pupil,) = fill_class(site, 1)
    rate_as(site, pupil, CODES[0])
    site.start_worker()
    assert_agreement(site)
    for code in CODES[1:3]:
        with time_machine.travel(clock.now() + TWO_HOURS_BACK):
            rate_as(site, pupil, code)
        assert_agreement(site)
    assert len(site.lms.stored()) == 3


@on("sqlite")
def test_grades_wait_for_a_clock_that_the_lms_does_not_believe(site: Site) -> None:
    amina = Learner(site, "amina").open()
    worker = site.start_worker(clock_off_by=TWO_HOURS_BACK)
    amina.rate(CODES[0])
    eventually(lambda: "token-refused" in site.command("grades", "list"), "the reason is shown")
    worker.kill()
    site.start_worker()
    site.command("grades", "retry", "--all")
    assert_agreement(site)

"""Grades arrive in the gradebook of every kind of LMS, the newest wins, refusals are shown."""

from datetime import datetime, timedelta

import pytest

from lti_tool.grades.rules import DeliveryState
from tests.journeys.agreement import assert_agreement, gradebook, wait_for_delivery
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import (
    A_YEAR_LATER,
    CODES,
    LEVEL_1,
    TWO_DOMAINS,
    Learner,
    in_parallel,
    learners,
)
from tests.journeys.lms import IMH101, IMH201
from tests.journeys.processes import eventually
from tests.journeys.servers import Site


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
def test_every_change_arrives_in_every_course_of_the_learner(
    open_site: OpenSite, profile: str
) -> None:
    site = open_site(profile, embedded=True)
    amina = Learner(site, "amina").open()
    cerys = Learner(site, "cerys", TWO_DOMAINS).open()
    Learner(site, "amina", A_YEAR_LATER, IMH201).open()
    amina.rate_all(CODES[:4])
    cerys.rate_all(CODES[:2], "working-towards")
    assert_agreement(site)
    amina.rate(CODES[0], "not-started")
    amina.rate_all(CODES[4:8])
    cerys.rate_all(CODES[:3])
    assert_agreement(site)
    written = {(cell["user"], cell["line_item_id"]) for cell in site.lms.cells()}
    assert written == {
        ("amina", 31),
        ("amina", 32),
        ("amina", 41),
        ("cerys", 31),
        ("cerys", 32),
    }


@on("postgresql")
def test_rapid_changes_go_out_as_one_and_the_newest_wins(site: Site) -> None:
    amina = Learner(site, "amina").open()
    for state in ("working-towards", "achieved", "not-started", "achieved"):
        amina.rate(CODES[0], state)
    amina.rate(CODES[1])
    site.start_worker()
    assert_agreement(site)
    (cell,) = site.lms.cells()
    assert cell["writes"] == 1
    assert "2 achieved" in cell["comment"]


def test_a_change_while_the_last_one_is_under_way_arrives_after_it(site: Site) -> None:
    amina = Learner(site, "amina").open()
    site.lms.break_down({"kind": "slow", "scope": "scores", "seconds": 1, "remaining": 1})
    site.start_worker()
    amina.rate(CODES[0])
    site.lms.wait_until_met()
    amina.rate(CODES[1])
    assert_agreement(site)
    assert [score["comment"].split(";")[1] for score in site.lms.stored()] == [
        " 1 achieved, 0 working towards.",
        " 2 achieved, 0 working towards.",
    ]


@on("sqlite")
def test_one_worker_asks_for_one_access_token(site: Site) -> None:
    class_ = learners(site, 6)
    in_parallel(lambda learner: learner.rate_all(CODES[:2]), class_)
    site.start_worker()
    assert_agreement(site)
    assert site.lms.log()["counts"]["tokens_issued"] == 1


@on("sqlite")
def test_a_column_that_the_launch_does_not_name_is_found(site: Site) -> None:
    site.lms.control("PUT", "settings", lineitem_claim=False)
    amina = Learner(site, "amina").open()
    amina.rate(CODES[0])
    site.start_worker()
    eventually(site.scores, "the column is found and the score recorded")
    assert_agreement(site)
    assert len(gradebook(site)) == 1


@pytest.mark.parametrize(
    ("engine_name", "method", "member"),
    [("sqlite", "PUT", {"role": "tutor"}), ("postgresql", "DELETE", {})],
    ids=["became a tutor", "left the course"],
    indirect=["engine_name"],
)
def test_a_grade_that_is_refused_for_good_is_listed_and_can_be_sent_again(
    site: Site, method: str, member: dict[str, str]
) -> None:
    amina, cerys = Learner(site, "amina").open(), Learner(site, "cerys").open()
    site.lms.control(method, f"courses/{IMH101}/members/amina", **member)
    amina.rate(CODES[0])
    cerys.rate(CODES[0])
    site.start_worker()
    wait_for_delivery(site)
    assert {score.state for score in site.scores()} == {
        DeliveryState.FAILED,
        DeliveryState.DELIVERED,
    }
    (line,) = site.command("grades", "list").splitlines()
    assert "failed (person-not-gradable)" in line
    assert len(site.lms.ledger()) == 2  # it was not tried again and again
    site.lms.control("PUT", f"courses/{IMH101}/members/amina", role="learner")
    assert "1 grade" in site.command("grades", "retry", line.split()[0])
    assert_agreement(site)
    assert "Every grade has arrived." in site.command("grades", "list")


@on("sqlite")
def test_a_column_that_was_deleted_is_named_as_the_reason(site: Site) -> None:
    amina = Learner(site, "amina").open()
    site.lms.control("DELETE", "lineitems/31")
    amina.rate(CODES[0])
    site.start_worker()
    wait_for_delivery(site)
    assert "failed (line-item-gone)" in site.command("grades", "list")


@on("sqlite")
def test_the_tool_waits_for_as_long_as_the_lms_asks(site: Site) -> None:
    wait = 3  # seconds: longer than the first wait of a grade that failed for another reason
    fault = {"kind": "429", "scope": "scores", "remaining": 1, "retry_after": wait}
    site.lms.break_down(fault)
    amina = Learner(site, "amina", LEVEL_1).open()
    amina.rate(CODES[0])
    site.start_worker()
    assert_agreement(site)
    refused, stored = site.lms.ledger()
    assert (refused["status"], stored["status"]) == (429, 200)
    came = [datetime.fromisoformat(score["received_at"]) for score in (refused, stored)]
    assert came[1] - came[0] >= timedelta(seconds=wait)

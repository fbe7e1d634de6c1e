"""Handed in, graded, handed in again, graded anew: what each kind of gradebook shows on the way."""

from typing import Any

import pytest

from lti_tool.grades.rules import DeliveryState
from lti_tool.portfolios.submitting.grading import record_verdict
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.portfolios.submitting.services import begin_review, return_for_more
from tests.journeys.agreement import wait_for_delivery
from tests.journeys.conftest import OpenSite
from tests.journeys.processes import eventually
from tests.journeys.servers import Site
from tests.journeys.writers import COLUMN, launch, writer_at

TOTAL = 12


def cell(site: Site) -> dict[str, Any]:
    (found,) = (one for one in site.lms.cells() if one["line_item_id"] == COLUMN)
    return found


def judge(site: Site, submission: SubmissionView, met: int, *, recognised: bool = False) -> None:
    words = "Recognised." if recognised else f"{met} of {TOTAL} met."
    with site.database.transaction() as session:
        record_verdict(
            session, submission, met=met, total=TOTAL, recognised=recognised, comment=words
        )


def give_back(site: Site, submission: SubmissionView, codes: list[str]) -> None:
    with site.database.transaction() as session:
        assert begin_review(session, submission.id)
        assert return_for_more(session, submission.id, codes)


@pytest.mark.parametrize(
    ("engine_name", "profile", "submissions"),
    [("postgresql", "moodle", 0), ("sqlite", "canvas", 2), ("sqlite", "strict", 0)],
    indirect=["engine_name"],
)
def test_each_step_of_a_portfolio_shows_in_the_gradebook(
    open_site: OpenSite, profile: str, submissions: int
) -> None:
    site = open_site(profile, embedded=True)
    amina = writer_at(site, launch(site, "amina"))
    amina.make_ready()
    first = amina.hand_in()
    wait_for_delivery(site)
    pending = cell(site)
    assert (pending["value"], pending["activity_progress"]) == (None, "Submitted")
    assert pending["grading_progress"] == "PendingManual"
    assert "handed in" in pending["comment"]
    give_back(site, first, amina.codes[6:])
    judge(site, first, 6)
    wait_for_delivery(site)
    assert (cell(site)["value"], cell(site)["comment"]) == (50, "6 of 12 met.")
    second = amina.hand_in()
    wait_for_delivery(site)
    assert cell(site)["value"] == 50  # nothing is erased to say that it was handed in again
    judge(site, second, TOTAL, recognised=True)
    wait_for_delivery(site)
    done = cell(site)
    assert (done["value"], done["comment"]) == (100, "Recognised.")
    assert (done["activity_progress"], done["grading_progress"]) == ("Completed", "FullyGraded")
    assert done["submissions"] == submissions


@pytest.mark.parametrize(
    ("engine_name", "profile"),
    [("sqlite", "moodle"), ("postgresql", "canvas")],
    indirect=["engine_name"],
)
def test_a_worker_that_dies_while_it_announces_leaves_one_submission(
    open_site: OpenSite, profile: str
) -> None:
    site = open_site(profile)
    amina = writer_at(site, launch(site, "amina"))
    amina.make_ready()
    site.lms.break_down({"kind": "slow", "scope": "scores", "seconds": 2, "remaining": 1})
    submission = amina.hand_in()
    worker = site.start_worker()
    site.lms.wait_until_met()
    worker.kill()
    eventually(site.lms.cells, "the LMS took what it was sent")
    site.let_leases_end()
    site.start_worker()
    wait_for_delivery(site)
    (score,) = site.scores()
    assert (score.state, score.value) == (DeliveryState.DELIVERED, None)
    judge(site, submission, 3)
    wait_for_delivery(site)
    assert cell(site)["value"] == 25
    assert cell(site)["submissions"] == (1 if profile == "canvas" else 0)

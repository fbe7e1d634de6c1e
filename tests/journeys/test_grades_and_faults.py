"""An LMS that fails in one way after another has every grade in the end, once."""

from datetime import datetime, timedelta

import pytest

from tests.journeys.agreement import assert_agreement
from tests.journeys.conftest import OpenSite, on
from tests.journeys.learner import CODES, Learner, in_parallel, learners
from tests.journeys.servers import Site

FAULTS = [
    {"kind": "429", "scope": "scores", "retry_after": 1},
    {"kind": "503", "scope": "scores", "retry_after": 1},
    {"kind": "500", "scope": "scores"},
    {"kind": "401", "scope": "scores"},
    {"kind": "409", "scope": "scores"},
    {"kind": "down", "scope": "scores"},
    {"kind": "lost-answer", "scope": "scores"},
]


@pytest.mark.parametrize(
    ("engine_name", "profile", "at_the_token"),
    [
        ("postgresql", "moodle", "500"),
        ("sqlite", "canvas", "401"),
        ("sqlite", "strict", "lost-answer"),
    ],
    indirect=["engine_name"],
)
def test_all_grades_arrive_after_faults_of_every_kind(
    open_site: OpenSite, profile: str, at_the_token: str
) -> None:
    site = open_site(profile)
    class_ = learners(site, 6)
    faults = [{"kind": at_the_token, "scope": "token"}, *FAULTS]
    site.lms.break_down(*(fault | {"remaining": 1} for fault in faults))
    site.start_worker()
    in_parallel(lambda learner: learner.rate_all(CODES[:3]), class_)
    site.lms.wait_until_met()
    assert_agreement(site)


@pytest.mark.parametrize(
    ("profile", "kind"),
    [
        ("moodle", "lost-answer"),
        ("moodle", "slow"),
        ("canvas", "lost-answer"),
        ("canvas", "slow"),
        ("strict", "lost-answer"),
    ],
)
@on("sqlite")
def test_a_score_whose_answer_did_not_come_is_not_taken_twice(
    open_site: OpenSite, profile: str, kind: str
) -> None:
    site = open_site(profile, outgoing_timeout_seconds="1")
    amina = Learner(site, "amina").open()
    site.lms.break_down({"kind": kind, "scope": "scores", "seconds": 1.5, "remaining": 1})
    amina.rate(CODES[0])
    site.start_worker()
    assert_agreement(site)
    (score,) = site.lms.cells()
    assert score["writes"] == 1


@on("sqlite")
def test_a_wait_that_the_lms_asked_for_is_kept_though_other_grades_get_through(
    site: Site,
) -> None:
    class_ = learners(site, 4)
    wait = 4  # seconds: longer than the waits of those that failed for another reason
    site.lms.break_down(
        {"kind": "500", "scope": "scores", "remaining": 4},
        {"kind": "slow", "scope": "scores", "remaining": 2, "seconds": 1.5},
        {"kind": "429", "scope": "scores", "remaining": 1, "retry_after": wait},
    )
    in_parallel(lambda learner: learner.rate(CODES[0]), class_)
    site.start_worker()
    assert_agreement(site)
    ledger = site.lms.ledger()
    (refused,) = (score for score in ledger if score["status"] == 429)
    (stored,) = (s for s in ledger if s["is_stored"] and s["user_id"] == refused["user_id"])
    came = [datetime.fromisoformat(score["received_at"]) for score in (refused, stored)]
    assert came[1] - came[0] >= timedelta(seconds=wait)

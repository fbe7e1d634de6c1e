"""A tutor's grade in the gradebook: kept beside the tool's by Moodle, replaced by others."""

import pytest

from .standin import RESULTS_TYPE, Lms, results_url

LATER = "2099-11-20T10:00:00+00:00"


def override(lms: Lms, value: float | None, **more: object) -> None:
    lms.control("PUT", "lineitems/31/cells/amina", {"value": value} | more)


def shown(lms: Lms) -> dict[str, object]:
    (result,) = lms.call("GET", results_url(lms.lineitem()), accept=RESULTS_TYPE).json()
    return dict(result)


def test_moodle_keeps_an_override_and_answers_as_ever(lms: Lms) -> None:
    lms.post_score(lms.lineitem(), comment="ours")
    override(lms, 70)
    answer = lms.post_score(lms.lineitem(), scoreGiven=50, comment="newer", timestamp=LATER)
    assert (answer.status_code, answer.text) == (200, "")
    cell = lms.cell()
    assert (cell["value"], cell["comment"], cell["overridden"]) == (70, "ours", True)
    assert shown(lms)["resultScore"] == 70


def test_moodle_shows_what_was_sent_last_when_the_override_is_removed(lms: Lms) -> None:
    lms.post_score(lms.lineitem())
    override(lms, 70)
    lms.post_score(lms.lineitem(), scoreGiven=50, timestamp=LATER)
    lms.control("DELETE", "lineitems/31/cells/amina")
    assert (lms.cell()["value"], lms.cell()["overridden"]) == (50, False)


def test_moodle_refuses_a_score_that_is_older_than_the_override(lms: Lms) -> None:
    lms.post_score(lms.lineitem())
    override(lms, 70)
    answer = lms.post_score(lms.lineitem(), scoreGiven=50, timestamp="2026-11-20T10:00:01+00:00")
    assert answer.status_code == 409


@pytest.mark.parametrize("profile", ["canvas", "strict"])
def test_others_replace_a_tutors_grade_by_the_next_score(lms: Lms, profile: str) -> None:
    lms.play(profile)
    user = lms.control("GET", "state")["people"][0]["user_id"]
    lms.post_score(lms.lineitem(), userId=user)
    override(lms, 70)
    assert lms.cell()["value"] == 70
    named = "scoringUserId" in shown(lms)
    assert named == (profile == "strict")
    answer = lms.post_score(lms.lineitem(), userId=user, scoreGiven=50, timestamp=LATER)
    assert answer.status_code in {200, 201}
    assert (lms.cell()["value"], lms.cell()["overridden"]) == (50, False)


def test_a_cell_can_be_lost_as_by_a_restored_backup(lms: Lms) -> None:
    lms.post_score(lms.lineitem())
    override(lms, None, damage=True)
    assert (lms.cell()["value"], lms.cell()["overridden"]) == (None, False)
    assert lms.call("GET", results_url(lms.lineitem()), accept=RESULTS_TYPE).json() == []

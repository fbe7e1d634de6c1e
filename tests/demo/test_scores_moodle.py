"""Scores in the Moodle profile, as in the recording of Moodle 4.5."""

import pytest
import requests

from .standin import RESULTS_TYPE, SCORE_TYPE, Lms, results_url, scores_url


def stamp(second: int, fraction: str = "") -> str:
    return f"2026-11-20T10:00:{second:02}{fraction}+00:00"


@pytest.fixture
def item(lms: Lms) -> str:
    return lms.lineitem()


def results(lms: Lms, item: str) -> list[dict[str, object]]:
    return list(lms.call("GET", results_url(item), accept=RESULTS_TYPE).json())


def test_score_is_taken_with_an_empty_answer(lms: Lms, item: str) -> None:
    answer = lms.post_score(item, comment="well done")

    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["Content-Type"] == f"{SCORE_TYPE}; charset=utf-8"
    cell = lms.cell()
    assert (cell["value"], cell["comment"], cell["writes"]) == (40, "well done", 1)
    assert cell["timestamp"] == stamp(0)


@pytest.mark.parametrize("again", [stamp(0), stamp(0, ".999"), "2026-11-20T09:59:59Z"])
def test_score_of_the_same_second_or_earlier_is_a_conflict(lms: Lms, item: str, again: str) -> None:
    lms.post_score(item)

    answer = lms.post_score(item, scoreGiven=41, timestamp=again)

    assert (answer.status_code, answer.text) == (409, "[]")
    assert (lms.cell()["value"], lms.cell()["writes"]) == (40, 1)


def test_score_of_the_next_second_is_taken(lms: Lms, item: str) -> None:
    lms.post_score(item, timestamp=stamp(0, ".999"))

    assert lms.post_score(item, scoreGiven=41, timestamp=stamp(1)).status_code == 200
    assert (lms.cell()["value"], lms.cell()["writes"]) == (41, 2)


def test_missing_comment_erases_the_feedback(lms: Lms, item: str) -> None:
    lms.post_score(item, comment="well done")
    lms.post_score(item, timestamp=stamp(1))

    assert (lms.cell()["value"], lms.cell()["comment"]) == (40, None)


@pytest.mark.parametrize("progress", ["Pending", "PendingManual", "Failed", "NotReady"])
def test_any_progress_but_fully_graded_erases_the_grade(lms: Lms, item: str, progress: str) -> None:
    lms.post_score(item)

    answer = lms.post_score(item, scoreGiven=90, gradingProgress=progress, timestamp=stamp(1))

    assert answer.status_code == 200
    assert lms.cell()["value"] is None
    assert results(lms, item) == []


def test_erased_grade_has_no_time_and_then_takes_an_earlier_score(lms: Lms, item: str) -> None:
    lms.post_score(item, timestamp=stamp(5))
    lms.post_score(item, gradingProgress="Pending", timestamp=stamp(6))

    assert lms.cell()["timestamp"] is None
    assert lms.post_score(item, timestamp=stamp(1)).status_code == 200


def test_comment_without_a_grade_is_a_result_without_a_score(lms: Lms, item: str) -> None:
    lms.post_score(item, gradingProgress="Pending", comment="in review")

    (result,) = results(lms, item)
    assert set(result) == {"id", "userId"}


SUBMITTED: dict[str, object] = {
    "activityProgress": "Submitted",
    "gradingProgress": "PendingManual",
    "scoreGiven": ...,
    "scoreMaximum": ...,
    "comment": "handed in",
}


def test_what_is_pending_keeps_the_time_of_moodle_and_not_the_scores(lms: Lms, item: str) -> None:
    # save_grade_item passes a time on only with a score; update_raw_grade then takes its own.
    assert lms.post_score(item, **SUBMITTED).status_code == 200

    cell = lms.cell()
    assert (cell["value"], cell["comment"]) == (None, "handed in")
    assert cell["timestamp"] > stamp(59)
    assert lms.post_score(item, timestamp=stamp(1)).status_code == 409


def test_gradebook_says_that_something_waits_to_be_graded(lms: Lms, item: str) -> None:
    lms.post_score(item, **SUBMITTED)

    for path, who in (("grades", "morag"), ("grades", "amina"), ("", "amina")):
        page = requests.get(
            f"{lms.url}/courses/2/{path}".rstrip("/"), params={"as": who}, timeout=10
        )
        assert "Submitted, pending" in page.text


def test_result_has_the_recorded_form(lms: Lms, item: str) -> None:
    lms.post_score(item, scoreGiven=42, comment="well done")

    assert results(lms, item) == [
        {
            "id": f"{results_url(item)}&user_id=3",
            "userId": "3",
            "resultScore": 42,
            "resultMaximum": 100,
            "comment": "well done",
            "scoreOf": item,
            "timestamp": stamp(0),
        }
    ]


@pytest.mark.parametrize("who", ["999", "10", "morag", ""])
def test_unknown_person_and_tutor_are_refused_without_a_reason(
    lms: Lms, item: str, who: str
) -> None:
    answer = lms.post_score(item, userId=who)

    assert (answer.status_code, answer.text) == (400, "[]")
    assert lms.cells() == []


def test_removed_learner_is_refused_and_a_suspended_one_is_not(lms: Lms, item: str) -> None:
    lms.control("PUT", "courses/2/members/amina", {"active": False})
    assert lms.post_score(item).status_code == 200

    lms.control("DELETE", "courses/2/members/amina")
    assert lms.post_score(item, timestamp=stamp(1)).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"timestamp": ...},
        {"timestamp": "yesterday"},
        {"gradingProgress": ...},
        {"activityProgress": ...},
        {"scoreGiven": "many"},
        {"scoreMaximum": "much"},
    ],
)
def test_incomplete_score_is_refused(lms: Lms, item: str, fields: dict[str, object]) -> None:
    answer = lms.post_score(item, **fields)

    assert (answer.status_code, answer.text) == (400, "[]")


def test_score_is_scaled_to_the_line_item(lms: Lms, item: str) -> None:
    lms.post_score(item, scoreGiven=31.5, scoreMaximum=63)

    assert lms.cell()["value"] == 50


def test_missing_maximum_counts_as_one(lms: Lms, item: str) -> None:
    lms.post_score(item, scoreGiven=0.4, scoreMaximum=...)

    assert lms.cell()["value"] == 40


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"{not json"])
def test_body_that_is_no_score_is_refused(lms: Lms, item: str, body: bytes) -> None:
    headers = {"Content-Type": SCORE_TYPE}

    answer = lms.call("POST", scores_url(item), data=body, headers=headers)

    assert (answer.status_code, answer.text) == (400, "[]")


def test_other_media_type_is_refused_with_moodles_explanation(lms: Lms, item: str) -> None:
    answer = lms.call(
        "POST", scores_url(item), json={}, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["request"]["contentType"] == "application/json"


def test_own_clock_refuses_a_score_that_waited_in_the_outbox(lms: Lms, item: str) -> None:
    lms.control("PUT", "settings", {"own_clock": True})
    assert lms.post_score(item, timestamp=stamp(0)).status_code == 200

    late = lms.post_score(item, scoreGiven=90, timestamp=stamp(30))

    assert late.status_code == 409
    assert lms.cell()["value"] == 40
    assert lms.post_score(item, scoreGiven=90, timestamp="2999-01-01T00:00:00Z").ok


def test_own_clock_stands_still_when_nothing_changes(lms: Lms, item: str) -> None:
    lms.control("PUT", "settings", {"own_clock": True})
    lms.post_score(item)
    before = lms.cell()["timestamp"]

    lms.post_score(item, timestamp="2999-01-01T00:00:00Z")

    assert (lms.cell()["timestamp"], lms.cell()["writes"]) == (before, 2)

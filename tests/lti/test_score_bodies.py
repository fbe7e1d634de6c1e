"""What is sent to each LMS for a score, and whether its gradebook holds what was sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from lti_tool.lti.claims import CANVAS_SUBMISSION
from lti_tool.lti.deliveries import (
    ActivityProgress,
    Delivered,
    GradingProgress,
    Result,
    Score,
    Stale,
    must_not_downgrade,
)
from lti_tool.lti.platforms import Platform, platform_for

from .fakes import START

STRICT, MOODLE, CANVAS = (platform_for(code) for code in ("strict", "moodle", "canvas"))

SCORE = Score(
    user_id="17",
    score_given=42.0,
    score_maximum=100.0,
    timestamp=datetime(2026, 11, 21, 20, 40, 35, 123456, tzinfo=UTC),
    activity_progress=ActivityProgress.COMPLETED,
    grading_progress=GradingProgress.FULLY_GRADED,
    comment="Well done",
)


def test_a_score_has_the_names_of_the_specification() -> None:
    assert STRICT.score_body(SCORE) == {
        "userId": "17",
        "scoreGiven": 42.0,
        "scoreMaximum": 100.0,
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "timestamp": "2026-11-21T20:40:35.123+00:00",
        "comment": "Well done",
    }


def test_a_timestamp_is_sent_in_utc() -> None:
    elsewhere = SCORE.timestamp.astimezone(timezone(timedelta(hours=5, minutes=45)))
    body = STRICT.score_body(replace(SCORE, timestamp=elsewhere))
    assert body["timestamp"] == "2026-11-21T20:40:35.123+00:00"


def test_no_score_means_no_numbers_and_no_comment_no_comment() -> None:
    body = STRICT.score_body(replace(SCORE, score_given=None, comment=""))
    assert not {"scoreGiven", "scoreMaximum", "comment"} & set(body)


def test_canvas_hears_when_the_work_was_handed_in() -> None:
    body = CANVAS.score_body(replace(SCORE, submitted_at=START))
    assert body["submission"] == {"submittedAt": "2026-11-21T20:40:32.000+00:00"}
    assert body[CANVAS_SUBMISSION] == {
        "new_submission": True,
        "submitted_at": "2026-11-21T20:40:32.000+00:00",
    }


def test_a_regrade_is_no_new_submission_in_canvas() -> None:
    body = CANVAS.score_body(replace(SCORE, is_regrade=True))
    assert body[CANVAS_SUBMISSION] == {"new_submission": False}


def test_canvas_is_told_what_speedgrader_opens() -> None:
    url = "https://tool.example/work/1"
    assert CANVAS.score_body(replace(SCORE, review_url=url))[CANVAS_SUBMISSION] == {
        "new_submission": True,
        "submission_type": "basic_lti_launch",
        "submission_data": url,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"score_given": -1.0},
        {"score_given": float("nan")},
        {"score_given": float("inf")},
        {"score_maximum": 0.0},
        {"score_maximum": float("nan")},
        {"timestamp": datetime(2026, 11, 21)},  # noqa: DTZ001 - to be refused
        {"submitted_at": datetime(2026, 11, 21)},  # noqa: DTZ001 - to be refused
    ],
)
def test_an_impossible_score_cannot_be_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(SCORE, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "new", "forbidden"),
    [
        (None, {"grading_progress": GradingProgress.PENDING}, False),
        ({}, {}, False),
        ({}, {"score_given": 0.0}, False),
        ({}, {"grading_progress": GradingProgress.PENDING_MANUAL}, True),
        ({}, {"score_given": None}, True),
        ({"score_given": None}, {"grading_progress": GradingProgress.NOT_READY}, False),
        ({"grading_progress": GradingProgress.PENDING}, {"score_given": None}, False),
    ],
)
def test_a_grade_is_never_erased(
    sent: dict[str, object] | None, new: dict[str, object], *, forbidden: bool
) -> None:
    before = None if sent is None else replace(SCORE, **sent)  # type: ignore[arg-type]
    assert must_not_downgrade(before, replace(SCORE, **new)) is forbidden  # type: ignore[arg-type]


# --- whether the gradebook holds what was sent


def held(score: float | None, maximum: float | None = 100.0, comment: str | None = None) -> Result:
    return Result("17", score, maximum, comment)


@pytest.mark.parametrize(
    ("platform", "stored", "change", "same"),
    [
        (STRICT, held(42.0, comment="Well done"), {}, True),
        (STRICT, held(42.0), {}, True),
        (STRICT, held(42.0, comment="Other"), {}, False),
        (STRICT, held(41.0), {}, False),
        (STRICT, held(0.42, 1.0), {}, True),
        (STRICT, held(42.0, None), {}, True),
        (STRICT, held(14.0, 33.33333), {}, True),
        (STRICT, held(None), {}, False),
        (STRICT, None, {}, False),
        # Without a grade only the words are proof that it came.
        (STRICT, None, {"score_given": None}, False),
        (STRICT, held(None), {"score_given": None}, False),
        (STRICT, held(None, comment="Well done"), {"score_given": None}, True),
        (STRICT, held(None, comment="Other"), {"score_given": None}, False),
        (MOODLE, held(None, None), {"score_given": None}, False),
        (STRICT, held(1.0), {"score_given": None}, False),
        (MOODLE, held(42.0, comment="Well done"), {}, True),
        (MOODLE, held(42.0), {}, False),
        (MOODLE, held(42.0), {"comment": ""}, True),
        (MOODLE, held(None, None), {"score_given": 0.0}, True),
        (MOODLE, held(None, None), {}, False),
        (MOODLE, None, {"score_given": 0.0}, False),
        (STRICT, held(None, None), {"score_given": 0.0}, False),
    ],
)
def test_when_the_gradebook_holds_what_was_sent(
    platform: Platform, stored: Result | None, change: dict[str, object], *, same: bool
) -> None:
    assert platform.holds(stored, replace(SCORE, **change)) is same  # type: ignore[arg-type]


def test_outcomes_are_values() -> None:
    assert Delivered() == Delivered()
    assert Stale(None) == Stale()

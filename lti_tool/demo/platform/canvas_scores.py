"""Canvas's way with scores (app/controllers/lti/ims/scores_controller.rb)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lti_tool.demo.platform.scoring import (
    CellValue,
    Refusal,
    Score,
    ScoreRules,
    Standing,
    Writing,
    read_moment,
)

TAKES_SCORE = ("FullyGraded", "PendingManual")
REQUIRED = ("userId", "activityProgress", "gradingProgress", "timestamp")
FUTURE_ALLOWED = timedelta(minutes=1)


class CanvasScores(ScoreRules):
    """Every score is a new submission unless it says otherwise; comments only grow."""

    def refusal(
        self, score: Score, standing: Standing, cell: CellValue, now: datetime
    ) -> Refusal | None:
        """The checks in Canvas's order. An equal timestamp is taken, an earlier one is not."""
        if standing is not Standing.LEARNER:
            return _because(422, "User not found in course or is not a student")
        missing = [name for name in REQUIRED if not score.fields.get(name)]
        if missing:
            return _because(400, f"param is missing or the value is empty: {missing[0]}")
        moment = score.timestamp
        if moment is None:
            return _because(400, "Provided timestamp not a valid timestamp")
        if cell.timestamp and cell.timestamp > moment:
            return _because(400, "Provided timestamp before last updated timestamp")
        if not _ignores(score) and (score.maximum is None or score.maximum < 0):
            return _because(422, "ScoreMaximum not supplied when ScoreGiven present.")
        return _submission_refusal(score, now)

    def written(self, writing: Writing) -> CellValue:
        """A progress that is not gradable takes the score away; a comment is never taken."""
        score, cell = writing.score, writing.cell
        extension = dict(score.canvas_submission)
        value = None if _ignores(score) else score.scaled(writing.line_item_maximum)
        return replace(
            cell,
            value=value,
            raw_value=value,
            overridden_at=None,
            comment=score.comment or cell.comment,
            timestamp=score.timestamp,
            activity_progress=score.activity,
            grading_progress=score.grading,
            submissions=cell.submissions + (1 if _is_new_submission(score) else 0),
            submission=extension or cell.submission,
        )

    def answer(self, _score: Score, result_url: str) -> tuple[int, Any]:
        """Canvas answers with the address of the result."""
        return 200, {"resultUrl": result_url}


def _ignores(score: Score) -> bool:
    return score.grading not in TAKES_SCORE or score.given is None


def _is_new_submission(score: Score) -> bool:
    extension = score.canvas_submission
    is_new = extension.get("new_submission") not in (False, "false", 0, "0")
    return is_new and extension.get("submission_type") != "none"


def _submission_refusal(score: Score, now: datetime) -> Refusal | None:
    text = score.canvas_submission.get("submitted_at")
    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        return _because(400, f"Provided submitted_at timestamp of {text} not a valid timestamp")
    if moment > now + FUTURE_ALLOWED:
        return _because(400, f"Provided submitted_at timestamp of {text} in the future")
    return None


def _because(status: int, message: str) -> Refusal:
    return Refusal(status, {"errors": {"type": "unprocessable_entity", "message": message}})

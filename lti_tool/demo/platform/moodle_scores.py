"""Moodle's way with scores (mod/lti/service/gradebookservices, lib/grade/grade_item.php)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from lti_tool.demo.platform.scoring import (
    CellValue,
    Refusal,
    Score,
    ScoreRules,
    Standing,
    Writing,
    read_number,
)
from lti_tool.kernel.clock import floor_to_second

FINAL = "FullyGraded"


class MoodleScores(ScoreRules):
    """Refusals give no reason, times are whole seconds, and what is not final erases."""

    def refusal(
        self, score: Score, standing: Standing, cell: CellValue, _now: datetime
    ) -> Refusal | None:
        """As `scores::get_json_for_post_request`. A suspended learner may still be graded."""
        fields = score.fields
        complete = all(fields.get(name) is not None for name in _REQUIRED)
        if not complete or score.timestamp is None or not _has_numbers(score):
            return Refusal(400, [])
        if standing not in (Standing.LEARNER, Standing.SUSPENDED):
            return Refusal(400, [])
        if cell.timestamp and floor_to_second(cell.timestamp) >= floor_to_second(score.timestamp):
            return Refusal(409, [])
        return None

    def written(self, writing: Writing) -> CellValue:
        """As `save_grade_item`: any progress but FullyGraded takes the grade away, and a
        score without a comment takes the feedback away. With neither left, Moodle forgets
        the time too, and then takes a score of any time; with feedback alone it keeps its own
        time, not the score's. What a tutor entered over the grade of
        an activity stays; Moodle keeps the score beside it (`grade_item::update_raw_grade`), and
        answers as ever.
        """
        score = writing.score
        value = _scaled(score, writing.line_item_maximum) if score.grading == FINAL else None
        if writing.keeps_override and writing.cell.overridden_at:
            moment = None if score.timestamp is None else floor_to_second(score.timestamp)
            return replace(writing.cell, raw_value=value, timestamp=moment)
        cell = replace(
            writing.cell,
            value=value,
            raw_value=value,
            overridden_at=None,
            comment=score.comment or None,
            activity_progress=score.activity,
            grading_progress=score.grading,
        )
        return replace(cell, timestamp=_time_kept(writing, cell))

    def answer(self, _score: Score, _result_url: str) -> tuple[int, Any]:
        """Moodle answers with nothing."""
        return 200, None


_REQUIRED = ("userId", "timestamp", "gradingProgress", "activityProgress")


def _has_numbers(score: Score) -> bool:
    given = (score.fields.get(name) for name in ("scoreGiven", "scoreMaximum"))
    return all(value is None or read_number(value) is not None for value in given)


def _scaled(score: Score, line_item_maximum: float) -> float | None:
    """A missing maximum counts as 1, so a bare score of 40 becomes 4,000."""
    if score.given is None:
        return None
    maximum = 1.0 if score.maximum is None else score.maximum
    return score.given * line_item_maximum / maximum if maximum else score.given


def _time_kept(writing: Writing, cell: CellValue) -> datetime | None:
    if cell.value is None and cell.comment is None:
        return None
    if writing.own_clock or cell.value is None:
        is_same = (cell.value, cell.comment) == (writing.cell.value, writing.cell.comment)
        return writing.cell.timestamp if is_same else floor_to_second(writing.now)
    moment = writing.score.timestamp
    return None if moment is None else floor_to_second(moment)

"""What a score means for the gradebook: read, judged and written, without HTTP or SQL.

`ScoreRules` are the specification's (AGS 2.0, section 3.4) as Open edX reads it; a profile
that differs has rules of its own beside its other differences.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from lti_tool.demo.platform.names import ACTIVITY_PROGRESS, GRADING_PROGRESS

CANVAS_SUBMISSION = "https://canvas.instructure.com/lti/submission"


class Standing(Enum):
    """What the scored person is in the line item's course, as far as grading cares."""

    LEARNER = auto()
    SUSPENDED = auto()
    TUTOR = auto()
    NOBODY = auto()


@dataclass(frozen=True, slots=True)
class Score:
    """A score as it was sent (AGS 2.0, section 3.4.5); nothing in it is checked yet."""

    fields: Mapping[str, Any]

    @property
    def user_id(self) -> str:
        return str(self.fields.get("userId", ""))

    @property
    def timestamp(self) -> datetime | None:
        """The moment, or none when it is not ISO 8601. Without an offset it is UTC."""
        return read_moment(self.fields.get("timestamp"))

    @property
    def given(self) -> float | None:
        return read_number(self.fields.get("scoreGiven"))

    @property
    def maximum(self) -> float | None:
        return read_number(self.fields.get("scoreMaximum"))

    @property
    def comment(self) -> str | None:
        comment = self.fields.get("comment")
        return None if comment is None else str(comment)

    @property
    def activity(self) -> str:
        return str(self.fields.get("activityProgress", ""))

    @property
    def grading(self) -> str:
        return str(self.fields.get("gradingProgress", ""))

    @property
    def canvas_submission(self) -> Mapping[str, Any]:
        """Canvas's extension; empty when it is absent or not an object."""
        extension = self.fields.get(CANVAS_SUBMISSION)
        return extension if isinstance(extension, Mapping) else {}

    def scaled(self, line_item_maximum: float) -> float | None:
        """The score in the line item's own scale; as given when its maximum is no divisor."""
        if self.given is None or not self.maximum:
            return self.given
        return self.given * line_item_maximum / self.maximum


@dataclass(frozen=True, slots=True)
class CellValue:
    """What a gradebook cell holds for one learner."""

    value: float | None = None
    comment: str | None = None
    timestamp: datetime | None = None
    activity_progress: str = ""
    grading_progress: str = ""
    submissions: int = 0
    submission: dict[str, Any] | None = None
    raw_value: float | None = None
    overridden_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a score is not taken: a status, and the body that the LMS gives with it."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Writing:
    """Everything that rules need to write a score: where to, when, and what is there.

    `keeps_override`: a grade that a tutor entered in this column is not replaced by a score.
    """

    score: Score
    cell: CellValue
    line_item_maximum: float
    now: datetime
    own_clock: bool = False
    keeps_override: bool = False


class ScoreRules:
    """The specification's rules, each required field checked, as strict as Open edX."""

    def refusal(
        self, score: Score, standing: Standing, cell: CellValue, _now: datetime
    ) -> Refusal | None:
        """Returns why the score is refused, or none when it is to be written."""
        errors = {**_missing(score), **_malformed(score)}
        if not errors and standing not in (Standing.LEARNER, Standing.SUSPENDED):
            errors["userId"] = ["This user is not a learner of the course."]
        moment = score.timestamp
        # Open edX refuses an equal timestamp too, with 400: LtiAgsScoreSerializer.
        if moment and cell.timestamp and moment <= cell.timestamp:
            errors.setdefault("timestamp", ["A score of this time or a later one is here already."])
        return Refusal(400, errors) if errors else None

    def written(self, writing: Writing) -> CellValue:
        """Returns what the cell holds afterwards.

        Without `scoreGiven` the score is cleared (AGS 2.0, section 3.4.5.1); without a
        `comment` the earlier one stays. A tutor's grade is replaced.
        """
        score = writing.score
        value = score.scaled(writing.line_item_maximum)
        return replace(
            writing.cell,
            value=value,
            raw_value=value,
            overridden_at=None,
            comment=score.comment if "comment" in score.fields else writing.cell.comment,
            timestamp=score.timestamp,
            activity_progress=score.activity,
            grading_progress=score.grading,
        )

    def answer(self, score: Score, _result_url: str) -> tuple[int, Any]:
        """Returns the status and the body (none: empty) after a score was written."""
        return 201, dict(score.fields)


def read_score(body: bytes) -> Score | None:
    """Returns the score in a request's body, or none when it is no JSON object."""
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    return Score(fields) if isinstance(fields, dict) and fields else None


def read_moment(text: object) -> datetime | None:
    """Returns an aware moment from ISO 8601 text, or none."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_number(value: object) -> float | None:
    """Returns a number, also from text that is one; a truth value is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _missing(score: Score) -> dict[str, list[str]]:
    required = ("userId", "timestamp", "activityProgress", "gradingProgress")
    return {name: ["This field is required."] for name in required if not score.fields.get(name)}


def _malformed(score: Score) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    fields = score.fields
    if fields.get("timestamp") and not _has_offset(fields["timestamp"]):
        errors["timestamp"] = ["Give an ISO 8601 time with its offset."]
    if score.activity and score.activity not in ACTIVITY_PROGRESS:
        errors["activityProgress"] = [f'"{score.activity}" is not a valid choice.']
    if score.grading and score.grading not in GRADING_PROGRESS:
        errors["gradingProgress"] = [f'"{score.grading}" is not a valid choice.']
    if fields.get("scoreGiven") is not None:
        if score.given is None or score.given < 0:
            errors["scoreGiven"] = ["A number that is not negative is required."]
        if not score.maximum or score.maximum < 0:
            errors["scoreMaximum"] = ["A positive number is required with scoreGiven."]
    return errors


def _has_offset(text: object) -> bool:
    try:
        return datetime.fromisoformat(str(text)).tzinfo is not None
    except ValueError:
        return False

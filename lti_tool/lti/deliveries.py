"""A score on its way to a gradebook, what the gradebook holds, and how a delivery can end."""

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ActivityProgress(StrEnum):
    """How far the person is (AGS 2.0, “activityProgress”)."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class GradingProgress(StrEnum):
    """How far the grading is (AGS 2.0, “gradingProgress”)."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


@dataclass(frozen=True, slots=True)
class Score:
    """What a person has reached (AGS 2.0, “Score service”). Raises `ValueError` for impossible numbers.

    `score_given` is None when there is nothing to show yet. `is_regrade`: the same piece of work
    as before, judged anew. `review_url`: what an assessor of the LMS opens to see the work.
    """

    user_id: str
    score_given: float | None
    score_maximum: float
    timestamp: datetime
    activity_progress: ActivityProgress
    grading_progress: GradingProgress
    comment: str = field(default="", repr=False)
    submitted_at: datetime | None = None
    is_regrade: bool = False
    review_url: str = ""

    def __post_init__(self) -> None:
        given = 0.0 if self.score_given is None else self.score_given
        if not (math.isfinite(given) and given >= 0):
            raise ValueError("score_given must be a number from 0 up")
        if not (math.isfinite(self.score_maximum) and self.score_maximum > 0):
            raise ValueError("score_maximum must be a number above 0")
        if self.timestamp.tzinfo is None:
            raise ValueError("timestamp must be aware")
        if self.submitted_at is not None and self.submitted_at.tzinfo is None:
            raise ValueError("submitted_at must be aware")

    @property
    def is_graded(self) -> bool:
        """Whether the LMS shows a grade for it."""
        return self.score_given is not None and (
            self.grading_progress == GradingProgress.FULLY_GRADED
        )


def must_not_downgrade(sent: Score | None, new: Score) -> bool:
    """Returns whether `new` would erase the grade that `sent` made, and must not be sent.

    Moodle drops the grade for anything but `FullyGraded`; Canvas for anything without a score
    and for `NotReady`, `Failed` and `Pending`.
    """
    return sent is not None and sent.is_graded and not new.is_graded


@dataclass(frozen=True, slots=True)
class Result:
    """What the gradebook holds for a person (AGS 2.0, “Result service”); None where it says nothing.

    `by_person`: the LMS names who gave the score (`scoringUserId`), which no tool's score has.
    """

    user_id: str
    score: float | None
    maximum: float | None = None
    comment: str | None = field(default=None, repr=False)
    timestamp: datetime | None = None
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """The gradebook holds the score."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now; the same score may be sent again, after `retry_after` seconds if the LMS said."""

    reason_code: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """No, and not later either; shown to the tutor."""

    reason_code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stale:
    """The gradebook holds something else with a timestamp that is not older.

    The score is to be sent again with a later timestamp. `stored` is None when the gradebook
    could not be read.
    """

    stored: Result | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody gave another grade in the gradebook, which stands. None: it shows no grade."""

    stored: Result | None


Delivery = Delivered | Deferred | Rejected | Stale | Overridden

# The codes that `reason_code` takes; the sentences for people belong to the gradebook's room.
DEFERRED_REASONS = frozenset(
    {
        # from `CallFailed`
        "unreachable",
        "timeout",
        "answer-too-large",
        "address-refused",
        "redirected",
        # from the score service
        "busy",
        "clock-ahead",
        "service-unauthorised",
        "service-unavailable",
        # from the token address
        "token-refused",
        "token-unavailable",
        "token-unreadable",
    }
)
REJECTED_REASONS = frozenset(
    {
        "attempts-used-up",
        "line-item-gone",
        "permission-missing",
        "person-not-gradable",
        "score-refused",
    }
)

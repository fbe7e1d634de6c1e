"""The words of peer review: parts, states, verdicts, outcomes. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# Read by the register's worker: the key is the number (id) of the outcome that recognises.
RECOGNISE = "register.recognise"
LANE = "reviews"


class Part(StrEnum):
    """In what part an assessor reads: as reader, as moderator of two, or for an appeal."""

    READER = "reader"
    MODERATOR = "moderator"
    APPEAL = "appeal"


class ReviewState(StrEnum):
    """How a reading stands. `ended` is one that a withdrawal or an administrator ended."""

    ALLOCATED = "allocated"
    BEGUN = "begun"
    DONE = "done"
    HANDED_BACK = "handed-back"
    ENDED = "ended"


OPEN = frozenset({ReviewState.ALLOCATED, ReviewState.BEGUN})
# Readings that count: neither handed back nor ended.
STANDING = frozenset({ReviewState.ALLOCATED, ReviewState.BEGUN, ReviewState.DONE})


class Verdict(StrEnum):
    """What an assessor found for one competency."""

    NONE = ""
    MET = "met"
    PARTLY = "partly"
    NOT_YET = "not-yet"


class Overall(StrEnum):
    """What a review comes to as a whole."""

    NONE = ""
    RECOGNISED = "recognised"
    MORE_EVIDENCE = "more-evidence"
    NOT_RECOGNISED = "not-recognised"


class Act(StrEnum):
    """A step on a submission's way; each is a line of its log."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    ALLOCATED = "allocated"
    HANDED_BACK = "handed-back"
    TAKEN_AWAY = "taken-away"
    BEGUN = "begun"
    DONE = "done"
    THOUGHT_AGAIN = "thought-again"
    AGREED = "agreed"
    SENT_TO_MODERATOR = "sent-to-moderator"
    RELEASED = "released"
    RECOGNISED = "recognised"
    NOT_ENTERED = "not-entered"
    ANSWERED = "answered"
    APPEALED = "appealed"
    APPEAL_WITHDRAWN = "appeal-withdrawn"
    CASE_OPENED = "case-opened"
    CASE_SETTLED = "case-settled"


class By(StrEnum):
    """In what part somebody acted."""

    LEARNER = "learner"
    ASSESSOR = "assessor"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Terms:
    """An organisation's rules for reviews; these are the usual ones.

    `readers_1` to `readers_3` say how many assessors read a submission at each level: one, or two
    who decide apart. One assessor's judgement alone is unreliable, so two is usual at Level 3.
    """

    readers_1: int = 1
    readers_2: int = 1
    readers_3: int = 2
    blind: bool = False
    target_days: int = 28
    appeal_days: int = 28
    comment_in_grade: bool = False

    def readers(self, level: int) -> int:
        """Returns how many assessors read a submission of a level."""
        return {1: self.readers_1, 2: self.readers_2, 3: self.readers_3}[level]


@dataclass(frozen=True, slots=True)
class AssessorView:
    """An assessor as services and pages read them; `load` is how many open reviews they have."""

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    name: str
    levels: tuple[int, ...]
    capacity: int
    moderates: bool
    active: bool
    load: int = 0
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """One assessor's reading, without its findings."""

    id: int
    public_id: str
    organisation_id: int
    submission_id: int
    assessor_id: int
    part: Part
    state: ReviewState
    allocated_at: datetime
    due_on: date
    begun_at: datetime | None
    done_at: datetime | None
    verdict: Overall
    summary: str
    summary_version: int

    @property
    def is_open(self) -> bool:
        """Whether its assessor has still to finish it."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class FindingView:
    """What an assessor found for one competency. Version 0 is nothing yet."""

    code: str
    verdict: Verdict = Verdict.NONE
    feedback: str = ""
    version: int = 0
    changed_at: datetime | None = None

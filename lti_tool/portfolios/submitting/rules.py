"""How a submission stands, and what may still be written meanwhile. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# Topics of the outbox; the key of each is the submission's number (its id).
ALLOCATE = "portfolio.allocate"
WITHDRAWN = "portfolio.withdrawn"
RENDER = "portfolio.render"
LANE = "portfolios"


class State(StrEnum):
    """How a submission stands. Only one of a portfolio is submitted or in review at a time."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    RECOGNISED = "recognised"
    NOT_RECOGNISED = "not-recognised"


LIVE = frozenset({State.SUBMITTED, State.IN_REVIEW})


class PdfState(StrEnum):
    """How the PDF of a submission stands."""

    ASKED = "asked"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SubmissionView:
    """A submission as services and pages read it, without its content."""

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    portfolio_id: int
    placement_id: int
    number: int
    instrument: str
    instrument_version: str
    level: int
    state: State
    submitted_at: datetime
    changed_at: datetime
    fee_reference: str
    receipt_code: str
    digest: str
    words: int
    evidence: int
    reopened: tuple[str, ...]
    pdf_state: PdfState
    pdf_reason: str
    pdf_digest: str
    pdf_size: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a portfolio stands: its newest submission, or None before the first."""

    submission: SubmissionView | None

    def is_open(self, code: str) -> bool:
        """Says whether a task may be written to now.

        Not while it is handed in, nor after recognition; after a return, where more evidence is
        wanted; and everywhere after a withdrawal or where it was not recognised.
        """
        if self.submission is None:
            return True
        state = self.submission.state
        if state is State.RETURNED:
            return code in self.submission.reopened
        return state in {State.WITHDRAWN, State.NOT_RECOGNISED}

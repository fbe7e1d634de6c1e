"""How a submission stands, and what may still be written meanwhile. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lti_tool.kernel.text import N_

# Topics of the outbox; the key of each is the submission's number (its id).
ALLOCATE = "portfolio.allocate"
WITHDRAWN = "portfolio.withdrawn"
RENDER = "portfolio.render"
LANE = "portfolios"

LONGEST_FEE_REFERENCE = 80
LONGEST_FEE_TEXT = 2000


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


class Lock(StrEnum):
    """Why a task cannot be written to now."""

    HANDED_IN = "handed-in"
    ACCEPTED = "accepted"
    RECOGNISED = "recognised"


LOCKED_WORDS = {
    Lock.HANDED_IN: N_("This task is handed in, so it cannot be changed now."),
    Lock.ACCEPTED: N_("This task was accepted, so it stays as it was handed in."),
    Lock.RECOGNISED: N_("This portfolio was recognised, so it stays as it was handed in."),
}


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

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


@dataclass(frozen=True, slots=True)
class Standing:
    """How a portfolio stands: its newest submission, or None before the first.

    `before` is the newest that was not withdrawn, where the newest one was: what it left open or
    accepted holds again.
    """

    submission: SubmissionView | None
    before: SubmissionView | None = None

    @property
    def decisive(self) -> SubmissionView | None:
        """The submission that says what is open; None where everything is."""
        newest = self.submission
        return self.before if newest and newest.state is State.WITHDRAWN else newest

    def lock(self, code: str) -> Lock | None:
        """Returns why a task cannot be written to now; None where it can."""
        found = self.decisive
        if found is None or found.state is State.NOT_RECOGNISED:
            return None
        if found.state is State.RECOGNISED:
            return Lock.RECOGNISED
        if found.state is State.RETURNED:
            return None if code in found.reopened else Lock.ACCEPTED
        return Lock.HANDED_IN

    def is_open(self, code: str) -> bool:
        """Says whether a task may be written to now.

        Not while it is handed in, nor after recognition; after a return, where more evidence is
        wanted; and everywhere where it was not recognised. A withdrawal leads back to what was
        before it.
        """
        return self.lock(code) is None

    @property
    def is_closed(self) -> bool:
        """Whether nothing at all of the portfolio may be written to."""
        found = self.decisive
        return found is not None and found.state in LIVE | {State.RECOGNISED}


@dataclass(frozen=True, slots=True)
class Terms:
    """An organisation's rules for handing in; these are the usual ones."""

    fee_required: bool = False
    fee_text: str = ""

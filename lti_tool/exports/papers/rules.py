"""What papers there are, what may be chosen for one, and when one is kept. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_

TOPIC = "papers.render"
DISCARD = "papers.discard"
LANE = "papers"
KEPT_FOR = timedelta(days=30)
# After this long without a file, the page says that it takes longer than it should.
PATIENCE = timedelta(minutes=2)
# The longest honest grid, 63 notes of 20,000 characters, is about 1.4 million characters of HTML:
# 10 seconds of a processor by xhtml2pdf, 20 by WeasyPrint. More is refused in words.
MOST_CHARACTERS = 1_500_000
PARTS = frozenset({"strengths", "gaps", "goals", "training"})
NOTES = "notes"


class Kind(StrEnum):
    """A paper: the grid for the file, the plan for the appraisal, the record of training."""

    GRID = "grid"
    PLAN = "plan"
    RECORD = "record"


class PaperState(StrEnum):
    """How a PDF stands that somebody asked for."""

    ASKED = "asked"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chose for a paper. `since` and `until` bound the training record."""

    notes: bool = True
    since: date | None = None
    until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Returns the options as plain values; `options_from_json` reads them back."""
        return {
            "notes": self.notes,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
        }


@dataclass(frozen=True, slots=True)
class PaperView:
    """One PDF that was asked for, as pages read it."""

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    placement_id: int
    kind: Kind
    options: Options
    content: str
    state: PaperState
    reason: str
    blob: str
    size: int
    asked_at: datetime
    ready_at: datetime | None


def options_from_json(values: dict[str, Any]) -> Options:
    """Returns the options that `Options.as_json` wrote."""
    return Options(bool(values["notes"]), _day(values["since"]), _day(values["until"]))


def parse_options(typed: dict[str, str]) -> Options:
    """Returns the options of a form or an address: `notes`, `since`, `until` (2027-03-14).

    Raises `InvalidInput` for a date that is none, or a period that ends before it begins; its
    parameter `field` says which of them to look at.
    """
    since, until = _typed_day(typed, "since"), _typed_day(typed, "until")
    if since and until and since > until:
        raise InvalidInput(
            N_("The period ends before it begins."),
            code="period-reversed",
            advice=N_("Choose a last day that is after the first one."),
            params={"field": "until"},
        )
    return Options(bool(typed.get("notes")), since, until)


def parse_kind(sent: str | None) -> Kind:
    """Returns the paper that a form asks for; raises `InvalidInput` for any other word."""
    try:
        return Kind(sent or "")
    except ValueError:
        raise InvalidInput(N_("There is no such paper."), code="paper-kind-unknown") from None


def file_name(kind: Kind, level: int, person: str, made: date) -> str:
    """Returns the name of a paper's file, such as a person would choose."""
    words = {
        Kind.GRID: f"Self-assessment level {level}",
        Kind.PLAN: f"Development plan level {level}",
        Kind.RECORD: "Training record",
    }
    return f"{words[kind]} - {person} - {made.isoformat()}.pdf"


# Why a paper could not be made, in the words that its owner reads: what happened, what to do.
REASONS = {
    "too-large": (
        N_("This paper has too much text for a PDF."),
        N_("Make it without evidence notes, or open the page and print it from your browser."),
    ),
    "too-slow": (
        N_("Making this PDF took too long and was stopped."),
        N_("Make it without evidence notes, or open the page and print it from your browser."),
    ),
    "broken": (
        N_("Something went wrong while this PDF was made."),
        N_("Try again. If it happens again, open the page and print it from your browser."),
    ),
}


def reason_words(reason: str) -> tuple[str, str]:
    """Returns what happened and what to do, to be translated; a reason unknown counts as broken."""
    return REASONS.get(reason, REASONS["broken"])


def _typed_day(typed: dict[str, str], field: str) -> date | None:
    text = typed.get(field, "").strip()
    try:
        return _day(text)
    except ValueError:
        raise InvalidInput(
            N_("“%(typed)s” is not a date."),
            code="date-unreadable",
            advice=N_("Write it as year, month and day, such as 2027-03-14."),
            params={"typed": text[:40], "field": field},
        ) from None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

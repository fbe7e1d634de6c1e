"""What a shared link may hold, how long it may last, and when it is open. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from lti_tool.kernel.text import N_

USUAL_DAYS = 30
MOST_DAYS = 366
LONGEST_LABEL = 100
MOST_LINKS = 50
# A link's openings are listed one by one up to here; all of them are counted.
SHOWN_OPENINGS = 20


class Part(StrEnum):
    """One thing that a shared link can show, in the order in which a reader sees them."""

    STRENGTHS = "strengths"
    GAPS = "gaps"
    NOTES = "notes"
    CHANGE = "change"
    GOALS = "goals"
    TRAINING = "training"
    RECORDS = "records"


# What a plan for an appraisal holds. Evidence notes are personal: nobody shares them unasked.
USUAL_PARTS = (Part.STRENGTHS, Part.GAPS, Part.GOALS, Part.TRAINING)
# A note stands beside its competency, so there must be a list for it to stand in.
_LISTS = frozenset({Part.STRENGTHS, Part.GAPS})


class State(StrEnum):
    """How a link stands. Ended ones can be prolonged; withdrawn ones are closed for ever."""

    OPEN = "open"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a link shows, until when, and what its owner calls it."""

    label: str
    parts: tuple[Part, ...]
    ends_on: date


@dataclass(frozen=True, slots=True)
class TypedTerms:
    """A form as it was typed; `problems` says for each field what is wrong with it."""

    label: str
    parts: tuple[Part, ...]
    ends_on: str
    problems: dict[str, str] = field(default_factory=dict)


def today_in(zone: str, now: datetime) -> date:
    """Returns the day of a moment in the installation's zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def state_of(ends_on: date, withdrawn_at: datetime | None, today: date) -> State:
    """Returns how a link stands: it is open through the whole of its last day."""
    if withdrawn_at is not None:
        return State.WITHDRAWN
    return State.ENDED if today > ends_on else State.OPEN


def usual_terms(today: date) -> TypedTerms:
    """Returns what the form for a new link begins with."""
    return TypedTerms("", USUAL_PARTS, (today + timedelta(days=USUAL_DAYS)).isoformat())


def as_typed(terms: Terms) -> TypedTerms:
    """Returns the form of a link as it stands."""
    return TypedTerms(terms.label, terms.parts, terms.ends_on.isoformat())


def parse_terms(
    label: str, parts: Collection[str], ends_on: str, today: date
) -> tuple[TypedTerms, Terms | None]:
    """Returns the form as typed and, when nothing is wrong with it, the terms that it asks for.

    Unknown parts are left out: a form never sends them.
    """
    text = " ".join(label.replace("\0", "").encode("utf-8", "replace").decode().split())
    chosen = tuple(part for part in Part if part.value in parts)
    problems = {}
    if len(text) > LONGEST_LABEL:
        problems["label"] = N_("This name is too long: 100 characters can be kept.")
    if not set(chosen) - {Part.NOTES}:
        problems["parts"] = N_("Choose at least one thing to show.")
    elif Part.NOTES in chosen and not set(chosen) & _LISTS:
        problems["parts"] = N_("Evidence notes stand beside strengths or gaps: choose one of them.")
    end = parse_day(ends_on)
    if sentence := _wrong_end(end, today):
        problems["ends_on"] = sentence
    typed = TypedTerms(text, chosen, ends_on.strip()[:40], problems)
    return typed, None if problems or end is None else Terms(text, chosen, end)


def parse_day(text: str) -> date | None:
    """Returns the day of a date field, or None for anything else."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _wrong_end(end: date | None, today: date) -> str:
    if end is None:
        return N_("Give the last day as year, month and day, such as 2027-03-14.")
    if end < today:
        return N_("The last day cannot be in the past.")
    if end > today + timedelta(days=MOST_DAYS):
        return N_("A link lasts a year at most. You can prolong it later.")
    return ""

"""What an entry of the register is, when it holds, what renews it. Pure: no Flask, no SQL."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from lti_tool.kernel.text import N_, as_kept

LEVELS = (1, 2, 3)
# Which portfolio one is recognised by, at each level.
INSTRUMENTS = {level: f"portfolio-{level}" for level in LEVELS}
LONGEST_NAME = 200
LONGEST_PLACE = 120
LONGEST_REASON = 2000
USUAL_YEARS = 3
MOST_YEARS = 10
MOST_REMINDER_MONTHS = 24
MOST_HOURS = 500
# Format characters that names are written with, in Persian and in scripts of India.
_JOINERS = "\u200c\u200d"


class State(StrEnum):
    """Whether an entry stands."""

    RECOGNISED = "recognised"
    SUSPENDED = "suspended"


class Standing(StrEnum):
    """How an entry stands on a day, to whoever may see it."""

    IN_FORCE = "in-force"
    ENDED = "ended"
    SUSPENDED = "suspended"


class Act(StrEnum):
    """What happened to an entry; each is a line of its log."""

    RECOGNISED = "recognised"
    RENEWED = "renewed"
    RENEWAL_ASKED = "renewal-asked"
    SUSPENDED = "suspended"
    RESTORED = "restored"
    SHOWN = "shown"
    HIDDEN = "hidden"
    NAMED = "named"
    PLACED = "placed"


class By(StrEnum):
    """In what part somebody acted."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    REVIEW = "review"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Terms:
    """An organisation's rules for its part of the register.

    `years` is how long a recognition holds; `shown` whether a new entry can be seen by all;
    `remind_months` how long before its end the owner is reminded; `renewal_hours` how much
    training a renewal asks for, 0 for any; `lists_all` whether the public may list everybody
    who is shown, without naming them.
    """

    years: int = USUAL_YEARS
    shown: bool = False
    remind_months: int = 6
    renewal_hours: int = 0
    lists_all: bool = False


@dataclass(frozen=True, slots=True)
class Recognition:
    """That somebody is recognised: what a verdict says, or an operator who knows of it.

    `reference` names what it rests on, such as "submission:17"; the same one never counts twice.
    """

    organisation_id: int
    person_id: int
    level: int
    instrument: str
    instrument_version: str
    recognised_on: date
    reference: str
    by: By = By.REVIEW
    by_person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Showing:
    """What the owner decides: shown or hidden, under what name, in what place."""

    shown: bool
    name: str
    place: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed, with a sentence for each field that is wrong."""

    values: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)


def standing(state: State, valid_until: date, today: date) -> Standing:
    """Returns how an entry stands: it holds through the whole of its last day."""
    if state is State.SUSPENDED:
        return Standing.SUSPENDED
    return Standing.ENDED if today > valid_until else Standing.IN_FORCE


def last_day(recognised_on: date, years: int) -> date:
    """Returns the last day of a recognition; from 29 February it ends on the 28th."""
    year = recognised_on.year + years
    try:
        return recognised_on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def reminder_day(valid_until: date, months: int) -> date:
    """Returns the day from which the owner is reminded and may ask for renewal."""
    count = valid_until.year * 12 + valid_until.month - 1 - months
    year, month = divmod(count, 12)
    day = valid_until.day
    while True:
        try:
            return date(year, month + 1, day)
        except ValueError:
            day -= 1


def renewed_until(valid_until: date, today: date, years: int) -> date:
    """Returns the new last day: counted from the old one, or from today where that is over."""
    return last_day(max(valid_until, today), years)


def has_enough(quarter_hours: int, entries: int, terms: Terms) -> bool:
    """Says whether training since the last recognition is what the organisation asks for."""
    return entries > 0 and quarter_hours >= terms.renewal_hours * 4


def parse_showing(form: Mapping[str, str]) -> tuple[Typed, Showing | None]:
    """Returns the owner's form as typed and, when nothing is wrong with it, what it decides."""
    name, place = _line(form.get("name", "")), _line(form.get("place", ""))
    shown = form.get("shown") == "yes"
    problems = {}
    if not name:
        problems["name"] = N_("Give the name that the register shall show.")
    elif len(name) > LONGEST_NAME:
        problems["name"] = N_("This name is too long: 200 characters can be kept.")
    if len(place) > LONGEST_PLACE:
        problems["place"] = N_("This place is too long: 120 characters can be kept.")
    values = {"name": name, "place": place, "shown": "yes" if shown else "no"}
    return Typed(values, problems), None if problems else Showing(shown, name, place)


def parse_reason(form: Mapping[str, str]) -> tuple[Typed, str]:
    """Returns an administrator's form as typed, and its reason, empty when it cannot be kept."""
    reason = as_kept(form.get("reason", ""))
    problems = {}
    if not reason:
        problems["reason"] = N_("Give a reason. The owner can read it, and it stays in the log.")
    elif len(reason) > LONGEST_REASON:
        problems["reason"] = N_("This reason is too long: 2,000 characters can be kept.")
    return Typed({"reason": reason}, problems), "" if problems else reason


def parse_terms(form: Mapping[str, str]) -> tuple[Typed, Terms | None]:
    """Returns the form of an organisation's rules as typed and, if all is well, the rules."""
    values = {name: form.get(name, "").strip()[:20] for name in ("years", "remind_months", "hours")}
    years = _whole(values["years"], 1, MOST_YEARS)
    months = _whole(values["remind_months"], 1, MOST_REMINDER_MONTHS)
    hours = _whole(values["hours"], 0, MOST_HOURS)
    problems = {}
    if years is None:
        problems["years"] = N_("Give a whole number of years, from 1 to 10.")
    if months is None:
        problems["remind_months"] = N_("Give a whole number of months, from 1 to 24.")
    if hours is None:
        problems["hours"] = N_("Give a whole number of hours, from 0 to 500.")
    for name in ("shown", "lists_all"):
        values[name] = "yes" if form.get(name) == "yes" else "no"
    if years is None or months is None or hours is None:
        return Typed(values, problems), None
    shown, lists_all = values["shown"] == "yes", values["lists_all"] == "yes"
    return Typed(values), Terms(years, shown, months, hours, lists_all)


def as_typed(terms: Terms) -> Typed:
    """Returns the form of an organisation's rules as they stand."""
    return Typed(
        {
            "years": str(terms.years),
            "remind_months": str(terms.remind_months),
            "hours": str(terms.renewal_hours),
            "shown": "yes" if terms.shown else "no",
            "lists_all": "yes" if terms.lists_all else "no",
        }
    )


def is_plausible(recognised_on: date, today: date) -> bool:
    """Says whether a day can be one on which somebody was recognised: not ahead, not long ago."""
    return today - timedelta(days=366 * 40) <= recognised_on <= today


def _line(typed: str) -> str:
    """One line, without what is not seen but turns the text about it around."""
    return " ".join("".join(c for c in as_kept(typed) if not _is_unseen(c)).split())


def _is_unseen(character: str) -> bool:
    category = unicodedata.category(character)
    is_control = category in {"Cc", "Co", "Cn"} and not character.isspace()
    return is_control or (category == "Cf" and character not in _JOINERS)


def _whole(text: str, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        return None
    return int(text) if least <= int(text) <= most else None


Details = dict[str, Any]

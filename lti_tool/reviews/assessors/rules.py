"""Who may read what, and who reads next. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from lti_tool.kernel.text import N_, as_kept
from lti_tool.reviews.rules import Part, Terms

LEVELS = (1, 2, 3)
MOST_AT_ONCE = 100
MOST_DAYS = 366
LONGEST_REASON = 2_000

# Who comes late, after a reading was handed back, has this long all the same.
LEAST_DAYS = 7
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An assessor, and what speaks for and against their reading one submission.

    `load` is how many open reviews they have. `is_apart` is false for whom a rule keeps away: the
    learner, their tutor in that course, a declared conflict, who read it already or gave it back.
    `knows_it` says whether they read the submission before this one. `last_given` is when they
    last got one to read.
    """

    id: int
    levels: tuple[int, ...]
    capacity: int
    load: int
    active: bool = True
    moderates: bool = False
    away_until: date | None = None
    is_apart: bool = True
    knows_it: bool = False
    last_given: datetime | None = None


def is_away(away_until: date | None, today: date) -> bool:
    """Says whether somebody is away: through the whole of the last day that they gave."""
    return away_until is not None and today <= away_until


def may_read(one: Candidate, level: int, part: Part, today: date) -> bool:
    """Says whether an assessor can get a submission of a level to read, in this part, today."""
    return (
        one.active
        and one.is_apart
        and level in one.levels
        and one.load < one.capacity
        and not is_away(one.away_until, today)
        and (part is Part.READER or one.moderates)
    )


def next_reader(
    candidates: Iterable[Candidate], level: int, part: Part, today: date
) -> Candidate | None:
    """Returns who reads next, or None where nobody may.

    Who read the earlier submission comes first, then the least load for its capacity, then who
    has waited longest; the order of appointment settles the rest, so that it is the same always.
    An appeal goes to nobody for having read before.
    """
    free = [one for one in candidates if may_read(one, level, part, today)]
    return min(free, key=lambda one: _order(one, part), default=None)


def _order(one: Candidate, part: Part) -> tuple[bool, Fraction, datetime, int]:
    is_known = one.knows_it and part is not Part.APPEAL
    return (
        not is_known,
        Fraction(one.load, one.capacity),
        one.last_given or _NEVER,
        one.id,
    )


def due_day(part: Part, handed_in: date, today: date, target_days: int) -> date:
    """Returns the day by which a reading is to be done.

    A reader's days count from when it was handed in, since the learner waits from then on; but
    nobody gets less than a week, or the whole target where that is shorter.
    """
    if part is not Part.READER:
        return today + timedelta(days=target_days)
    least = today + timedelta(days=min(LEAST_DAYS, target_days))
    return max(handed_in + timedelta(days=target_days), least)


@dataclass(frozen=True, slots=True)
class Appointment:
    """What an administrator decides of an assessor: levels, how many at once, moderator, away."""

    levels: tuple[int, ...]
    capacity: int
    moderates: bool = False
    away_until: date | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was typed, with a sentence for each field that is wrong."""

    values: Mapping[str, Any]
    problems: dict[str, str] = field(default_factory=dict)


def parse_appointment(
    form: Mapping[str, str], levels: Sequence[str], today: date
) -> tuple[Typed, Appointment | None]:
    """Returns the form of an appointment as typed and, when nothing is wrong, what it decides.

    `levels` are the values of the boxes that were ticked.
    """
    chosen = tuple(level for level in LEVELS if str(level) in levels)
    capacity = whole(form.get("capacity", ""), 1, MOST_AT_ONCE)
    typed_day = form.get("away_until", "").strip()[:20]
    away_until = _day(typed_day)
    problems = {}
    if not chosen:
        problems["levels"] = N_("Choose at least one level.")
    if capacity is None:
        problems["capacity"] = N_("Give a whole number of reviews at once, from 1 to 100.")
    if typed_day and away_until is None:
        problems["away_until"] = N_("Give the last day away as a date, or leave it empty.")
    elif away_until and not today <= away_until <= today + timedelta(days=3 * 366):
        problems["away_until"] = N_("Give a last day away that is not over, within three years.")
    moderates = form.get("moderates") == "yes"
    values = {
        "levels": chosen,
        "capacity": form.get("capacity", "").strip()[:20],
        "moderates": moderates,
        "away_until": typed_day,
    }
    if problems or capacity is None:
        return Typed(values, problems), None
    return Typed(values), Appointment(chosen, capacity, moderates, away_until)


def as_typed(one: Appointment, today: date) -> Typed:
    """Returns the form of an appointment as it stands; days away that are over are left out."""
    away = one.away_until if is_away(one.away_until, today) else None
    return Typed(
        {
            "levels": one.levels,
            "capacity": str(one.capacity),
            "moderates": one.moderates,
            "away_until": away.isoformat() if away else "",
        }
    )


def parse_terms(form: Mapping[str, str]) -> tuple[Typed, Terms | None]:
    """Returns the form of an organisation's rules as typed and, if all is well, the rules."""
    names = ("readers_1", "readers_2", "readers_3", "target_days", "appeal_days")
    values: dict[str, Any] = {name: form.get(name, "").strip()[:20] for name in names}
    problems = {}
    readers = {name: whole(values[name], 1, 2) for name in names[:3]}
    for name, found in readers.items():
        if found is None:
            problems[name] = N_("Choose one or two assessors.")
    days = {name: whole(values[name], 1, MOST_DAYS) for name in names[3:]}
    for name, found in days.items():
        if found is None:
            problems[name] = N_("Give a whole number of days, from 1 to 366.")
    for name in ("blind", "comment_in_grade"):
        values[name] = form.get(name) == "yes"
    if problems:
        return Typed(values, problems), None
    numbers = {name: found or 0 for name, found in (readers | days).items()}
    return Typed(values), Terms(
        **numbers, blind=values["blind"], comment_in_grade=values["comment_in_grade"]
    )


def terms_as_typed(terms: Terms) -> Typed:
    """Returns the form of an organisation's rules as they stand."""
    values: dict[str, Any] = asdict(terms)
    return Typed({k: v if isinstance(v, bool) else str(v) for k, v in values.items()})


def parse_reason(typed: str) -> tuple[str, str]:
    """Returns a reason as it is kept, and what is wrong with it, if anything."""
    reason = as_kept(typed)
    if not reason:
        return "", N_("Give a reason.")
    if len(reason) > LONGEST_REASON:
        return reason, N_("This reason is too long: 2,000 characters can be kept.")
    return reason, ""


def whole(typed: str, least: int, most: int) -> int | None:
    """Returns a whole number within bounds out of a form, or None."""
    text = typed.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 4:
        return None
    return int(text) if least <= int(text) <= most else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""What people type into the forms of goals and training, field by field. Pure."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept

LONGEST_TEXT = 20_000
LONGEST_LINE = 300
MOST_HOURS = 2_000
# Nobody's working life lies outside these years.
FIRST_YEAR, LAST_YEAR = 1950, 2099

T = TypeVar("T")
Problems = dict[str, ImhcfError]

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_BRITISH = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_HOURS = re.compile(r"\d{1,5}([.,٫]\d{1,2})?")


def collect(problems: Problems, field: str, read: Callable[[], T]) -> T | None:
    """Returns what `read` returns; notes the refusal under the field and returns None."""
    try:
        return read()
    except (InvalidInput, TooLarge) as error:
        problems[field] = error
        return None


def long_text(text: str, *, limit: int = LONGEST_TEXT) -> str:
    """Returns a text of some sentences, perhaps empty; raises `TooLarge` with a count."""
    kept = as_kept(text)
    if len(kept) > limit:
        raise TooLarge(
            N_("This text has %(count)s characters; %(limit)s can be kept."),
            code="text-too-long",
            advice=N_("Shorten it and save again. What you typed is still in the box."),
            params={"count": f"{len(kept):,}", "limit": f"{limit:,}"},
        )
    return kept


def one_line(text: str) -> str:
    """Returns a text of one line, perhaps empty; raises `TooLarge` with a count."""
    return long_text(" ".join(text.replace("\0", "").split()), limit=LONGEST_LINE)


def needed(text: str, sentence: str) -> str:
    """Returns the text; raises `InvalidInput` with the sentence when there is none."""
    if not text:
        raise InvalidInput(sentence, code="field-empty")
    return text


def read_date(text: str) -> date:
    """Returns the date of a field: as date inputs send it, or as people here write it.

    Raises `InvalidInput` for no date, for one that no calendar has, and for a far-off year.
    """
    found = _calendar_day(text.strip())
    if found is None:
        raise InvalidInput(
            N_("Give a date, such as 14/3/2027.") if text.strip() else N_("Choose a date."),
            code="date-unclear",
        )
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InvalidInput(N_("Look at the year of this date."), code="year-far-off")
    return found


def _calendar_day(typed: str) -> date | None:
    iso, british = _ISO.fullmatch(typed), _BRITISH.fullmatch(typed)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        return date(int(british[3]), int(british[2]), int(british[1])) if british else None
    except ValueError:
        return None


def read_hours(text: str) -> int:
    """Returns hours as whole quarters: 6 for "1.5". Raises `InvalidInput` for anything else."""
    typed = text.strip()
    if not _HOURS.fullmatch(typed):
        raise InvalidInput(
            N_("Give the hours as a number, such as 1.5 for an hour and a half."),
            code="hours-unclear",
        )
    quarters = Decimal(typed.replace(",", ".").replace("٫", ".")) * 4
    if quarters % 1:
        raise InvalidInput(
            N_("Give the hours in quarters: .25, .5 or .75. Round to the nearest."),
            code="hours-not-quarters",
        )
    if not 0 < quarters <= MOST_HOURS * 4:
        raise InvalidInput(
            N_("Give more than 0 and at most %(most)s hours."),
            code="hours-out-of-range",
            params={"most": f"{MOST_HOURS:,}"},
        )
    return int(quarters)

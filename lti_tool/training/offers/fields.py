"""One field of an own offer on its way in: what it may hold, and the words where it does not. Pure."""

import re
from datetime import date
from urllib.parse import urlsplit

from lti_tool.assessments.rules import State
from lti_tool.competencies.models import Instrument
from lti_tool.kernel.text import N_
from lti_tool.training.offers.rules import RESULTS, Format
from lti_tool.training.offers.terms import Terms, at_level, level_name

LONGEST: dict[str, int] = {
    "reference": 60,
    "title": 300,
    "provider": 200,
    "description": 20_000,
    "note": 20_000,
    "length": 200,
    "cost": 200,
    "address": 500,
}
YES = frozenset({"yes", "y", "true", "1"})
NO = frozenset({"no", "n", "false", "0", ""})
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BETWEEN = re.compile(r"[\s,;]+")


class Wrong(Exception):
    """A field that cannot be read; becomes a `Mistake` of that field."""

    def __init__(self, sentence: str, **params: object) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.params = params


def read_address(text: str) -> str:
    """Returns a web address as given, or none; raises `Wrong` unless it is https."""
    try:
        parts = urlsplit(text)
        sound = (
            parts.scheme == "https" and parts.hostname and "." in parts.hostname and parts.port != 0
        )
    except ValueError:
        sound = False
    if text and (not sound or re.search(r"[\s<>\"\\]", text) or "@" in parts.netloc):
        raise Wrong(N_("An address is expected that begins with https:// and names a site."))
    return text


def check_length(name: str, text: str) -> None:
    """Raises `Wrong` with a count for a text that is longer than is kept."""
    limit = LONGEST.get(name, 2_000)
    if len(text) > limit:
        raise Wrong(
            N_("This has %(count)s characters; %(limit)s can be kept."),
            count=f"{len(text):,}",
            limit=f"{limit:,}",
        )


def read_line(text: str) -> str:
    """Returns the text on one line."""
    return " ".join(text.split())


def read_needed(text: str) -> str:
    """Returns the text on one line; raises `Wrong` where there is none."""
    if not text:
        raise Wrong(N_("This is needed."))
    return read_line(text)


def read_reference(text: str) -> str:
    """Returns a short name in small letters, or none; raises `Wrong` for other letters."""
    if text and not _REFERENCE.fullmatch(text):
        raise Wrong(N_("Letters without accents, digits, dots and hyphens are expected."))
    return text.lower()


def read_format(text: str) -> Format | None:
    """Returns how training is given, or None; raises `Wrong` for an unknown word."""
    name = text.casefold().replace(" ", "-")
    if name and name not in set(Format):
        raise Wrong(N_("One of these is expected: %(known)s; or nothing."), known=", ".join(Format))
    return Format(name) if name else None


def read_yes(text: str) -> bool:
    """Returns whether it says yes; raises `Wrong` for anything but yes and no."""
    if text.casefold() not in YES | NO:
        raise Wrong(N_("“yes” or “no” is expected."))
    return text.casefold() in YES


def read_day(text: str, today: date) -> date | None:
    """Returns a past day, written as ISO 8601 or as in the UK, or None; raises `Wrong`."""
    if not text:
        return None
    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        if slashed:
            found = date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
        else:
            found = date.fromisoformat(f"{text}-01" if re.fullmatch(r"\d{4}-\d\d", text) else text)
    except ValueError:
        raise Wrong(N_("A date is expected, such as 2026-11-30 or 30/11/2026.")) from None
    if found > today or found.year < 2000:
        raise Wrong(N_("A day on which somebody checked it is expected: not in the future."))
    return found


def read_placement(text: str, terms: Terms) -> str:
    """Returns the public id of the activity that is named by it or by its title; raises `Wrong`."""
    named = [known for known, title in terms.activities.items() if text in (known, title)]
    if text and len(named) != 1:
        raise Wrong(N_("The title of one activity of this course is expected, or nothing."))
    return named[0] if text else ""


def split_list(text: str) -> list[str]:
    """Returns the parts of a list that spaces, commas or semicolons divide, each once."""
    return list(dict.fromkeys(part for part in _BETWEEN.split(text) if part))


def read_levels(text: str, terms: Terms) -> tuple[Instrument, ...]:
    """Returns the instruments of these levels, in their order; raises `Wrong`."""
    found: list[str] = []
    for part in split_list(text):
        level = int(part) if part.isascii() and part.isdigit() and len(part) < 3 else 0
        named = [part] if part in terms.instruments else at_level(terms.instruments, level)
        if len(named) != 1:
            known = [level_name(terms.instruments, name) for name in terms.instruments]
            raise Wrong(
                N_("“%(part)s” is no level; these are expected: %(known)s."),
                part=part[:60],
                known=", ".join(known),
            )
        found += named
    if not found:
        raise Wrong(N_("At least one level is expected."))
    return tuple(one for name, one in terms.instruments.items() if name in found)


def read_domains(text: str, asked: tuple[Instrument, ...]) -> tuple[int, ...]:
    """Returns the numbers of domains that each instrument has; raises `Wrong`."""
    found: set[int] = set()
    for part in split_list(text):
        number = int(part) if part.isascii() and part.isdigit() and len(part) < 3 else 0
        if any(number not in one.by_number for one in asked):
            raise Wrong(
                N_("“%(part)s” is no domain at this level; a number from 1 is expected."),
                part=part[:60],
            )
        found.add(number)
    return tuple(sorted(found))


def read_codes(text: str, asked: tuple[Instrument, ...]) -> tuple[str, ...]:
    """Returns codes that each instrument has, in the framework's order; raises `Wrong`."""
    found = split_list(text)
    for code in found:
        if any(code not in one.by_code for one in asked):
            raise Wrong(
                N_(
                    "“%(part)s” is no competency at this level; a code such as 2.04 or 2.10 is"
                    " expected. Spreadsheets make 2.1 of 2.10: keep the column as text."
                ),
                part=code[:60],
            )
    known = asked[0].by_code if asked else {}
    return tuple(code for code in known if code in found)


def read_results(text: str) -> tuple[State, ...]:
    """Returns the results that are named, both where none is; raises `Wrong`."""
    found = split_list(text.casefold())
    for part in found:
        if part not in {state.value for state in RESULTS}:
            raise Wrong(
                N_("“%(part)s” is no result that leaves a gap; not-started or working-towards is."),
                part=part[:60],
            )
    return tuple(state for state in RESULTS if state.value in found) or RESULTS

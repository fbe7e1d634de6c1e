"""What a writer sends to be kept: a script's JSON or a plain form, read strictly. Pure."""

import re
from collections.abc import Iterable, Mapping

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.rules import LONGEST_ACCOUNT, Declaration, Marks, Wish

MOST_LEFT_ALONE = 500
_HIGHEST_VERSION = 2**31 - 1
_SITTING = re.compile(r"[a-z0-9]{0,40}")
_PLACE = re.compile(r"[a-z-]{4,20}:[0-9a-f]{16}")


def parse_text(text: object) -> str:
    """Returns the text that was sent, as it is kept; raises `InvalidInput`, or `TooLarge`."""
    if not isinstance(text, str):
        raise InvalidInput(N_("An account is text."), code="account-not-text")
    kept = as_kept(text)
    if len(kept) > LONGEST_ACCOUNT:
        raise TooLarge(
            N_("This account has %(count)s characters; %(limit)s can be kept."),
            code="account-too-long",
            advice=N_("Shorten it and save again. What you typed is still in the box."),
            params={"count": f"{len(kept):,}", "limit": f"{LONGEST_ACCOUNT:,}"},
        )
    return kept


def parse_declaration(value: object) -> Declaration:
    """Returns a declaration; raises `InvalidInput` for any other value."""
    if not isinstance(value, str) or value not in {known.value for known in Declaration}:
        raise InvalidInput(
            N_("The declaration is “anonymised” or “consent”."),
            code="declaration-unknown",
            advice=N_("Choose one of the two and save again."),
        )
    return Declaration(value)


def parse_wish(sent: object, points: int) -> Wish:
    """Returns what a script asks to save for a task with so many points.

    Raises `InvalidInput`, or `TooLarge` for the text.
    """
    if not isinstance(sent, dict):
        raise InvalidInput(N_("What was sent is no account."), code="account-missing")
    seen = sent.get("version")
    if type(seen) is not int or not 0 <= seen <= _HIGHEST_VERSION:
        raise InvalidInput(
            N_("What was sent does not say which version it changes."), code="version-unknown"
        )
    sitting = sent.get("sitting", "")
    if not isinstance(sitting, str) or not _SITTING.fullmatch(sitting):
        raise InvalidInput(N_("What was sent is damaged."), code="sitting-unknown")
    return Wish(parse_text(sent.get("text")), seen, _marks(sent, points), sitting)


def _marks(sent: Mapping[str, object], points: int) -> Marks:
    declaration = sent.get("declaration")
    return Marks(
        {int(number): on for number, on in _switches(sent, "ticks", _tick_of(points))},
        None if declaration is None else parse_declaration(declaration),
        dict(_switches(sent, "left", _PLACE)),
    )


def _tick_of(points: int) -> re.Pattern[str]:
    return re.compile("|".join(str(number) for number in range(points)) or r"(?!)")


def _switches(
    sent: Mapping[str, object], name: str, known: re.Pattern[str]
) -> list[tuple[str, bool]]:
    """Returns pairs of a key and on or off; raises `InvalidInput` for anything else."""
    found = sent.get(name, {})
    if not isinstance(found, dict) or len(found) > MOST_LEFT_ALONE:
        raise InvalidInput(N_("What was sent is damaged."), code="marks-unknown")
    for key, on in found.items():
        if not known.fullmatch(key) or type(on) is not bool:
            raise InvalidInput(N_("What was sent is damaged."), code="marks-unknown")
    return list(found.items())


def read_form(
    form: Mapping[str, str], ticked: Iterable[str], left: Iterable[str], points: int
) -> tuple[str, int, Marks]:
    """Returns the text of a plain form as typed, the version that it changes, and its marks.

    A form shows every tick, so what is not ticked is off. Raises `InvalidInput`.
    """
    version = form.get("version", "")
    if not (version.isascii() and version.isdigit()) or len(version) > 9:
        raise InvalidInput(N_("The form came back damaged."), code="version-unknown")
    on = set(ticked)
    marks = Marks(
        {number: str(number) in on for number in range(points)},
        parse_declaration(form.get("declaration", "")),
        {mark: True for mark in left if _PLACE.fullmatch(mark)},
    )
    return form.get("text", ""), int(version), marks

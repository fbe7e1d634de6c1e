"""What a gradebook's cell shows beside what this tool sent there: who wrote it last. Pure."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from lti_tool.grades.rules import MAXIMUM

# Words that this tool wrote; an LMS may have wrapped them in a paragraph.
_OURS = re.compile(
    r"Self-assessment: \d+ of \d+ rated; \d+ achieved, \d+ working towards\."
    r"|Portfolio, Level \d: (handed in, waiting for review|taken back before its review|recognised"
    r"|\d+ of \d+ competencies met)\."
)
# Gradebooks show two decimals of their own scale, or more.
_ROUNDED = 0.006


@dataclass(frozen=True, slots=True)
class Cell:
    """What the gradebook shows; without a value, no grade. `by_person`: the LMS names who gave it."""

    value: float | None
    maximum: float | None = None
    comment: str | None = field(default=None, repr=False)
    at: datetime | None = None
    by_person: bool = False

    @property
    def share(self) -> float | None:
        """The grade out of 100."""
        return None if self.value is None else MAXIMUM * self.value / (self.maximum or MAXIMUM)


EMPTY = Cell(None)


class Finding(StrEnum):
    """How a cell stands to the ledger."""

    AGREES = "agrees"
    MISSING = "missing"
    OLDER = "older"
    OVERRIDDEN = "overridden"


def judge(
    cell: Cell,
    *,
    agrees: bool,
    sent: Collection[int | None],
    own_comment: str | None = None,
    earlier_maximum: float | None = None,
) -> Finding:
    """Returns what became of a cell that was sent these values.

    `agrees` is the LMS's profile's word on whether it shows the newest. What was never sent is a
    tutor's: a value of another share, feedback in other words, or a grade that the LMS says a
    person gave. Where nothing is known of earlier values, our own words under it make it ours.
    A None among them is the news that something was handed in, which shows no grade.
    `earlier_maximum` is what the column was out of before: an LMS may change that, and leave the
    grades as they were.
    """
    if agrees:
        return Finding.AGREES
    if cell.share is None:
        return Finding.MISSING
    before = replace(cell, maximum=earlier_maximum or cell.maximum)
    values = [value for value in sent if value is not None]
    if not any(_is_same(shown, value) for value in values for shown in (cell, before)):
        is_ours = not sent and is_our_comment(cell.comment)
        return Finding.OLDER if is_ours else Finding.OVERRIDDEN
    if cell.by_person:
        return Finding.OVERRIDDEN
    words = (cell.comment or "").strip()
    is_feedback = bool(words) and words != (own_comment or "").strip() and not is_our_comment(words)
    return Finding.OVERRIDDEN if is_feedback else Finding.OLDER


def is_our_comment(comment: str | None) -> bool:
    """Says whether the words are of the kind that this tool writes beside a grade."""
    return bool(comment and _OURS.search(comment))


def still_stands(cell: Cell, *, value: float | None, maximum: float | None) -> bool:
    """Says whether an override, as it was noted, is what the gradebook shows still."""
    if cell.value is None or value is None:
        return not cell.value and not value
    return math.isclose(
        cell.value / (cell.maximum or MAXIMUM), value / (maximum or MAXIMUM), abs_tol=1e-4
    )


def _is_same(cell: Cell, value: int) -> bool:
    share = cell.share
    tolerance = max(0.01, MAXIMUM * _ROUNDED / (cell.maximum or MAXIMUM))
    return share is not None and math.isclose(share, value, rel_tol=0, abs_tol=tolerance)

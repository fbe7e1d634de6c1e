"""Who may read what, and who reads next. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from lti_tool.reviews.rules import Part

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

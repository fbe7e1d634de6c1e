"""What an offer may be tied to: the self-assessments, and the activities of a course. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lti_tool.competencies.models import Instrument, Kind


@dataclass(frozen=True, slots=True)
class Terms:
    """The self-assessments by id, and the titles of a course's activities by public id.

    `activities` is empty where an offer is for the whole organisation: an activity of one
    course cannot be opened from another.
    """

    instruments: Mapping[str, Instrument]
    activities: Mapping[str, str] = field(default_factory=dict)


def self_assessments(instruments: Mapping[str, Instrument]) -> dict[str, Instrument]:
    """Returns the self-assessments by id, in their order."""
    return {i: known for i, known in instruments.items() if known.kind is Kind.SELF_ASSESSMENT}


def at_level(instruments: Mapping[str, Instrument], level: int) -> list[str]:
    """Returns the ids of the self-assessments at a level: one, with one framework."""
    return [i for i, known in self_assessments(instruments).items() if known.level == level]


def level_name(instruments: Mapping[str, Instrument], instrument: str) -> str:
    """Returns how a file names an instrument: its level where that is enough, else its id."""
    known = instruments.get(instrument)
    if known and at_level(instruments, known.level) == [instrument]:
        return str(known.level)
    return instrument


def levels_of(instruments: Mapping[str, Instrument], ids: Iterable[str]) -> tuple[int, ...]:
    """Returns the levels of instruments, in order; an unknown one has none."""
    return tuple(sorted({instruments[i].level for i in ids if i in instruments}))

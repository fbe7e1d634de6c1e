"""Places in an account that could tell who somebody is, as its writer meets them. Pure."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from lti_tool.competencies.loading import library
from lti_tool.competencies.models import Instrument
from lti_tool.portfolios.identifiable import Kind, identifiable

# What surrounds a place, so that it is found again in a long text.
_AROUND = 40
# A page that lists more helps nobody; the count says how many there are.
MOST_SHOWN = 50
_CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Place:
    """One thing in a text: what it is, its words with what is around them, and how often.

    `mark` names it whatever stands around it, so that "leave it" is remembered. `start` and
    `end` are its first place, counted as JavaScript counts: in UTF-16 units.
    """

    kind: Kind
    words: str
    before: str
    after: str
    times: int
    mark: str
    start: int
    end: int


def places_in(text: str, known: Collection[str]) -> list[Place]:
    """Returns what the check points to, each thing once, in the order of the text."""
    found: dict[str, Place] = {}
    for one in identifiable(text, known):
        words = text[one.start : one.end]
        mark = mark_of(one.kind, words)
        if mark in found:
            before = found[mark]
            found[mark] = _again(before)
            continue
        start = _units(text[: one.start])
        found[mark] = Place(
            one.kind,
            words,
            _tail(text[max(0, one.start - _AROUND) : one.start]),
            _head(text[one.end : one.end + _AROUND]),
            1,
            mark,
            start,
            start + _units(words),
        )
    return list(found.values())


def open_places(places: list[Place], left_alone: Collection[str]) -> list[Place]:
    """Returns the places that the writer has not left as they are."""
    return [place for place in places if place.mark not in left_alone]


def mark_of(kind: Kind, words: str) -> str:
    """Returns a short mark of a place, the same however its letters and spaces are written."""
    plain = " ".join(words.casefold().split())
    return f"{kind}:{hashlib.sha256(plain.encode()).hexdigest()[:16]}"


@cache
def framework_words() -> frozenset[str]:
    """Returns every word with a capital in the shipped instruments: none of them names anybody.

    The shipped ones alone: words of one organisation's own wording are not for another.
    """
    return frozenset(word for instrument in library().values() for word in _words_of(instrument))


def _words_of(instrument: Instrument) -> set[str]:
    texts = [instrument.title, instrument.audience, instrument.introduction]
    for domain in instrument.domains:
        texts += [domain.title, domain.introduction]
        for theme in domain.themes:
            texts.append(theme.title or "")
            for task in theme.competencies:
                texts += [task.topic, task.knowledge or "", task.ability or "", task.prompt or ""]
                texts += task.points
    return {word for text in texts for word in _CAPITALISED.findall(text)}


def _again(place: Place) -> Place:
    return Place(
        place.kind, place.words, place.before, place.after, place.times + 1, place.mark,
        place.start, place.end,
    )  # fmt: skip


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _tail(text: str) -> str:
    """The end of a text in one line, begun at a word."""
    line = " ".join(text.split())
    cut = line.partition(" ")[2] if len(text) == _AROUND else line
    return f"{cut or line}{' ' if text[-1:].isspace() else ''}"


def _head(text: str) -> str:
    line = " ".join(text.split())
    cut = line.rpartition(" ")[0] if len(text) == _AROUND else line
    return f"{' ' if text[:1].isspace() else ''}{cut or line}"

"""Reads files of published wording against our instruments: what was read, doubtful, absent. Pure.

Layouts: the self-assessment as running text, the grid with boxes to tick, the programme with
portfolios as tables; each also as a PDF gives its text, with lines that wrap. Nothing is taken
on trust: what differs in shape from our own version is doubtful, with the reason in words.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from lti_tool.competencies.models import Competency, Instrument, Kind, Provenance
from lti_tool.competencies.wordings import reading_marks as marks
from lti_tool.competencies.wordings.reading_cut import NO_CODE, Cutter, Piece
from lti_tool.competencies.wordings.reading_parts import parts_of
from lti_tool.competencies.wordings.reading_source import read_lines
from lti_tool.competencies.wordings.rules import Words
from lti_tool.kernel.errors import InvalidInput


class Outcome(StrEnum):
    """What came of looking for a competency."""

    READ = "read"
    DOUBTFUL = "doubtful"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Found:
    """A competency as the files have it; no words where it is absent: ours stay."""

    code: str
    outcome: Outcome
    words: Words = Words()  # noqa: RUF009 - a frozen value without parts of its own
    doubts: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files say on one instrument, by code in its order; `strangers` are not ours."""

    instrument: str
    found: Mapping[str, Found]
    strangers: tuple[str, ...] = ()

    def of(self, outcome: Outcome) -> list[Found]:
        """Returns the competencies with this outcome."""
        return [one for one in self.found.values() if one.outcome is outcome]


def read_files(
    files: Iterable[tuple[str, bytes]],
    instruments: Mapping[str, Instrument],
    only: Instrument | None = None,
) -> list[Reading]:
    """Returns a reading for each instrument that the files (name, content) hold something of.

    `only` keeps to one instrument; a file that names none is then taken to be of it. Raises
    `InvalidInput` or `TooLarge`, naming file and place, when one of them cannot be used.
    """
    read: dict[str, list[tuple[str, list[Piece]]]] = defaultdict(list)
    for name, data in files:
        for instrument, pieces in _pieces(name, data, instruments, only).items():
            read[instrument].append((name, pieces))
    return [_reading(one, read[one.id]) for one in instruments.values() if one.id in read]


def _pieces(
    name: str, data: bytes, instruments: Mapping[str, Instrument], only: Instrument | None
) -> dict[str, list[Piece]]:
    cutter = Cutter(instruments, only)
    by_instrument: dict[str, list[Piece]] = defaultdict(list)
    for piece in cutter.cut(read_lines(name, data)):
        by_instrument[piece.instrument].append(piece)
    if not by_instrument:
        raise _nothing(name, cutter)
    known = instruments if only is None else {only.id: only}
    if not by_instrument.keys() & known.keys():
        held = ", ".join(sorted(by_instrument))
        wanted = only.id if only else f"one of {', '.join(instruments)}"
        raise InvalidInput(f"{name}: holds {held}; expected: {wanted}.", code="wording-instrument")
    return {key: pieces for key, pieces in by_instrument.items() if key in known}


def _nothing(name: str, cutter: Cutter) -> InvalidInput:
    if cutter.unplaced:
        code, place = cutter.unplaced[0]
        return InvalidInput(
            f"{name}, {place}: has a competency {code}, and no heading before it says of which"
            " level.",
            code="wording-level",
            advice="Expected: a heading such as “Level 1”, “Grid Level 3” or “LEVEL 2"
            " PORTFOLIO” above it. Or say it yourself: --instrument self-assessment-1.",
        )
    return InvalidInput(
        f"{name}: holds no competency.",
        code="wording-nothing",
        advice="Expected: headings such as “Domain 1: …”, and below them competencies that begin"
        " with their codes, such as 1.01. Nothing was changed.",
    )


def _reading(ours: Instrument, read: list[tuple[str, list[Piece]]]) -> Reading:
    candidates: dict[str, list[Found]] = defaultdict(list)
    strangers: list[str] = []
    for name, pieces in read:
        for piece in _in_order(ours, _placed(ours, pieces)):
            competency = ours.by_code.get(piece.code)
            where = f"{name}, {piece.place}"
            if competency is None:
                strangers.append(f"{piece.code} ({where})")
            else:
                candidates[piece.code].append(_found(ours, competency, piece, where))
    found = {code: _settled(code, candidates[code]) for code in ours.by_code}
    return Reading(ours.id, found, tuple(strangers))


def _placed(ours: Instrument, pieces: list[Piece]) -> list[Piece]:
    """Returns the pieces with a code, and those without one where their place tells it.

    Between 1.04 and 1.07, two tasks without codes are 1.05 and 1.06, in doubt; any other number
    of them could be anything, and is left out.
    """
    codes = list(ours.by_code)
    placed: list[Piece] = []
    lost: list[Piece] = []
    for piece in [*pieces, Piece(ours.id, "end", "")]:
        if piece.code == NO_CODE:
            lost.append(piece)
            continue
        before = placed[-1].code if placed else ""
        missing = _between(codes, before, piece.code)
        texts = [text for one in lost for text in _tasks(one)]
        if texts and len(texts) == len(missing):
            doubt = f"its code is lost; it stands between {before or 'the start'} and {piece.code}"
            placed += [
                Piece(ours.id, code, lost[0].place, lines, [doubt])
                for code, lines in zip(missing, texts, strict=True)
            ]
        elif lost and placed:
            placed[-1].doubts.append("a text without a code follows it")
        lost = []
        placed.append(piece)
    return placed[:-1]


def _tasks(lost: Piece) -> list[list[str]]:
    """Returns the lines of each task in a piece without codes; its first line may hold several."""
    first, *rest = [line for line in lost.lines if line.strip()] or [""]
    *whole, last = marks.split_tasks(first) or [""]
    return [*([text] for text in whole), [last, *rest]]


def _between(codes: list[str], before: str, after: str) -> list[str]:
    start = codes.index(before) + 1 if before in codes else 0
    end = codes.index(after) if after in codes else len(codes)
    return codes[start:end]


def _in_order(ours: Instrument, pieces: list[Piece]) -> list[Piece]:
    """Marks what stands in the wrong place, and joins a competency that is printed in two parts."""
    order = {code: place for place, code in enumerate(ours.by_code)}
    joined: list[Piece] = []
    furthest = ("", -1)
    for piece in pieces:
        last = joined[-1] if joined else None
        goes_on = any(marks.has_lead_in(line) for line in piece.lines[:1])
        if last and last.code == piece.code and goes_on:
            last.lines += piece.lines
            last.doubts.append("its code is there twice; both parts were joined")
            continue
        place = order.get(piece.code, furthest[1])
        if place < furthest[1]:
            piece.doubts.append(f"it comes after {furthest[0]}")
        furthest = max(furthest, (piece.code, place), key=lambda one: one[1])
        joined.append(piece)
    return joined


def _found(ours: Instrument, competency: Competency, piece: Piece, where: str) -> Found:
    parted = parts_of(piece.lines, competency, ours.kind)
    doubts = (*piece.doubts, *parted.doubts)
    is_cut = competency.provenance is Provenance.DERIVED and not _all_derived(ours)
    if is_cut and not doubts:
        doubts = ("the copy that ours was made from is cut here; see that yours is whole",)
    words = parted.words
    if not (words.knowledge or words.ability or words.prompt):
        return Found(piece.code, Outcome.ABSENT, doubts=("there is a code, and no text to it",))
    outcome = Outcome.DOUBTFUL if doubts else Outcome.READ
    return Found(piece.code, outcome, words, doubts, where)


def _all_derived(ours: Instrument) -> bool:
    """Says whether we never had a source at all: then ours says nothing about damage in it."""
    return all(c.provenance is Provenance.DERIVED for c in ours.by_code.values())


def _settled(code: str, candidates: list[Found]) -> Found:
    """Returns what is to be made of one or several texts with the same code."""
    some = [one for one in candidates if one.outcome is not Outcome.ABSENT]
    if not some:
        return candidates[0] if candidates else Found(code, Outcome.ABSENT)
    texts = {one.words for one in some}
    if len(texts) == 1:
        return min(some, key=lambda one: len(one.doubts))
    best = min(some, key=lambda one: len(one.doubts))
    others = ", ".join(one.place for one in some if one is not best)
    doubt = f"another text has its code too: {others}"
    return replace(best, outcome=Outcome.DOUBTFUL, doubts=(*best.doubts, doubt))


__all__ = ["Found", "Kind", "Outcome", "Reading", "read_files"]

"""Reads the lines of one competency into its parts: knowledge, ability, prompt, points. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

from lti_tool.competencies.models import Competency, Kind
from lti_tool.competencies.wordings import reading_marks as marks
from lti_tool.competencies.wordings.rules import PointsOf, Words

_LETTER = re.compile(r"^\W{0,4}\(?([a-o])\)\s*")
_INNER_LETTER = re.compile(r"(?<![\w(])[a-z]\)")
_ABILITY = re.compile(r"^(?:The ability|Ability)\b")
_KNOWLEDGE = re.compile(r"^(?:Knowledge|An? understanding|Understanding)\b")
_PLAIN_LEAD_IN = re.compile(r"\s*Please consider the following points\s*[:;]\s*$", re.I)
_DOUBLED = re.compile(r"\b(\w+) \1\b", re.I)
_UNFINISHED = re.compile(
    r"(?:[,:;(–—-]|\b(?:a|an|and|as|at|because|by|for|from|if|in|into|of|on|or|than|that|the|their"
    r"|through|to|which|with))[\s.]*$",
    re.I,
)
LONGEST = 4_000
LONGEST_PIECE = 20_000
_ALIKE = 0.8
_WORTH_COMPARING = 20
_RUN = 10  # words


@dataclass(frozen=True, slots=True)
class Parted:
    """What the lines say, and every reason to doubt it."""

    words: Words
    doubts: tuple[str, ...]


@dataclass(slots=True)
class _Part:
    """A part of a statement while it is put together: its text, its points, and their letters."""

    text: str = ""
    points: list[str] = field(default_factory=list)
    letters: str = ""


def parts_of(lines: Iterable[str], ours: Competency, kind: Kind) -> Parted:
    """Returns the parts that a competency's lines say, judged beside our own version of it."""
    lines, doubts = _bounded(lines)
    words, more = _task(lines, ours) if kind is Kind.PORTFOLIO else _statement(lines)
    return Parted(words, tuple(dict.fromkeys([*doubts, *more, *_judged(words, ours)])))


def _bounded(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """Returns no more lines than a competency can have; the rest belongs elsewhere."""
    kept: list[str] = []
    length = 0
    for line in lines:
        length += len(line)
        if kept and length > LONGEST_PIECE:
            return kept, [f"it goes on for more than {LONGEST_PIECE:,} characters; they were left"]
        kept.append(line)
    return kept, []


def _statement(lines: list[str]) -> tuple[Words, list[str]]:
    """A self-assessment: what to know, what to be able to do, lettered points in one of them."""
    doubts: list[str] = []
    parts: dict[PointsOf, _Part] = {"knowledge": _Part(), "ability": _Part()}
    now: PointsOf = "knowledge"
    after_gap = True
    for line in lines:
        text = line.strip()
        if not text:
            after_gap = True
            continue
        _, bare = marks.without_bullet(text)
        if found := _LETTER.match(bare):
            parts[now].letters += found[1]
            parts[now].points.append(bare[found.end() :])
        elif _ABILITY.match(text):
            now = "ability"
            _add(parts[now], text, apart=after_gap, doubts=doubts)
        else:
            _add(parts[now], text, apart=after_gap, doubts=doubts)
        after_gap = False
    doubts += _listed(parts.values())
    if parts["knowledge"].text and not _KNOWLEDGE.match(parts["knowledge"].text):
        doubts.append("it begins neither with knowledge nor with ability")
    of: PointsOf = "knowledge" if parts["knowledge"].points else "ability"
    points = tuple(_tidy(point) for part in parts.values() for point in part.points)
    return (
        Words(
            parts["knowledge"].text or None,
            parts["ability"].text or None,
            None,
            of if points else None,
            points,
        ),
        doubts,
    )


def _add(part: _Part, text: str, *, apart: bool, doubts: list[str]) -> None:
    """Adds a line to what is being read: to the last point where it goes on, else to the text."""
    if part.points and not apart:
        part.points[-1] = _joined(part.points[-1], text)
        return
    if part.points:
        doubts.append("there are words after its points")
    part.text = _joined(part.text, text)


def _listed(parts: Iterable[_Part]) -> list[str]:
    lists = [part.letters for part in parts if part.letters]
    if len(lists) > 1 or any("a" in letters[1:] for letters in lists):
        return ["it has more than one list of points"]
    if any(letters != "abcdefghijklmno"[: len(letters)] for letters in lists):
        return ["the letters of its points are not in order"]
    return []


def _task(lines: list[str], ours: Competency) -> tuple[Words, list[str]]:
    """A portfolio's task: its prompt, and the points after the words that lead into them."""
    doubts: list[str] = []
    prompt, rest = _prompt([line for line in lines if line.strip()])
    if any(marks.has_lead_in(line) for line in rest):
        doubts.append("the words that lead into its points are there twice")
        rest = [line[marks.lead_in(line) or 0 :] for line in rest]
    points, more = _points([line for line in rest if line.strip()], len(ours.points))
    return Words(prompt=prompt or None, points=points), [*doubts, *more]


def _prompt(lines: list[str]) -> tuple[str, list[str]]:
    """Returns the prompt without the plain "consider these points", and the lines after it."""
    text = ""
    for place, line in enumerate(lines):
        end = marks.lead_in(line)
        if end is not None:
            text = _joined(text, line[:end].strip())
            rest = [f" {line[end:]}"] if line[end:].strip() else []
            return _PLAIN_LEAD_IN.sub("", text), rest + lines[place + 1 :]
        text = _joined(text, marks.without_bullet(line)[1])
    return text, []


def _points(lines: list[str], wanted: int) -> tuple[tuple[str, ...], list[str]]:
    """Returns the points: one for each bullet, or one for each line where bullets were lost."""
    by_bullet: list[str] = []
    by_line: list[str] = []
    for line in lines:
        has_bullet, text = marks.without_bullet(line)
        first, *others = marks.split_bullets(text) or [""]
        if has_bullet or not by_bullet:
            by_bullet.append(first)
        else:
            by_bullet[-1] = _joined(by_bullet[-1], first)
        by_bullet += others
        by_line += [first, *others]
    doubts = []
    if _has_repeats(by_line):
        doubts.append("two of its lines are nearly the same")
    chosen = by_line if len(by_line) == wanted != len(by_bullet) else by_bullet
    return tuple(_tidy(point) for point in chosen if point), doubts


def _has_repeats(lines: list[str]) -> bool:
    """Says whether a line and the next are nearly the same, as where a page was read twice."""
    for before, line in pairwise(lines):
        if min(len(before), len(line)) >= _WORTH_COMPARING:
            tail = before[-len(line) :]
            if SequenceMatcher(None, tail[:300], line[:300], autojunk=False).ratio() > _ALIKE:
                return True
    return False


def _judged(words: Words, ours: Competency) -> Iterable[str]:
    """Yields what makes the words doubtful in themselves, or beside ours."""
    for name in ("knowledge", "ability", "prompt"):
        has, wants = getattr(words, name), getattr(ours, name)
        if wants and not has:
            yield f"its {name} part is missing"
        elif has and not wants:
            yield f"it has a part on {name}, where ours has none"
    if len(words.points) != len(ours.points):
        yield f"its points are {len(words.points)}, ours {len(ours.points)}"
    parts = [part for part in (words.knowledge, words.ability, words.prompt) if part]
    for part in parts:
        leads = part.endswith(":") and bool(words.points)
        if _UNFINISHED.search(part[-80:]) and not leads:
            yield "it ends in mid-sentence"
    for text in (*parts, *words.points):
        yield from _oddities(text)
    if _says_twice(" ".join((*parts, *words.points))):
        yield "a passage is there twice"


def _oddities(text: str) -> Iterable[str]:
    if len(text) > LONGEST:
        yield f"a part of it has {len(text):,} characters"
    without_letters = _INNER_LETTER.sub("", text)
    if without_letters.count("(") != without_letters.count(")"):
        yield "a bracket is not closed"
    if found := _DOUBLED.search(text):
        yield f"a word is doubled: {found[0]}"
    if len(text.strip(" .;")) < 2:
        yield "a part of it is empty"


def _says_twice(text: str) -> bool:
    """Says whether ten words in a row come twice."""
    words = text.casefold().split()
    runs = [tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1)]
    return len(set(runs)) < len(runs)


def _joined(before: str, text: str) -> str:
    """Joins two lines; a word that was parted by a hyphen at the line's end keeps its hyphen."""
    if not before:
        return text
    is_parted = before.endswith("-") and before[-2:-1].isalpha() and text[:1].islower()
    return before + text if is_parted else f"{before} {text}"


def _tidy(point: str) -> str:
    """Returns a point without the semicolon or full stop that parted it from the next."""
    return re.sub(r"(?:[;.]\s*|;\s*(?:and|or)\s*)$", "", point.strip())

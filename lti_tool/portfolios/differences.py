"""What changed between two versions of an account, word by word, for a person to read. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Longer paragraphs that changed are shown whole, before and after: to find the words in them
# takes time that grows with the square of their length.
MOST_WORDS = 600
# The part of the longer text that must have stayed, for a line to be told word by word.
LEAST_SAME = 0.4
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Change(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and what became of it."""

    change: Change
    text: str


def difference(before: str, after: str) -> list[list[Piece]]:
    """Returns the paragraphs of both texts together, in order, each in pieces."""
    old, new = before.split("\n"), after.split("\n")
    found: list[list[Piece]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            found += [[Piece(Change.SAME, line)] for line in old[i1:i2]]
            continue
        both = min(i2 - i1, j2 - j1)
        found += [_line(old[i1 + n], new[j1 + n]) for n in range(both)]
        found += [[Piece(Change.REMOVED, line)] for line in old[i1 + both : i2]]
        found += [[Piece(Change.ADDED, line)] for line in new[j1 + both : j2]]
    return [line for line in found if any(piece.text for piece in line)]


def _line(before: str, after: str) -> list[Piece]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > MOST_WORDS or len(new) > MOST_WORDS:
        return _whole(before, after)
    pieces = list(_merged(old, new))
    same = sum(len(piece.text) for piece in pieces if piece.change is Change.SAME)
    # Where little stayed, word for word nobody can read it: then one text, and the other.
    return pieces if same >= LEAST_SAME * max(len(before), len(after)) else _whole(before, after)


def _whole(before: str, after: str) -> list[Piece]:
    both = (Piece(Change.REMOVED, before), Piece(Change.ADDED, after))
    return [piece for piece in both if piece.text]


def _merged(old: list[str], new: list[str]) -> Iterator[Piece]:
    """The pieces of a line; spaces alone between two changes do not part them."""
    removed = added = ""
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = "".join(old[i1:i2]) if tag == "equal" else ""
        if same.strip() or (same and not (removed or added)):
            yield from _whole(removed, added)
            yield Piece(Change.SAME, same)
            removed = added = ""
        else:
            removed += "".join(old[i1:i2])
            added += "".join(new[j1:j2])
    yield from _whole(removed, added)

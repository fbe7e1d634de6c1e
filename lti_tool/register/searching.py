"""What the public may look for: by name, level and place, never by a pattern. Pure.

Names are compared without accents and case. The beginning of any word of a name is found, so
that "Amina O'Brien" is found by "brien" and by "obrien"; nothing typed is ever a wildcard.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.kernel.text import as_kept

SHORTEST = 3
_LONGEST = 100
_MOST_WORDS = 6
# A character of these scripts says about as much as a syllable: two make a name.
_IDEOGRAPHS = 0x2E80
PAGE_SIZE = 20
MOST_PAGES = 5
MOST_PAGES_OF_ALL = 500


@dataclass(frozen=True, slots=True)
class Search:
    """One search. `name` and `place` are folded words; `typed` is what the form shows again."""

    name: tuple[str, ...]
    place: tuple[str, ...]
    level: int | None
    organisation: str
    page: int
    typed: Mapping[str, str]

    @property
    def is_blank(self) -> bool:
        """Says whether nothing was looked for at all."""
        return not (self.typed["name"] or self.typed["place"])

    @property
    def says_enough(self) -> bool:
        """Says whether name or place is long enough, and none of them is there but too short."""
        weights = [_weight(words) for words in (self.name, self.place)]
        typed = [self.typed["name"], self.typed["place"]]
        long_enough = [weight >= SHORTEST for weight in weights]
        return any(long_enough) and all(
            good or not text for good, text in zip(long_enough, typed, strict=True)
        )


def parse_search(query: Mapping[str, str]) -> Search:
    """Returns the search that an address asks for; what makes no sense in it counts as absent."""
    typed = {name: _typed(query.get(name, "")) for name in ("name", "place")}
    level = query.get("level", "")
    page = query.get("page", "")
    return Search(
        name=words_of(typed["name"]),
        place=words_of(typed["place"]),
        level=int(level) if level in {"1", "2", "3"} else None,
        organisation=_typed(query.get("organisation", ""))[:32],
        page=int(page) if page.isascii() and page.isdigit() and len(page) <= 4 else 1,
        typed=typed,
    )


def folded(text: str) -> str:
    """Returns a text as names are compared: words in lower case, without accents and signs."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLED)).casefold()
    kept = (c for c in plain if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in kept).split())


def kept_folded(text: str) -> str:
    """Returns a text as it is stored to be searched: a space before each of its words.

    A word with an apostrophe stands there twice, whole and in its parts.
    """
    parts = folded("".join(" " if c in _APOSTROPHES else c for c in text))
    whole = folded(text)
    return f" {whole}" if parts == whole else f" {whole} {parts}"


def words_of(typed: str) -> tuple[str, ...]:
    """Returns the words that are looked for, each once, at most six."""
    return tuple(dict.fromkeys(folded(typed).split()))[:_MOST_WORDS]


def pattern(word: str) -> str:
    """Returns the LIKE pattern for a word's beginning; a folded word holds no sign of LIKE."""
    return f"% {word}%"


_APOSTROPHES = "'’ʼ‘`´"
# Letters that no decomposition takes apart, as people type them without the right keyboard.
_SPELLED = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "Æ": "Ae",
     "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D"}
    | dict.fromkeys(_APOSTROPHES)
)  # fmt: skip


def _typed(text: str) -> str:
    return " ".join(as_kept(text).split())[:_LONGEST]


def _weight(words: tuple[str, ...]) -> int:
    return sum(2 if ord(c) >= _IDEOGRAPHS else 1 for word in words for c in word)

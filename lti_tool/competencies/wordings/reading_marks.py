"""What one line of a published file is: a heading, the start of a competency, furniture. Pure."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Family = Literal["self-assessment", "portfolio"]

# Every expression is anchored or without nested repeats, so that its time grows with the line.
_BULLETS = "•·●▪◦‣∙○\uf0b7\uf0a7"
_MARKUP = re.compile(r"\*\*|</?u>|</?b>|</?i>|<br ?/?>")
_BLANKS = re.compile(r"[ \u2002-\u200a\u3000]{2,}")
_BULLET = re.compile(rf"^\s*(?:[-–{_BULLETS}]\s+)+|^\s*[{_BULLETS}]\s*")
_INNER_BULLET = re.compile(rf"\s[{_BULLETS}]\s*")
_CODE = re.compile(r"^\s*(\d{1,2})\.(\d{2,3})(?![\d.])\s*")
_CODE_WITHIN = re.compile(r"\s(\d{1,2})\.(\d{2})\s+(?=[A-Z][a-z])")
_RANGE = re.compile(r"^(?:[-–—]|to\b)\s*\d{1,2}\.\d{2}|^:")
_SECTION = re.compile(r"^\W*(?:AIMH UK )?(?:IMH CPD PROGRAMME )?LEVEL (\d) PORTFOLIO\b")
_PORTFOLIO_DOMAIN = re.compile(r"^\W*Level (\d) Portfolio\s*[-–—:]?\s*Domain (\d{1,2})\b", re.I)
_DOMAIN = re.compile(r"^\W*(?:Grid Level \d\s*[:.]?\s*)?Domain (\d{1,2})\s*[:–—-]", re.I)
_GRID = re.compile(r"^\W*(?:End: )?(?:[A-Z][\w ]{0,60}\. )?Grid Level (\d)\b", re.I)
_LEVEL = re.compile(r"^\W*(?:IMHCF )?(?:self-assessment,? )?Level (\d)\s*(?:$|,)", re.I)
_COUNT = re.compile(r"\(\s*(\d{1,3})\s+(?:units?|competenc(?:y|ies))\s*\)\W*$", re.I)
_TABLE_HEAD = re.compile(r"^\s*Practice Themes\b", re.I)
_ANSWER = re.compile(
    r"^\W*(?:Working towards|Achieved|Evidence)\b(?:\W|Evidence)*$"
    r"|^\s*(?:<input|\||-\s*\||Please use the grid\b)"
)
_FURNITURE = re.compile(
    r"^\W*(?:(?:https?://|www\.)\S+\s*$|AiMH(?: UK)?\W*$|\d{1,4}\W*$|\d\.\d\W*$"
    r"|Page \d{1,4}(?: of \d{1,4})?\W*$|continued? to .{0,40}\.\.\.|\d+ page folio section"
    r"|End: .{0,120}$)",
    re.I,
)
_THEME_TAIL = re.compile(
    r"\s*(?:\b[\dIl]{1,2} competenc(?:y|ies)\b|\bcont(?:inued|\b)\W*)\s*$", re.I
)
_OPENER = re.compile(
    r"^(?:Please )?(?:provide|give|define|describe|explain|outline|discuss|reflect"
    r"|briefly explain|tell us|drawing on)\b",
    re.I,
)
_TASK = re.compile(
    r"(?:Please )?(?:[Pp]rovide|[Gg]ive) an? (?:practice|brief|account|explanation)\b"
    r"|Drawing on your |Define [a-z]|Briefly explain "
)
_SENTENCE = re.compile(r"[.?]\s+(?=[A-Z])")
_LEAD_IN = re.compile(
    r"(?:\bthe following(?: points)?|\bfactors such as|\bpoints to consider)\s*[:;]\s*", re.I
)


@dataclass(frozen=True, slots=True)
class CodeMark:
    """A code at the start of a competency, as printed and as it is to be read."""

    domain: int
    number: int
    printed: str

    @property
    def code(self) -> str:
        return f"{self.domain}.{self.number:02}"

    @property
    def is_odd(self) -> bool:
        return self.printed != self.code


def plain(text: str) -> str:
    """Returns a line's text without mark-up and with single blanks; tabs stay."""
    return _BLANKS.sub(" ", _MARKUP.sub("", text)).rstrip()


def key(text: str) -> str:
    """Returns what a title is known by, however it is written: its letters alone, in small."""
    return re.sub(r"[\W\d_]+", "", text).casefold()


def code_at_start(cell: str) -> tuple[CodeMark, str] | None:
    """Returns the code that a cell begins with, and the text after it; None for a range."""
    text = _BULLET.sub("", cell)
    found = _CODE.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    if _RANGE.match(rest) or rest.startswith((")", "%", "/")):
        return None
    mark = CodeMark(int(found[1]), int(found[2]), f"{found[1]}.{found[2]}")
    return mark, rest


def codes_within(text: str) -> list[tuple[int, CodeMark]]:
    """Returns the codes in the middle of a line that a sentence begins after, with their place."""
    return [
        (found.start(), CodeMark(int(found[1]), int(found[2]), f"{found[1]}.{found[2]}"))
        for found in _CODE_WITHIN.finditer(text)
    ]


def without_bullet(text: str) -> tuple[bool, str]:
    """Says whether a line begins with a bullet (or where one was lost), and returns the rest."""
    bare = _BULLET.sub("", text, count=1)
    return bare != text or text.startswith(" "), bare.strip()


def split_bullets(text: str) -> list[str]:
    """Returns the parts of a line that bullets in its middle keep apart."""
    return [part.strip() for part in _INNER_BULLET.split(f" {text}") if part.strip()]


def section(line: str) -> tuple[Family, int] | None:
    """Returns family and level of a heading that begins an instrument's part of a file."""
    if found := _SECTION.match(line):
        return "portfolio", int(found[1])
    if (found := _GRID.match(line)) or (found := _LEVEL.match(line)):
        return "self-assessment", int(found[1])
    return None


def portfolio_domain(line: str) -> tuple[int, int] | None:
    """Returns level and domain of a heading such as "Level 2 Portfolio - Domain 3:"."""
    found = _PORTFOLIO_DOMAIN.match(line)
    return (int(found[1]), int(found[2])) if found else None


def domain(line: str) -> int | None:
    """Returns the number of a heading such as "Domain 3: …"."""
    found = _DOMAIN.match(line)
    return int(found[1]) if found else None


def counted(line: str) -> tuple[str, int] | None:
    """Returns title and count of a line such as "Relationships (5 competencies)"."""
    found = _COUNT.search(line)
    return (line[: found.start()].strip(), int(found[1])) if found else None


def theme_key(cell: str) -> tuple[str, bool]:
    """Returns what a theme's cell is known by, and whether it says that it goes on."""
    bare = _THEME_TAIL.sub("", _THEME_TAIL.sub("", cell))
    return key(bare), bool(re.search(r"\bcont(?:inued)?\W*$", cell, re.I))


def is_table_head(line: str) -> bool:
    """Says whether a line is the head of a portfolio's table."""
    return bool(_TABLE_HEAD.match(line))


def is_answer(line: str) -> bool:
    """Says whether a line belongs to the boxes that a grid is answered in."""
    return bool(_ANSWER.match(line))


def is_furniture(line: str) -> bool:
    """Says whether a line is an address, a page number or a running title."""
    return bool(_FURNITURE.match(line))


def is_opener(text: str) -> bool:
    """Says whether a text begins as a portfolio's tasks do, and is no lead-in to a list."""
    return bool(_OPENER.match(text)) and text[:1].isupper() and not text.rstrip().endswith(":")


def is_task(line: str) -> bool:
    """Says whether a line without a bullet opens a task, beyond doubt."""
    return bool(_TASK.match(line))


def has_lead_in(line: str) -> bool:
    """Says whether a line leads into a portfolio's list of points."""
    return lead_in(line) is not None


def lead_in(text: str) -> int | None:
    """Returns where the words that lead into a list of points end; None without them."""
    found = _LEAD_IN.search(text)
    return found.end() if found else None


def split_tasks(text: str) -> list[str]:
    """Returns the tasks that run together in one text, cut where a sentence opens a new one."""
    cuts = [found.end() for found in _SENTENCE.finditer(text) if _TASK.match(text, found.end())]
    edges = [0, *cuts, len(text)]
    parts = (text[a:b].strip() for a, b in pairwise(edges))
    return [part for part in parts if part]

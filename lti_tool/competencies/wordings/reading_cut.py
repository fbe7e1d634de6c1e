"""Cuts a file's lines into pieces: one for each competency, by its code and its place. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lti_tool.competencies.models import Instrument
from lti_tool.competencies.wordings import reading_marks as marks
from lti_tool.competencies.wordings.reading_marks import CodeMark, Family
from lti_tool.competencies.wordings.reading_source import Line

NO_CODE = ""


@dataclass(slots=True)
class Piece:
    """The lines of one competency; `code` is empty where the file has lost it.

    `lines` keep a leading blank, which is what is left of a bullet; an empty one is a gap.
    """

    instrument: str
    code: str
    place: str
    lines: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Here:
    """Where in a file the cutting stands."""

    family: Family | None = None
    level: int = 0
    domain: int | None = None
    doubt: str = ""
    headings: int = 0  # of domains, since the level was named
    is_headed: bool = False  # the line before the title was a heading
    piece: Piece | None = None


class Cutter:
    """Walks through lines and gathers pieces. One for each file.

    `only` names the instrument that the whole file is said to be; else headings tell.
    """

    def __init__(self, instruments: Mapping[str, Instrument], only: Instrument | None) -> None:
        self._instruments = list(instruments.values())
        self._only = only
        self._themes = {
            marks.key(theme.title)
            for one in self._instruments
            for domain in one.domains
            for theme in domain.themes
            if theme.title
        }
        self._here = _Here()
        self.pieces: list[Piece] = []
        self.unplaced: list[tuple[str, str]] = []  # codes before any heading, with their place

    def cut(self, lines: Iterable[Line]) -> list[Piece]:
        """Returns the pieces in the order of the file."""
        for line in lines:
            text = marks.plain(line.text)
            if not text.strip():
                self._gap()
            elif not self._heading(text) and not self._furniture(text):
                for cell in self._cells(text, line):
                    self._text(cell, line)
        return self.pieces

    def _gap(self) -> None:
        if self._here.piece:
            self._here.piece.lines.append("")

    def _heading(self, text: str) -> bool:
        """Takes note of a heading; says whether the line was one."""
        here = self._here
        if headed := marks.portfolio_domain(text):
            self._portfolio_domain(*headed)
            return True
        if (found := marks.section(text)) and self._is_new_section(found):
            self._end()
            if found != (here.family, here.level):
                here.headings = 0
            here.family, here.level = found
            here.domain, here.doubt = marks.domain(text), ""
            return True
        if (number := marks.domain(text)) is not None:
            self._end()
            here.domain = number
            return True
        if marks.is_table_head(text):
            self._end()
            return True
        return self._title(text)

    def _portfolio_domain(self, level: int, domain: int) -> None:
        """A first heading that contradicts its section is taken for a slip; a later one counts."""
        here = self._here
        self._end()
        here.family, here.domain, here.doubt, here.is_headed = "portfolio", domain, "", True
        if here.level not in (0, level) and not here.headings:
            here.doubt = f"the heading says Level {level}"
        else:
            here.level = level
        here.headings += 1

    def _is_new_section(self, found: tuple[Family, int]) -> bool:
        """Within a portfolio, a line such as "Level 2" is no heading of a self-assessment."""
        return found[0] == "portfolio" or self._here.family != "portfolio"

    def _title(self, text: str) -> bool:
        """A domain's title with its count tells where we are, even where its heading is lost."""
        here = self._here
        found = marks.counted(text)
        if found is None or here.family != "portfolio":
            return False
        self._end()
        title, count = found
        fitting = [
            (one, domain.number)
            for one in self._of_family()
            for domain in one.domains
            if marks.key(domain.title) == marks.key(title) and len(domain.codes) == count
        ]
        here.doubt, here.is_headed = here.doubt if here.is_headed else "", False
        mine = [number for one, number in fitting if one.level == here.level]
        if mine:
            here.domain = mine[0]
        elif len(fitting) == 1:
            here.level, here.domain = fitting[0][0].level, fitting[0][1]
            here.doubt = "the heading and the count above it name different levels"
        return True

    def _furniture(self, text: str) -> bool:
        if marks.is_answer(text):
            self._end()
            return True
        return marks.is_furniture(text)

    def _cells(self, text: str, line: Line) -> Iterator[str]:
        """Yields what of a line is text, having opened the pieces whose codes stand in it."""
        cells = text.split("\t")
        filled = [cell for cell in cells if cell.strip()]
        first = cells[0] if cells[0].strip() else ""
        if self._is_theme(filled, first):
            self._end()
            self._lost(line, filled[1:])
        if len(filled) > 1 and first and not marks.code_at_start(first):
            filled = filled[1:]
        elif len(filled) == 1 and self._is_theme(filled, first):
            return
        for cell in filled:
            yield from self._coded(cell, line)

    def _is_theme(self, filled: list[str], first: str) -> bool:
        """Says whether a line begins a row of the table, or is a theme's title alone."""
        cell = first or (filled[0] if len(filled) == 1 else "")
        known, goes_on = marks.theme_key(cell)
        begins_big = next((c for c in cell if c.isalpha()), "").isupper()
        return (
            bool(known) and begins_big and (known in self._themes or (goes_on and len(cell) < 80))
        )

    def _lost(self, line: Line, rest: list[str]) -> None:
        """Opens a piece without a code for a row that begins like a task but has lost its own."""
        if rest and not any(marks.code_at_start(cell) for cell in rest):
            text = rest[0].strip()
            if marks.is_opener(text) and self._here.family == "portfolio":
                self._open(NO_CODE, line)

    def _coded(self, cell: str, line: Line) -> Iterator[str]:
        found = marks.code_at_start(cell)
        if found:
            mark, cell = found
            if marks.key(cell) in self._themes:
                return
            self._begin(mark, line)
        place = 0
        for start, mark in marks.codes_within(cell):
            if self._follows(mark):
                if not self._is_theme([cell[place:start]], ""):
                    yield cell[place:start]
                self._begin(mark, line)
                place = start + len(mark.printed) + 1
        yield cell[place:]

    def _follows(self, mark: CodeMark) -> bool:
        piece = self._here.piece
        if piece is None or not piece.code:
            return False
        return mark.code == next_code(piece.code)

    def _begin(self, mark: CodeMark, line: Line) -> None:
        here = self._here
        self._end()
        piece = self._open(mark.code, line)
        if piece is None:
            self.unplaced.append((mark.code, line.place))
            return
        if mark.is_odd:
            piece.doubts.append(f"its code is printed as {mark.printed}")
        if here.doubt:
            piece.doubts.append(here.doubt)
        if here.domain is not None and here.domain != mark.domain:
            piece.doubts.append(f"the heading above it names domain {here.domain}")

    def _open(self, code: str, line: Line) -> Piece | None:
        """Opens a piece of the instrument that headings name, else of the one that is given."""
        here = self._here
        name = self._only.id if self._only else ""
        if here.family and here.level:
            found = (one.id for one in self._of_family() if one.level == here.level)
            name = next(found, f"{here.family}-{here.level}")
        if not name:
            return None
        here.piece = Piece(name, code, line.place)
        self.pieces.append(here.piece)
        return here.piece

    def _text(self, text: str, line: Line) -> None:
        piece = self._here.piece
        if piece is None or not text.strip():
            return
        if marks.is_task(text) and any(marks.has_lead_in(one) for one in piece.lines):
            piece = self._open(NO_CODE, line)
        if piece:
            piece.lines.append(text)

    def _end(self) -> None:
        self._here.piece = None

    def _of_family(self) -> list[Instrument]:
        return [one for one in self._instruments if one.kind.value == self._here.family]


def next_code(code: str) -> str:
    """Returns the code after this one in its domain."""
    domain, number = code.split(".")
    return f"{domain}.{int(number) + 1:02}"

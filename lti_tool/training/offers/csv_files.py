"""Offers as a CSV file: reading one whole or refusing it, and writing one. Pure.

A spreadsheet runs a cell that begins like a formula. So none is written, an apostrophe stands
before such text, and none is read without it (OWASP, "CSV Injection").
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lti_tool.kernel.text import N_
from lti_tool.training.offers.wishes import RULE_FIELDS, RULES

COLUMNS = (
    "reference",
    "title",
    "provider",
    "description",
    "format",
    "length",
    "cost",
    "address",
    "activity",
    "checked",
    "shown",
    *(name + suffix for suffix in RULES for name in RULE_FIELDS),
)
NEEDED = ("reference", "title", "levels")
# More than anybody can look through before pressing Apply.
MOST_ROWS = 1_000
MOST_BYTES = 1024 * 1024
_FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class FileMistake:
    """Where a file is wrong: line from 1, column by its name, and what was expected there."""

    line: int
    column: str
    sentence: str
    params: Mapping[str, object] = field(default_factory=dict)


class FileRefused(Exception):
    """The file cannot be taken; holds every mistake that was found."""

    def __init__(self, *mistakes: FileMistake) -> None:
        super().__init__(mistakes[0].sentence)
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Line:
    """One offer of a file: its fields by column, and the line on which it begins."""

    number: int
    fields: Mapping[str, str]


def read_csv(content: bytes) -> list[Line]:
    """Returns the lines of a file; raises `FileRefused` with everything wrong in its form."""
    text = _decoded(content)
    rows = _rows(text)
    if not rows:
        raise FileRefused(FileMistake(1, "", N_("The file is empty: a first line is expected.")))
    columns = _columns(rows[0][1])
    lines, mistakes = [], []
    for number, cells in rows[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(columns) :]):
            mistakes.append(_too_many_cells(number, len(columns), len(cells)))
            continue
        mistakes += _formulas(number, columns, cells)
        given = dict(zip(columns, (_bare(cell) for cell in cells), strict=False))
        lines.append(Line(number, given))
    if not lines and not mistakes:
        mistakes.append(FileMistake(2, "", N_("No offer is in the file: a second line is needed.")))
    if mistakes:
        raise FileRefused(*mistakes)
    return lines


def write_csv(rows: Iterable[Mapping[str, str]]) -> bytes:
    """Returns a file that spreadsheets open as UTF-8 (it begins with a mark) and run nothing of."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_guarded(row.get(column, "")) for column in COLUMNS])
    return written.getvalue().encode("utf-8-sig")


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileRefused(
            FileMistake(
                1,
                "",
                N_("The file has %(size)s kB; %(limit)s kB are taken."),
                {"size": f"{len(content) // 1024:,}", "limit": f"{MOST_BYTES // 1024:,}"},
            )
        )
    if content.startswith(_SPREADSHEETS):
        raise FileRefused(
            FileMistake(1, "", N_("This is a spreadsheet: save it as “CSV UTF-8” first."))
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused(
            FileMistake(1, "", N_("The text is in UTF-16: save it as “CSV UTF-8” instead."))
        )
    if b"\0" in content:
        raise FileRefused(FileMistake(1, "", N_("This is no text: a CSV file is expected.")))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileRefused(
            FileMistake(
                line,
                "",
                N_(
                    "The text is not in UTF-8. It was perhaps saved as Windows or Mac text: choose"
                    " “CSV UTF-8 (comma delimited)” when you save it."
                ),
            )
        ) from None


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Returns the rows with the lines on which they begin."""
    first = text.partition("\n")[0]
    comma = max(",;\t", key=first.count)
    # `newline=""` keeps line ends inside of quotes as they are.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
    rows: list[tuple[int, list[str]]] = []
    begins = 1
    try:
        for cells in reader:
            rows.append((begins, cells))
            begins = reader.line_num + 1
            if len(rows) > MOST_ROWS + 1:
                raise FileRefused(
                    FileMistake(
                        begins,
                        "",
                        N_("There are more than %(limit)s offers; up to that many are taken."),
                        {"limit": f"{MOST_ROWS:,}"},
                    )
                )
    except csv.Error:
        raise FileRefused(
            FileMistake(
                begins,
                "",
                N_("A quotation mark is open or out of place: one at each end is expected."),
            )
        ) from None
    return rows


def _columns(cells: list[str]) -> list[str]:
    columns = [_bare(cell).strip().casefold() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    mistakes = [
        FileMistake(1, name[:60], N_("There is no such column; the template has those there are."))
        for name in columns
        if name not in COLUMNS
    ]
    mistakes += [
        FileMistake(1, name, N_("This column is there twice; once is expected."))
        for name in dict.fromkeys(columns)
        if columns.count(name) > 1
    ]
    mistakes += [
        FileMistake(1, name, N_("This column is missing; it is needed."))
        for name in NEEDED
        if name not in columns
    ]
    if mistakes:
        raise FileRefused(*mistakes)
    return columns


def _too_many_cells(number: int, wanted: int, found: int) -> FileMistake:
    return FileMistake(
        number,
        "",
        N_("There are %(found)s cells; %(wanted)s are expected. Quote text that has a comma."),
        {"found": found, "wanted": wanted},
    )


def _formulas(number: int, columns: list[str], cells: list[str]) -> list[FileMistake]:
    return [
        FileMistake(
            number,
            column,
            N_("This begins like a formula. Put an apostrophe (') before it if it is meant."),
        )
        for column, cell in zip(columns, cells, strict=False)
        if _FORMULA.match(cell)
    ]


def _bare(cell: str) -> str:
    return cell[1:] if _GUARDED.match(cell) else cell


def _guarded(text: str) -> str:
    return "'" + text if _FORMULA.match(text) or _GUARDED.match(text) else text

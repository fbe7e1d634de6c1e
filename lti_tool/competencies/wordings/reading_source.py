"""Opens a file that shall hold published wording: PDF or text, in English, of a decent size.

Whatever else it is, it is refused whole, with the file, the place and what was expected. Pure.
"""

import codecs
import io
import re
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from lti_tool.kernel.errors import InvalidInput, TooLarge

LARGEST_FILE = 10_000_000  # bytes
MOST_PAGES = 300
MOST_LINES = 30_000
LONGEST_LINE = 20_000  # characters

_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
# What pypdf raises beside its own errors when a damaged file leads it astray.
_ASTRAY = (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError)
_LIGATURES = {0xFB00 + n: text for n, text in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st"))}
_PLAIN = {**_LIGATURES, 0xA0: " ", 0xAD: None, 0x200B: None, 0xFEFF: None}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = {"the", "of", "and", "to", "in", "a", "with", "that", "for", "is", "or", "as"}
_ENGLISH_SHARE = 0.12  # of all words; English prose has a quarter or more of them
_ENOUGH_WORDS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file, and where it stands: `page` is 0 in a text file."""

    text: str
    page: int
    number: int

    @property
    def place(self) -> str:
        """Returns such as "page 3, line 12"."""
        page = f"page {self.page}, " if self.page else ""
        return f"{page}line {self.number}"


def read_lines(name: str, data: bytes) -> tuple[Line, ...]:
    """Returns the lines of a PDF or text file in English.

    Raises `InvalidInput` or `TooLarge`, naming the file and the place.
    """
    if len(data) > LARGEST_FILE:
        raise TooLarge(f"{name}: has {len(data):,} bytes; {LARGEST_FILE:,} at most are read.")
    if not data.strip():
        raise _refused(name, "is empty")
    if data.startswith(_ZIP):
        raise _refused(name, "is a zip archive or an office document")
    lines = _pdf_lines(name, data) if data.startswith(_PDF) else _text_lines(name, data)
    if len(lines) > MOST_LINES:
        raise TooLarge(f"{name}: has {len(lines):,} lines; {MOST_LINES:,} at most are read.")
    for line in lines:
        if len(line.text) > LONGEST_LINE:
            raise TooLarge(
                f"{name}, {line.place}: has {len(line.text):,} characters;"
                f" {LONGEST_LINE:,} at most are read in a line."
            )
    _check_language(name, lines)
    return lines


def _text_lines(name: str, data: bytes) -> tuple[Line, ...]:
    text = _decoded(name, data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if _CONTROL.search(line):
            raise _refused(f"{name}, line {number}", "holds control characters, as no text does")
    return tuple(Line(line.translate(_PLAIN), 0, n) for n, line in enumerate(lines, 1))


def _decoded(name: str, data: bytes) -> str:
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(f"{name}, line {line}", "is not text in UTF-8") from None


def _pdf_lines(name: str, data: bytes) -> tuple[Line, ...]:
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _refused(name, "is locked by a password")
        count = len(reader.pages)
    except InvalidInput:
        raise
    except (*_ASTRAY, RecursionError):
        raise _refused(name, "is a damaged PDF") from None
    if count > MOST_PAGES:
        raise TooLarge(f"{name}: has {count:,} pages; {MOST_PAGES} at most are read.")
    pages = [_page_text(name, reader, number) for number in range(count)]
    if not any(page.strip() for page in pages):
        raise _refused(name, "has no text on its pages: it is a scan, a picture of text")
    return tuple(
        Line(_CONTROL.sub("", line).translate(_PLAIN), page, number)
        for page, text in enumerate(_without_edges(pages), 1)
        for number, line in enumerate(text, 1)
    )


def _page_text(name: str, reader: PdfReader, number: int) -> str:
    try:
        return reader.pages[number].extract_text()
    except (*_ASTRAY, RecursionError):
        raise _refused(f"{name}, page {number + 1}", "is damaged") from None


def _without_edges(pages: list[str]) -> list[list[str]]:
    """Blanks what stands first or last on most pages: their header and footer, not their text."""
    found = [page.splitlines() for page in pages]
    for edge in (0, 1, -1, -2):
        at_edge = [_furniture(lines[edge]) if len(lines) > 3 else "" for lines in found]
        for lines, mark in zip(found, at_edge, strict=True):
            if mark and at_edge.count(mark) > max(2, len(found) // 2):
                lines[edge] = ""
    return found


def _furniture(line: str) -> str:
    """Returns what a header or footer is known by, without its page number.

    Empty for what may be part of a statement: a code that stands alone, or a sentence's end.
    """
    line = line.strip()
    is_plain = bool(_WORD.search(line)) and not line.endswith((".", ";", ":", ","))
    return re.sub(r"\d+", "#", line) if is_plain or line.isdigit() else ""


def _check_language(name: str, lines: tuple[Line, ...]) -> None:
    words = [word.lower() for line in lines for word in _WORD.findall(line.text)]
    english = sum(word in _ENGLISH for word in words)
    if len(words) >= _ENOUGH_WORDS and english < _ENGLISH_SHARE * len(words):
        raise _refused(name, "is not in English")


def _refused(place: str, what: str) -> InvalidInput:
    return InvalidInput(
        f"{place}: {what}.",
        code="wording-file",
        advice="Expected: a PDF with text in it, or plain text in UTF-8, of the published"
        " framework in English. Nothing was changed.",
    )

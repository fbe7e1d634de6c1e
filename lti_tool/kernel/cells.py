"""CSV that a spreadsheet cannot take for formulas."""

import csv
import io
from collections.abc import Iterable

# What makes a spreadsheet read a cell as a formula; tab and line end hide such a beginning.
# The wide forms are taken for the narrow ones where people write with them.
_STARTERS = (*"=+-@＝＋－＠", "\t", "\r", "\n")


def safe_cell(text: str) -> str:
    """Returns the text with an apostrophe before it where it would begin a formula.

    Codes and ids of this tool begin with a letter or a digit, and stay as they are. Source:
    OWASP, "CSV Injection".
    """
    return f"'{text}" if text.startswith(_STARTERS) else text


def csv_text(rows: Iterable[Iterable[object]]) -> str:
    """Returns the rows as CSV (RFC 4180, comma, CRLF), every cell safe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return written.getvalue()

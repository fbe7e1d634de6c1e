"""CSV that a spreadsheet cannot take for formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.kernel.cells import csv_text, safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")']
)
def test_what_would_be_a_formula_becomes_text(text: str) -> None:
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("text", ["1.01", "portfolio-1:2.04", "", "a=b", "[{}]", "Llŷr", "'x"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


@given(
    st.lists(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=2))
)
def test_whatever_is_written_is_read_again_and_no_cell_begins_a_formula(
    rows: list[list[str]],
) -> None:
    found = list(csv.reader(io.StringIO(csv_text(rows), newline=""), strict=True))
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in found for cell in row
    )

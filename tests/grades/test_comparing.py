"""Who wrote a cell last: ours, once ours, or a tutor's. No tutor's grade is taken for ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.grades.comparing import EMPTY, Cell, Finding, is_our_comment, judge, still_stands

OURS = "Self-assessment: 5 of 63 rated; 3 achieved, 2 working towards."


@pytest.mark.parametrize(
    ("cell", "sent", "finding"),
    [
        (EMPTY, [8], Finding.MISSING),
        (Cell(None, 100, "Nice"), [8], Finding.MISSING),
        (Cell(8, 100, OURS), [8, 9], Finding.OLDER),
        (Cell(8, 100, f"<p>{OURS}</p>"), [8, 9], Finding.OLDER),
        (Cell(8, 100, None), [8, 9], Finding.OLDER),
        (Cell(0.8, 10, OURS), [8, 9], Finding.OLDER),
        (Cell(2.31, 7, OURS), [33], Finding.OLDER),
        (Cell(70, 100, OURS), [8, 9], Finding.OVERRIDDEN),
        (Cell(0, 100, OURS), [8, 9], Finding.OVERRIDDEN),
        (Cell(8, 10, OURS), [8, 9], Finding.OVERRIDDEN),
        (Cell(8, 100, "Well done"), [8, 9], Finding.OVERRIDDEN),
        (Cell(8, 100, OURS, by_person=True), [8, 9], Finding.OVERRIDDEN),
        # Nothing is known of what was sent: our words under a grade make it ours.
        (Cell(70, 100, OURS), [], Finding.OLDER),
        (Cell(70, 100, "Well done"), [], Finding.OVERRIDDEN),
        (Cell(70, 100, None), [], Finding.OVERRIDDEN),
    ],
)
def test_what_a_cell_is(cell: Cell, sent: list[int], finding: Finding) -> None:
    assert judge(cell, agrees=False, sent=sent) is finding
    assert judge(cell, agrees=True, sent=sent) is Finding.AGREES


def test_a_column_that_is_out_of_something_else_now_holds_ours_still() -> None:
    cell = Cell(8, 7, OURS)
    assert judge(cell, agrees=False, sent=[8], earlier_maximum=100) is Finding.OLDER
    assert judge(cell, agrees=False, sent=[8]) is Finding.OVERRIDDEN


@given(
    sent=st.sets(st.integers(0, 100), min_size=1, max_size=8),
    given_value=st.integers(0, 100),
    maximum=st.sampled_from([1, 5, 7, 10, 20, 100, 1000]),
)
def test_every_whole_grade_is_told_from_every_other_on_any_scale(
    sent: set[int], given_value: int, maximum: int
) -> None:
    shown = Cell(round(given_value * maximum / 100, 5), maximum, OURS)
    expected = Finding.OLDER if given_value in sent else Finding.OVERRIDDEN
    assert judge(shown, agrees=False, sent=sent) is expected


def test_words_of_ours_are_known() -> None:
    assert is_our_comment(OURS)
    assert not is_our_comment("")
    assert not is_our_comment(None)
    assert not is_our_comment("Self-assessment: well done")


@pytest.mark.parametrize(
    ("cell", "value", "maximum", "stands"),
    [
        (Cell(70, 100), 70, 100, True),
        (Cell(7, 10), 70, 100, True),
        (Cell(80, 100), 70, 100, False),
        (EMPTY, 70, 100, False),
        (EMPTY, None, None, True),
        (Cell(5, 100), None, None, False),
    ],
)
def test_whether_an_override_stands(
    cell: Cell, value: float | None, maximum: float | None, *, stands: bool
) -> None:
    assert still_stands(cell, value=value, maximum=maximum) is stands

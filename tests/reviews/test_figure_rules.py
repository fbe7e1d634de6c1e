"""Kappa, medians and percentiles, against values worked out by hand or by others."""

from datetime import date, timedelta

import pytest

from lti_tool.reviews.figures.rules import NoKappa, Period, agreement, read_period, spread


def table(cells: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
    return [pair for pair, count in cells.items() for _ in range(count)]


def test_kappa_of_a_known_table() -> None:
    """20 and 15 of 50 agree, 5 and 10 do not: 0.7 observed, 0.5 by chance."""
    found = agreement(table({("met", "met"): 20, ("met", "partly"): 5,
                             ("partly", "met"): 10, ("partly", "partly"): 15}))  # fmt: skip
    assert (found.n, found.agreed, found.share) == (50, 35, 0.7)
    assert found.kappa == pytest.approx(0.4)


def test_kappa_of_three_verdicts() -> None:
    cells = {("met", "met"): 4, ("met", "partly"): 1, ("partly", "partly"): 2,
             ("not-yet", "partly"): 1, ("not-yet", "not-yet"): 2}  # fmt: skip
    found = agreement(table(cells))
    # Observed 8/10. First: 5, 2, 3; second: 4, 4, 2: by chance (20 + 8 + 6) / 100.
    assert found.kappa == pytest.approx((0.8 - 0.34) / (1 - 0.34))


def test_all_the_same_in_several_verdicts_is_one_and_all_apart_is_below_zero() -> None:
    assert agreement(table({("met", "met"): 3, ("partly", "partly"): 2})).kappa == 1
    found = agreement(table({("met", "partly"): 2, ("partly", "met"): 2}))
    assert found.kappa == -1
    assert found.share == 0


def test_readers_who_share_no_verdict_at_all_agree_as_by_chance() -> None:
    assert agreement(table({("met", "partly"): 7})).kappa == 0


def test_kappa_says_why_it_is_not_defined() -> None:
    nothing = agreement([])
    assert (nothing.n, nothing.kappa, nothing.reason, nothing.share) == (
        0, None, NoKappa.NO_PAIRS, None,
    )  # fmt: skip
    same = agreement(table({("met", "met"): 12}))
    assert (same.n, same.agreed, same.kappa, same.reason) == (12, 12, None, NoKappa.NO_VARIETY)


def test_a_pair_without_one_verdict_does_not_count() -> None:
    assert agreement([("met", ""), ("", ""), ("met", "met"), ("partly", "met")]).n == 2


def days(*counts: float) -> list[timedelta]:
    return [timedelta(days=count) for count in counts]


def test_median_and_ninetieth_percentile() -> None:
    found = spread(days(*range(1, 21)))
    assert (found.n, found.median, found.ninetieth) == (20, 10.5, 18)


def test_few_times_have_a_median_and_no_percentile() -> None:
    found = spread(days(3, 1, 2))
    assert (found.n, found.median, found.ninetieth) == (3, 2, None)
    assert spread([]).median is None
    assert spread(days(*[4] * 10)).ninetieth == 4


def test_a_period_holds_its_first_and_last_day() -> None:
    period, is_read = read_period("2026-11-01", "2026-11-30")
    assert is_read
    assert [period.holds(date(2026, month, day)) for month, day in
            ((10, 31), (11, 1), (11, 30), (12, 1))] == [False, True, True, False]  # fmt: skip
    assert Period().holds(date(1, 1, 1))


@pytest.mark.parametrize(
    ("first", "last"), [("x", ""), ("", "2026-13-01"), ("2026-12-01", "2026-11-01"), ("9" * 99, "")]
)
def test_a_period_that_cannot_be_read_is_open_and_said(first: str, last: str) -> None:
    assert read_period(first, last) == (Period(), False)

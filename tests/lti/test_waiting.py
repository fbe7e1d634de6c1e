"""How long an LMS asks us to wait."""

import pytest

from lti_tool.lti.waiting import LONGEST_WAIT_SECONDS, retry_after

from .fakes import START


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17),
        (" 0 ", 0),
        ("Sat, 21 Nov 2026 20:41:32 GMT", 60),
        ("Sat, 21 Nov 2026 20:41:32", 60),
        ("Sat, 21 Nov 2026 20:00:00 GMT", 0),
        ("99999999999999999999", LONGEST_WAIT_SECONDS),
        ("9" * 6000, LONGEST_WAIT_SECONDS),
        ("Sun, 21 Nov 2027 20:41:32 GMT", LONGEST_WAIT_SECONDS),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_seconds_and_dates_are_read(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, START) == seconds


def test_an_lms_may_say_nothing() -> None:
    assert retry_after({}, START) is None

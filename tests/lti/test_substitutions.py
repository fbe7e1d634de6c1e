"""Custom parameters that an LMS fills in, or leaves as they were."""

from datetime import UTC, datetime

import pytest

from lti_tool.lti.substitutions import (
    CANVAS_DATES,
    DATES,
    HISTORIES,
    MOST_ANCESTORS,
    SUBSTITUTIONS,
    ancestors,
    asked,
    filled,
    moment,
)

AT_FIVE = datetime(2026, 12, 3, 17, tzinfo=UTC)


def test_every_parameter_has_one_name() -> None:
    assert len(SUBSTITUTIONS) == len(HISTORIES) + len(DATES) + len(CANVAS_DATES)
    assert asked({"due": "ResourceLink.submission.endDateTime"}) == {
        "due": "$ResourceLink.submission.endDateTime"
    }


@pytest.mark.parametrize(
    ("custom", "expected"),
    [({}, ""), ({"due": " x "}, "x"), ({"due": "$Foo"}, ""), ({"due": ""}, "")],
)
def test_a_variable_that_was_left_counts_as_absent(custom: dict[str, str], expected: str) -> None:
    assert filled(custom, "due") == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-03T17:00:00Z",
        "2026-12-03T17:00:00.000Z",
        "2026-12-03T18:00:00+01:00",
        "2026-12-03T17:00:00",
        "2026-12-03T17:00:00.999Z",
    ],
)
def test_moments_are_read_in_utc_and_whole_seconds(text: str) -> None:
    assert moment({"due": text}, "due") == AT_FIVE


def test_the_first_parameter_that_is_a_moment_counts() -> None:
    custom = {"due": "soon", "canvas_due": "2026-12-03T17:00:00Z"}
    assert moment(custom, "due", "canvas_due") == AT_FIVE
    assert moment(custom, "due") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("$ResourceLink.id.history", ()),
        ("b, a", ("b", "a")),
        ("a%2Cb,c%20d", ("a,b", "c d")),
        ("b,b,,a,b", ("b", "a")),
        ("x" * 256 + ",a", ("a",)),
        ("%00,a", ("a",)),
        ("%zz", ("%zz",)),
    ],
)
def test_a_history_is_a_list_of_encoded_ids(text: str, expected: tuple[str, ...]) -> None:
    assert ancestors({"link_history": text}, "link_history") == expected


def test_a_history_without_end_is_cut() -> None:
    text = ",".join(map(str, range(5000)))
    assert len(ancestors({"h": text}, "h")) == MOST_ANCESTORS

"""Origins, and URLs that are not ours to rewrite."""

import pytest

from lti_tool.lti.addresses import origin, same_origin, with_path_ending, with_query


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://lms.example", ("https", "lms.example", 443)),
        ("HTTP://LMS.example:8080/x", ("http", "lms.example", 8080)),
        ("https://[::1]:1/", ("https", "::1", 1)),
        ("https://user@lms.example/", None),
        ("https://a\\@lms.example/", None),
        ("https://lms.example /", None),
        ("https://lms.example\n/", None),
        ("https://lms.example:99999/", None),
        ("https:///x", None),
        ("//lms.example/", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_only_a_clear_http_address_has_an_origin(
    url: str, expected: tuple[str, str, int] | None
) -> None:
    assert origin(url) == expected


def test_two_addresses_without_an_origin_share_none() -> None:
    assert not same_origin("", "")
    assert same_origin("https://a.example/x", "https://A.example:443/y")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://l.example/3/lineitem?type_id=2", "https://l.example/3/lineitem/scores?type_id=2"),
        ("https://l.example/3/lineitem", "https://l.example/3/lineitem/scores"),
        ("https://l.example/3/lineitem/?a=%2F&b", "https://l.example/3/lineitem/scores?a=%2F&b"),
    ],
)
def test_the_ending_goes_before_the_query(url: str, expected: str) -> None:
    assert with_path_ending(url, "scores") == expected


def test_a_query_is_added_to_and_ours_wins() -> None:
    url = with_query("https://l.example/r?a=%41&user_id=1&b", {"user_id": "x y&z"})
    assert url == "https://l.example/r?a=%41&b&user_id=x%20y%26z"
    assert with_query("https://l.example/r?a=1", {}) == "https://l.example/r?a=1"

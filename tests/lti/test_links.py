"""The next page, as LMSs really write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.links import Link, next_link, parse_links
from lti_tool.lti.refusals import ServiceUnreadable

HERE = "https://lms.example/5/lineitems?type_id=2&limit=1"

# How the quotes around `rel` may look when they arrive.
MOJIBAKE = ("\u00e2\u0080\u009c", "\u00e2\u0080\u009d")
STYLES = {
    "straight": ('"', '"'),
    "none": ("", ""),
    "single": ("'", "'"),
    "curly": ("\u201c", "\u201d"),
    "latin-1": MOJIBAKE,
    "windows-1252": ("\u00e2\u20ac\u0153", "\u00e2\u20ac\u009d"),
    "windows-1252, 0x9D dropped": ("\u00e2\u20ac\u0153", "\u00e2\u20ac"),
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_every_kind_of_quote_is_read(style: tuple[str, str]) -> None:
    left, right = style
    value = (
        f"<https://lms.example/a?from=0>; rel={left}first{right}, "
        f"<https://lms.example/a?from=1>; rel={left}next{right}"
    )
    assert next_link({"Link": value}, HERE) == "https://lms.example/a?from=1"


def test_moodle_s_header_is_read_as_it_arrives() -> None:
    page = "https://lms.example/5/lineitems?type_id=2&amp;limit=1&amp;from="
    value = ", ".join(
        f"<{page}{number}>; rel={MOJIBAKE[0]}{name}{MOJIBAKE[1]}"
        for name, number in (("first", 0), ("canonical", 1), ("next", 2), ("last", 4))
    )
    expected = "https://lms.example/5/lineitems?type_id=2&limit=1&from=2"
    assert next_link({"link": value}, HERE) == expected


def test_a_cursor_keeps_its_case_and_its_text() -> None:
    target = "https://lms.example/Page?cursor=AbC,%2F;=&copy=1&lt=2"
    assert next_link({"Link": f'<{target}>; rel="next"'}, HERE) == target


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", None),
        ("nonsense", None),
        ('<https://lms.example/a>; rel="prev"', None),
        ("<https://lms.example/a>", None),
        ('<https://lms.example/a>; title="rel=next"', None),
        ('<https://lms.example/a>; rel="prev"; rel="next"', None),
        ('<https://lms.example/a>; rel="nextish"', None),
        ('<https://lms.example/a>; REL="NEXT"', "https://lms.example/a"),
        ('<https://lms.example/a>;rel="last next"', "https://lms.example/a"),
        ('<https://lms.example/a>; title="a, <b>; c"; rel="next"', "https://lms.example/a"),
        ("<b?from=2>; rel=next", "https://lms.example/5/b?from=2"),
        ("<?from=2>; rel=next", "https://lms.example/5/lineitems?from=2"),
        ("<https://lms.example:443/a>; rel=next", "https://lms.example:443/a"),
    ],
)
def test_what_is_the_next_page_and_what_is_not(value: str, expected: str | None) -> None:
    assert next_link({"Link": value}, HERE) == expected


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/a",
        "http://lms.example/a",
        "https://lms.example:8443/a",
        "//evil.example/a",
        "https://lms.example@evil.example/",
        "https://[",
        "javascript:alert(1)",
    ],
)
def test_a_next_page_elsewhere_is_an_error_and_not_the_end(target: str) -> None:
    with pytest.raises(ServiceUnreadable) as caught:
        next_link({"Link": f'<{target}>; rel="next"'}, HERE)
    assert caught.value.code == "next-link-foreign"


targets = st.from_regex(r"https://lms\.example/[A-Za-z0-9/?=;,%._-]{0,30}", fullmatch=True)
relations = st.sets(st.sampled_from(["next", "prev", "first", "last"]), min_size=1)
spaces = st.sampled_from(["", " ", "  "])


@given(
    links=st.lists(st.tuples(targets, relations, st.sampled_from(list(STYLES))), max_size=5),
    space=spaces,
    extra=st.sampled_from(["", '; title="a, b"', "; type=x", "; hreflang"]),
)
def test_what_was_written_is_what_is_read(
    links: list[tuple[str, set[str], str]], space: str, extra: str
) -> None:
    written = []
    for target, names, style in links:
        left, right = STYLES[style]
        value = " ".join(sorted(names)) if left else min(names)
        written.append(f"<{target}>{space};{space}rel={left}{value}{right}{extra}")
    read = parse_links(f"{space},{space}".join(written))
    assert [link.target for link in read] == [target for target, _, _ in links]
    for link, (_, names, style) in zip(read, links, strict=True):
        assert link.relations == (names if STYLES[style][0] else {min(names)})


@given(st.text(alphabet='<>;=", \\next\u201c\u00e2\u20ac', max_size=80))
def test_no_header_breaks_the_reading(value: str) -> None:
    assert all(isinstance(link, Link) for link in parse_links(value))

"""Texts: their form on a page, what changed between two, words, and what makes one version."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.portfolios.differences import MOST_WORDS, Change, Piece, difference
from lti_tool.portfolios.formatting import TAGS, formatted
from lti_tool.portfolios.rules import appended, count_words
from lti_tool.portfolios.versions import ONE_VERSION, TAKEN_AWAY, is_one_version, taken_away

NASTY = st.text(alphabet="<>&\"'`*_[]()!#-1. \n\tahrefscriptjvo:/\\x", max_size=200)
NOW = datetime(2027, 3, 14, 14, 2, tzinfo=UTC)


def test_paragraphs_lists_emphasis_and_headings_have_their_form() -> None:
    html = formatted("# One\n\na *b* **c**\nd\n\n- e\n\n3. f\n\n> g")
    for part in (
        "<h3>One</h3>",
        "<em>b</em>",
        "<strong>c</strong><br>",
        "<li>e</li>",
        "<blockquote>",
    ):
        assert part in html
    assert '<ol start="3">' in html


def test_a_link_says_where_it_leads_and_tells_nobody_where_it_comes_from() -> None:
    html = formatted("[here](https://a.example/x?y=1&z=<2>) <https://b.example/>")
    assert "</a> (https://a.example/x?y=1&amp;z=%3C2%3E)" in html
    assert html.count("b.example") == 2  # its address and its words, and not a third time
    assert html.count('rel="noopener noreferrer nofollow ugc"') == 2


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html,x)",
        "[a](//evil.example)",
        "[a](/at/slot/)",
        "[a](vbscript:x)",
        "<javascript:alert(1)>",
        "[a](http://[broken)",
    ],
)
def test_no_link_leads_anywhere_but_to_an_address_on_the_web(text: str) -> None:
    assert "href" not in formatted(text)


@given(NASTY)
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_no_other_tag_comes_out(text: str) -> None:
    html = formatted(text)
    assert set(re.findall(r"</?([a-zA-Z][\w-]*)", html)) <= TAGS
    assert not re.search(r"<[^>]*\son\w+\s*=", html)


@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    lines = difference(before, after)

    def side(left_out: Change) -> list[str]:
        texts = ("".join(p.text for p in line if p.change is not left_out) for line in lines)
        return [text for text in texts if text]

    assert side(Change.ADDED) == [line for line in before.split("\n") if line]
    assert side(Change.REMOVED) == [line for line in after.split("\n") if line]


def test_a_difference_is_told_word_by_word_unless_a_paragraph_is_very_long() -> None:
    assert difference("I saw a baby.", "I saw the baby.") == [
        [
            Piece(Change.SAME, "I saw "),
            Piece(Change.REMOVED, "a"),
            Piece(Change.ADDED, "the"),
            Piece(Change.SAME, " baby."),
        ]
    ]
    apart = difference("I sat with a mother and her baby.", "What we learn from supervision.")
    assert [piece.change for piece in apart[0]] == [Change.REMOVED, Change.ADDED]
    long = "word " * MOST_WORDS
    assert [piece.change for piece in difference(long, f"{long}more")[0]] == [
        Change.REMOVED,
        Change.ADDED,
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("One.", 1),
        ("She didn’t—she couldn't.", 4),
        ("**bold** and *it*\n\n- a\n- b", 5),
        ("parent-infant work", 2),
        ("Llŷr, 王小明 ac محمد", 4),
    ],
)
def test_words_are_counted_as_a_reader_counts_them(text: str, words: int) -> None:
    assert count_words(text) == words


def test_one_version_lasts_for_minutes_and_loses_no_more_than_a_few_words() -> None:
    assert is_one_version(NOW, NOW, 0)
    assert is_one_version(NOW, NOW + ONE_VERSION - timedelta(seconds=1), TAKEN_AWAY)
    assert not is_one_version(NOW, NOW + ONE_VERSION, 0)
    assert not is_one_version(NOW, NOW, TAKEN_AWAY + 1)
    assert not is_one_version(NOW, NOW - timedelta(seconds=1), 0)  # a clock that was set back


def test_what_is_taken_away_is_what_no_longer_stands_there() -> None:
    assert taken_away("abcdef", "abXdef") == 1
    assert taken_away("abc", "abcdef") == 0
    assert taken_away("abcdef", "") == 6
    assert taken_away("aaaa", "aa") == 2


def test_an_addition_is_a_paragraph_of_its_own() -> None:
    assert appended("", " a ") == "a"
    assert appended("a", "b") == "a\n\nb"

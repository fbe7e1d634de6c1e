"""Dates, codes and searches: what follows from what, without any database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.kernel.codes import CODE_LENGTH, grouped, new_code, read_code
from lti_tool.register.rules import (
    Standing,
    State,
    Terms,
    has_enough,
    last_day,
    parse_showing,
    parse_terms,
    reminder_day,
    renewed_until,
    standing,
)
from lti_tool.register.searching import folded, kept_folded, parse_search


def test_a_recognition_holds_through_its_last_day() -> None:
    end = last_day(date(2026, 11, 22), 3)
    assert end == date(2029, 11, 22)
    assert standing(State.RECOGNISED, end, end) is Standing.IN_FORCE
    assert standing(State.RECOGNISED, end, date(2029, 11, 23)) is Standing.ENDED
    assert standing(State.SUSPENDED, end, end) is Standing.SUSPENDED


def test_a_recognition_of_a_leap_day_ends_on_the_28th_and_a_reminder_falls_on_a_day_there_is() -> (
    None
):
    assert last_day(date(2028, 2, 29), 3) == date(2031, 2, 28)
    assert reminder_day(date(2029, 8, 31), 6) == date(2029, 2, 28)
    assert reminder_day(date(2029, 3, 14), 12) == date(2028, 3, 14)
    assert reminder_day(date(2029, 1, 5), 1) == date(2028, 12, 5)


def test_a_renewal_counts_from_the_old_end_or_from_today_when_that_is_over() -> None:
    assert renewed_until(date(2029, 5, 1), date(2029, 1, 1), 3) == date(2032, 5, 1)
    assert renewed_until(date(2029, 5, 1), date(2030, 1, 1), 3) == date(2033, 1, 1)


def test_enough_training_is_some_or_as_many_hours_as_the_organisation_asks_for() -> None:
    assert not has_enough(0, 0, Terms())
    assert has_enough(0, 1, Terms())
    assert not has_enough(47, 3, Terms(renewal_hours=12))
    assert has_enough(48, 3, Terms(renewal_hours=12))


@pytest.mark.parametrize("code", ["7K3M9QXA2BTN", "0" * 12])
def test_a_code_is_read_back_as_it_is_printed_or_spoken(code: str) -> None:
    assert len(code) == CODE_LENGTH
    for typed in (
        code,
        grouped(code),
        f" {grouped(code).lower()} ",
        grouped(code).replace("-", " "),
    ):
        assert read_code(typed) == code


def test_a_new_code_is_a_code() -> None:
    assert all(read_code(code) == code for code in (new_code() for _ in range(200)))


def test_letters_that_look_like_digits_are_taken_for_them() -> None:
    assert read_code("oOiI-lL23-4567") == "001111234567"


@pytest.mark.parametrize(
    "typed", ["", "123", "1234-5678-90AU", "%" * 12, "é" * 12, "1" * 13, "\0" * 12]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Żółć-Nowak", "zolc"),
        ("Amina O'Brien", "o'brien"),
        ("Amina O’Brien", "obrien"),
        ("Amina O’Brien", "brien"),
        ("Llŷr Môn", "llyr mon"),
        ("Ærøskøbing", "aeroskobing"),
        ("STRAẞE", "strasse"),
        ("王小明", "王小"),
        ("محمد", "محم"),
        ("Nguyễn", "nguyen"),
    ],
)
def test_a_name_is_found_however_it_is_typed(name: str, typed: str) -> None:
    kept = kept_folded(name)
    words = parse_search({"name": typed}).name
    assert words
    assert all(f" {word}" in kept for word in words)


@pytest.mark.parametrize("typed", ["", "ab", "%%%%", "___", "***", "王", "   ", "\0\0\0", "' ' '"])
def test_a_search_that_says_too_little_is_none(typed: str) -> None:
    assert not parse_search({"name": typed, "level": "2"}).says_enough


@pytest.mark.parametrize("typed", ["abc", "王小", "a b c", "Ng uy"])
def test_three_letters_or_two_ideographs_are_enough(typed: str) -> None:
    assert parse_search({"name": typed}).says_enough


def test_a_short_name_beside_a_place_is_not_passed_over_in_silence() -> None:
    assert not parse_search({"name": "a", "place": "Leeds"}).says_enough
    assert parse_search({"place": "Leeds"}).says_enough


@given(st.text(max_size=60))
def test_a_folded_text_holds_no_sign_of_a_pattern(typed: str) -> None:
    assert not set(folded(typed)) & set("%_\\*?[]'\"")
    assert folded(folded(typed)) == folded(typed)


@given(
    st.dictionaries(st.sampled_from(["name", "place", "level", "page", "organisation"]), st.text())
)
def test_any_address_makes_a_search(query: dict[str, str]) -> None:
    wanted = parse_search(query)
    assert wanted.level in {None, 1, 2, 3}
    assert wanted.page >= 0


def test_a_form_says_what_is_wrong_with_it_and_keeps_what_was_typed() -> None:
    typed, showing = parse_showing({"name": "  ", "place": "x" * 121, "shown": "yes"})
    assert showing is None
    assert set(typed.problems) == {"name", "place"}
    assert typed.values["place"] == "x" * 121
    typed, showing = parse_showing({"name": " Amina\n Khan ", "place": "", "shown": "no"})
    assert showing
    assert (showing.name, showing.shown) == ("Amina Khan", False)


def test_a_name_cannot_turn_the_page_about_it_around() -> None:
    form = {"name": "Amina\u202e \u2066Khan\x07\u200b\ufeff", "place": "علی\u200cرضا"}
    _typed, showing = parse_showing(form)
    assert showing
    assert showing.name == "Amina Khan"
    assert showing.place == "علی\u200cرضا"
    _typed, showing = parse_showing({"name": "\u200b\u202e", "place": ""})
    assert showing is None


@pytest.mark.parametrize("years", ["", "0", "11", "-1", "3.5", "٣", "x", "99999999999"])
def test_rules_of_an_organisation_are_whole_numbers_within_bounds(years: str) -> None:
    typed, terms = parse_terms({"years": years, "remind_months": "6", "hours": "0"})
    assert terms is None
    assert set(typed.problems) == {"years"}

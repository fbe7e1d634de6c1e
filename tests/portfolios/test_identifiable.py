"""What warns the writer, and what, in ordinary accounts, does not."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.portfolios.identifiable import Kind, identifiable, is_health_number


def found(text: str, *known: str) -> list[tuple[str, str]]:
    return [(one.kind.value, text[one.start : one.end]) for one in identifiable(text, known)]


@pytest.mark.parametrize(
    ("text", "kind", "place"),
    [
        ("Her number is 943 476 5919, I think.", Kind.HEALTH_NUMBER, "943 476 5919"),
        ("NHS 9434765919.", Kind.HEALTH_NUMBER, "9434765919"),
        ("CHI 010120-2004", Kind.HEALTH_NUMBER, None),
        ("he was born on 3/2/2025 at home", Kind.DATE_OF_BIRTH, "3/2/2025"),
        ("DOB 2025-02-03", Kind.DATE_OF_BIRTH, "2025-02-03"),
        ("Born 3rd of February, at term", Kind.DATE_OF_BIRTH, "3rd of February,"),
        ("14 March 2025 is her date of birth", Kind.DATE_OF_BIRTH, "14 March 2025"),
        ("They live near CF10 3AT now.", Kind.POSTCODE, "CF10 3AT"),
        ("SW1A 1AA", Kind.POSTCODE, "SW1A 1AA"),
        ("ring 029 2034 5678 after six", Kind.PHONE, "029 2034 5678"),
        ("her mobile, 07700 900123, was off", Kind.PHONE, "07700 900123"),
        ("+44 7700 900 123", Kind.PHONE, "+44 7700 900 123"),
        ("write to mam.jones@example.org today", Kind.EMAIL, "mam.jones@example.org"),
        ("I met Mrs Llewellyn-Żółć there", Kind.NAME, "Llewellyn-Żółć"),
        ("a boy called Dafydd came in", Kind.NAME, "Dafydd"),
        ("we saw Baby Noor smile", Kind.NAME, "Noor"),
    ],
)
def test_what_could_tell_who_somebody_is_is_found(text: str, kind: Kind, place: str | None) -> None:
    wanted = [] if place is None else [(kind.value, place)]
    assert [one for one in found(text) if one[0] == kind] == wanted


@pytest.mark.parametrize(
    "text",
    [
        "On 3 February 2025 I observed a feed for forty minutes.",
        "I scored 9434765918 points in a game.",  # one digit off: no health number
        "The Newborn Behavioural Observation took place on a Monday in March.",
        "Competency 2.01 at Level 2, in Domain 3. I read Winnicott.",
        "He is 2nd of three. It was 1st in M1 5th place.",
        "Mum and Dad came to the Health Visitor. My Baby group met at Christmas.",
        "",
    ],
)
def test_ordinary_accounts_are_left_in_peace(text: str) -> None:
    assert found(text) == []


def test_a_capitalised_word_that_comes_back_within_sentences_is_a_likely_name() -> None:
    text = "I picked up Osian when he cried. Then Osian looked at me. Osian slept."
    assert found(text) == [("name", "Osian")] * 2
    assert found(text, "Osian") == []


def test_the_surer_kind_has_the_place() -> None:
    """Ten digits of a health number can look like a telephone number without its first zero."""
    assert found("0 943 476 5919")[0][0] in {"health-number", "phone"}
    assert len(found("943 476 5919")) == 1


@pytest.mark.parametrize(
    "digits", ["9434765919", "4505577104", "3333333333", "943476591", "٩434765919"]
)
def test_check_digits(digits: str) -> None:
    assert is_health_number(digits) == (digits in {"9434765919", "4505577104"})


@given(st.text(max_size=400))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_any_text_has_places_in_order_that_do_not_overlap(text: str) -> None:
    places = [(one.start, one.end) for one in identifiable(text)]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(a[1] <= b[0] for a, b in pairwise(places))


def test_a_long_text_of_capitals_is_read_in_steps_that_grow_with_it() -> None:
    """Patterns that look back and forth must not make a long text cost a square."""
    text = "Aa " * 20_000 + "0 " * 20_000
    assert identifiable(text)

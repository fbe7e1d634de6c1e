"""CSV files of offers: what is refused, and with which words. Pure."""

import csv
import io
from datetime import date

import pytest

from lti_tool.assessments.rules import State
from lti_tool.competencies.queries import library
from lti_tool.training.offers.csv_files import (
    COLUMNS,
    MOST_ROWS,
    FileMistake,
    FileRefused,
    read_csv,
    write_csv,
)
from lti_tool.training.offers.rules import Format
from lti_tool.training.offers.terms import Terms, self_assessments
from lti_tool.training.offers.wishes import Wish, parse_wish

TODAY = date(2026, 11, 22)
TERMS = Terms(self_assessments(library()), {"p1": "Level 1", "p2": "Level 2", "p3": "Level 2"})
GOOD = {"reference": "a", "title": "A", "levels": "1; 2;", "domains": "2;"}


def file_of(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    written = io.StringIO()
    writer = csv.DictWriter(written, columns)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def refusal(content: bytes) -> tuple[FileMistake, ...]:
    with pytest.raises(FileRefused) as raised:
        read_csv(content)
    return raised.value.mistakes


def mistakes_of(**fields: str) -> dict[str, str]:
    wish, mistakes = parse_wish(GOOD | fields, TERMS, TODAY)
    assert (wish is None) == bool(mistakes)
    return {one.name: one.sentence % one.params for one in mistakes}


def wish_of(**fields: str) -> Wish:
    wish, mistakes = parse_wish(GOOD | fields, TERMS, TODAY)
    assert wish, mistakes
    return wish


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"PK\x03\x04....", "This is a spreadsheet"),
        (b"\xd0\xcf\x11\xe0....", "This is a spreadsheet"),
        ("reference,title,levels\n".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\0\0", "no text"),
        ("reference,title,levels\na,Café,1\n".encode("cp1252"), "CSV UTF-8"),
        (b"reference,title,levels\n", "No offer is in the file"),
        (b'reference,title,levels\na,"open,1\n', "quotation mark"),
        (b"reference,title,levels\na,b,1,more\n", "4 cells; 3 are expected"),
        (b"x" * (1024 * 1024 + 1), "kB are taken"),
    ],
)
def test_what_is_no_csv_file_in_utf_8_is_refused_with_advice(content: bytes, said: str) -> None:
    (mistake,) = refusal(content)
    assert said in mistake.sentence % mistake.params


def test_the_line_of_a_wrong_byte_is_named() -> None:
    (mistake,) = refusal(b"reference,title,levels\na,A,1\nb,Caf\xe9,1\n")
    assert mistake.line == 3


def test_every_wrong_column_is_named() -> None:
    mistakes = refusal(b"reference,titel,titel,domains\na,A,,1\n")
    assert [(one.line, one.column) for one in mistakes] == [
        (1, "titel"),
        (1, "titel"),
        (1, "titel"),
        (1, "title"),
        (1, "levels"),
    ]


def test_formulas_are_refused_cell_by_cell() -> None:
    rows = [GOOD | {"title": "=cmd|' /C calc'!A0"}, GOOD | {"reference": "@b", "cost": "-1+1"}]
    assert [(one.line, one.column) for one in refusal(file_of(*rows))] == [
        (2, "title"),
        (3, "reference"),
        (3, "cost"),
    ]


@pytest.mark.parametrize("text", ["=1+1", "-x", "+44 20", "@home", "'=1", "''=1", "'tis", "＝1"])
def test_text_that_looks_like_a_formula_goes_out_harmless_and_comes_back(text: str) -> None:
    content = write_csv([GOOD | {"title": text}])
    cell = next(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))["title"]
    assert cell[0] not in "=+-@＝"
    assert read_csv(content)[0].fields["title"] == text


def test_five_thousand_rows_are_too_many_and_the_limit_is_said() -> None:
    rows = [GOOD | {"reference": f"r{number}"} for number in range(5000)]
    (mistake,) = refusal(file_of(*rows))
    assert mistake.params == {"limit": f"{MOST_ROWS:,}"}
    assert len(read_csv(file_of(*rows[:MOST_ROWS]))) == MOST_ROWS


@pytest.mark.parametrize("comma", [";", "\t"])
def test_other_separators_and_line_ends_and_a_mark_at_the_beginning_are_taken(comma: str) -> None:
    text = "\ufeff" + "\r\n".join(
        comma.join(row) for row in (["reference", "title", "levels"], ["a", "Żółć", "1"])
    )
    (line,) = read_csv((text + "\r\n\r\n").encode())
    assert line.fields == {"reference": "a", "title": "Żółć", "levels": "1"}


def test_lines_are_counted_as_in_the_file_even_when_cells_have_several() -> None:
    content = b'reference,title,levels\na,"two\nlines",1\n\nb,B,1\n'
    assert [line.number for line in read_csv(content)] == [2, 5]


def test_a_whole_offer_is_read() -> None:
    wish = wish_of(
        format="In person",
        checked="30/10/2026",
        shown="No",
        activity="Level 1",
        competencies="4.02, 4.01;",
        results="working-towards",
        essential="YES",
        levels_2="3",
        domains_2="7",
    )
    assert (wish.format, wish.checked_on, wish.shown) == (
        Format.IN_PERSON,
        date(2026, 10, 30),
        False,
    )
    assert wish.placement == "p1"
    first, second = wish.rules
    assert first.instruments == ("self-assessment-1", "self-assessment-2")
    assert (first.domains, first.codes) == ((2,), ("4.01", "4.02"))
    assert (first.results, first.essential) == ((State.WORKING_TOWARDS,), True)
    assert (second.instruments, second.domains, second.essential) == (
        ("self-assessment-3",),
        (7,),
        False,
    )


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "needed"),
        ({"title": " \n\0 "}, "needed"),
        ({"title": "x" * 301}, "301 characters; 300"),
        ({"description": "ż" * 20_001}, "20,001 characters; 20,000"),
        ({"levels": "4"}, "“4” is no level; these are expected: 1, 2, 3"),
        ({"levels": "one"}, "“one” is no level"),
        ({"levels": ""}, "At least one level"),
        ({"levels": "", "domains": ""}, "Say at which level"),
        ({"domains": ""}, "which domains or competencies"),
        ({"domains": "8"}, "“8” is no domain"),
        ({"domains": "٢"}, "is no domain"),
        ({"competencies": "4.11"}, "“4.11” is no competency"),
        ({"competencies": "2.1"}, "keep the column as text"),
        ({"results": "achieved"}, "no result that leaves a gap"),
        ({"essential": "perhaps"}, "“yes” or “no”"),
        ({"shown": "perhaps"}, "“yes” or “no”"),
        ({"format": "by post"}, "online, live-online, in-person, blended"),
        ({"checked": "2026-11-31"}, "A date is expected"),
        ({"checked": "2026-11-23"}, "not in the future"),
        ({"checked": "1026-11-01"}, "not in the future"),
        ({"address": "http://x.example"}, "https://"),
        ({"address": "javascript:alert(1)"}, "https://"),
        ({"address": "https://localhost"}, "https://"),
        ({"address": "https://me@x.example"}, "https://"),
        ({"address": "https://x.example:port/"}, "https://"),
        ({"address": "https://x.example/a b"}, "https://"),
        ({"address": "https://[x.example"}, "https://"),
        ({"activity": "Level 2"}, "title of one activity"),
        ({"activity": "p9"}, "title of one activity"),
        ({"activity": "p1", "address": "https://x.example"}, "one place"),
        ({"reference": "spaß"}, "Letters without accents"),
        ({"reference": "r" * 61}, "61 characters; 60"),
    ],
)
def test_every_field_says_what_it_expected(fields: dict[str, str], said: str) -> None:
    (found,) = mistakes_of(**fields).values()
    assert said in found


def test_every_mistake_of_an_offer_is_named_at_once() -> None:
    found = mistakes_of(title="", domains="9", domains_2="9", levels_2="2", address="x")
    assert set(found) == {"title", "domains", "domains_2", "address"}


def test_text_of_any_script_is_kept_up_to_the_limit() -> None:
    text = "幼児 الرضيع Żółć\r\n" * 1200
    assert wish_of(description=text).description == text.replace("\r\n", "\n").strip()
    assert wish_of(description="half a pair: \ud83d").description == "half a pair: ?"
    assert len(wish_of(description="ż" * 20_000).description) == 20_000


def test_a_second_framework_is_named_by_its_instruments_where_a_level_is_not_enough() -> None:
    first = TERMS.instruments["self-assessment-1"]
    other = first.model_copy(update={"id": "other-1", "title": "Another framework"})
    terms = Terms(dict(TERMS.instruments) | {"other-1": other})
    wish, mistakes = parse_wish(GOOD | {"levels": "1"}, terms, TODAY)
    assert wish is None
    assert mistakes[0].params["known"] == "self-assessment-1, 2, 3, other-1"
    wish, _mistakes = parse_wish(GOOD | {"levels": "other-1; 2"}, terms, TODAY)
    assert wish
    assert wish.rules[0].instruments == ("self-assessment-2", "other-1")

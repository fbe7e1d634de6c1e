"""Published wording is read from its layouts; what is damaged is doubtful; the rest is refused."""

import io
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instrument, library
from lti_tool.competencies.wordings.reading import Found, Outcome, Reading, read_files
from lti_tool.competencies.wordings.reading_source import LARGEST_FILE
from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from tests.competencies.reading_layouts import (
    LEAD_IN,
    as_pdf,
    expected,
    grid,
    portfolio_domain,
    running_text,
    tables,
)

ONE, TWO, THREE = (instrument(f"self-assessment-{level}") for level in (1, 2, 3))
FOLDERS = tuple(instrument(f"portfolio-{level}") for level in (1, 2, 3))


def read(text: str | bytes, name: str = "garden.txt", only: Instrument | None = None) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    (reading,) = read_files([(name, data)], library(), only)
    return reading


def refusal(data: bytes, name: str = "garden.txt") -> ImhcfError:
    with pytest.raises((InvalidInput, TooLarge)) as caught:
        read_files([(name, data)], library())
    return caught.value


def damaged(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def all_as_expected(reading: Reading, ours: Instrument) -> None:
    assert {code: one.words for code, one in reading.found.items()} == expected(ours)
    doubtful = {one.code for one in reading.of(Outcome.DOUBTFUL)}
    derived = {code for code, one in ours.by_code.items() if one.provenance == "derived"}
    assert doubtful == (derived if len(derived) < len(ours.by_code) else set())


@pytest.mark.parametrize("ours", [ONE, TWO, THREE], ids=lambda one: one.id)
@pytest.mark.parametrize("layout", [running_text, grid], ids=lambda one: one.__name__)
@pytest.mark.parametrize("pdf", [False, True], ids=["text", "pdf"])
def test_a_whole_self_assessment_is_read(ours: Instrument, layout: object, pdf: bool) -> None:
    text = layout(ours)  # type: ignore[operator]
    reading = read(as_pdf(text) if pdf else text)
    assert reading.instrument == ours.id
    all_as_expected(reading, ours)


def test_three_portfolios_are_read_from_one_programme() -> None:
    readings = read_files([("garden.txt", tables(*FOLDERS).encode())], library())
    assert [one.instrument for one in readings] == [one.id for one in FOLDERS]
    for reading, ours in zip(readings, FOLDERS, strict=True):
        all_as_expected(reading, ours)


def test_bullets_that_were_lost_are_found_by_the_blank_that_is_left_of_them() -> None:
    ours = FOLDERS[1]
    lines = ["LEVEL 2 PORTFOLIO", *portfolio_domain(ours, ours.domains[1], mark=" ")]
    found = read("\n".join(lines)).found
    assert all(found[code].outcome is Outcome.READ for code in ours.domains[1].codes)
    lines = ["LEVEL 2 PORTFOLIO", *portfolio_domain(ours, ours.domains[1], mark="")]
    found = read("\n".join(lines)).found
    assert found["2.01"].words.points == expected(ours)["2.01"].points, "one for each line"


DAMAGE = [
    (running_text, ONE, "\t1.10\t", "\t1.010\t", "1.10", "its code is printed as 1.010"),
    (running_text, ONE, "\t6.06\t", "\t6.06", "6.06", ""),
    (
        *(running_text, ONE, "Ability to look after bed 1 of plot 1, so that bees find it.", ""),
        *("1.01", "its ability part is missing"),
    ),
    (
        *(running_text, ONE, "bed 2 of plot 1, and why it is tended.", "bed 2 of plot 1 and"),
        *("1.02", "it ends in mid-sentence"),
    ),
    (
        grid,
        THREE,
        ";\nc) leave a corner wild in 1-01",
        "; leave a corner wild in 1-01",
        "1.01",
        "points are 2",
    ),
    (
        grid,
        THREE,
        "b) sow marigolds after frost in 1-02",
        "d) sow marigolds in 1-02",
        "1.02",
        "not in order",
    ),
    (
        grid,
        THREE,
        "b) sow marigolds after frost in 1-02",
        "a) sow marigolds in 1-02",
        "1.02",
        "than one list",
    ),
    (grid, THREE, "clover in 1-01", "clover (in 1-01", "1.01", "not closed"),
    (grid, THREE, "clover in 1-01", "clover clover in 1-01", "1.01", "clover clover"),
    (grid, THREE, "\n7.09\n", "\nDomain 1:\nThe plot\n\n7.09\n", "7.09", "names domain 1"),
    (grid, THREE, "\n2.05\n", "\n2.50\n", "2.05", "no text"),
]


@pytest.mark.parametrize(("layout", "ours", "old", "new", "code", "says"), DAMAGE)
def test_a_damaged_place_is_doubtful_and_says_why(
    layout: object, ours: Instrument, old: str, new: str, code: str, says: str
) -> None:
    text = damaged(layout(ours), old, new)  # type: ignore[operator]
    reading = read(text)
    one = reading.found[code]
    if not says:
        assert one.outcome is Outcome.READ
    elif says == "no text":
        assert one == Found(code, Outcome.ABSENT)
        assert reading.strangers[0].startswith("2.50 (garden.txt, line ")
    else:
        assert one.outcome is Outcome.DOUBTFUL
        assert says in "; ".join(one.doubts)
        assert re.fullmatch(r"garden\.txt, line \d+", one.place)
    others = set(ours.by_code) - {code}
    was = read(layout(ours)).found  # type: ignore[operator]
    assert {c: reading.found[c].words for c in others} == {c: was[c].words for c in others}
    assert {c: reading.found[c].outcome for c in others} == {c: was[c].outcome for c in others}


def test_a_competency_in_the_wrong_place_is_doubtful() -> None:
    text = running_text(ONE).replace("\t1.02\t", "\t#\t").replace("\t1.03\t", "\t1.02\t")
    found = read(text.replace("\t#\t", "\t1.03\t")).found
    assert found["1.02"].doubts == ("it comes after 1.03",)


def test_two_texts_with_one_code_are_doubtful_within_a_file_and_between_files() -> None:
    text = damaged(running_text(ONE), "\t1.02\t", "\t1.01\t")
    assert "another text has its code too" in read(text).found["1.01"].doubts[-1]
    other = running_text(ONE).replace("bees", "wasps")
    files = [("a.txt", running_text(ONE).encode()), ("b.txt", other.encode())]
    (reading,) = read_files(files, library())
    assert "b.txt" in reading.found["1.01"].doubts[0]
    (same,) = read_files([files[0], files[0]], library())
    assert same.found["1.01"].outcome is Outcome.READ


def test_a_lost_code_is_told_by_its_neighbours() -> None:
    ours = FOLDERS[1]
    text = damaged(tables(ours), "\t4.03 Provide", "\tProvide")
    found = read(text).found
    assert found["4.03"].words == expected(ours)["4.03"]
    assert found["4.03"].doubts == ("its code is lost; it stands between 4.02 and 4.04",)
    assert found["4.02"].outcome is Outcome.READ
    ambiguous = damaged(text, "4.04 Provide", "Provide")
    assert read(ambiguous).found["4.03"].outcome is not Outcome.READ


def test_a_code_in_the_middle_of_a_line_begins_a_competency() -> None:
    ours = FOLDERS[0]
    joined = re.sub(r"\n\t2\.03 ", " 2.03 ", tables(ours))
    assert joined != tables(ours)
    found = read(joined).found
    assert found["2.03"].words == expected(ours)["2.03"]
    assert read(tables(ours).replace("bed 1", "bed 1 (as per 2.01)")).strangers == ()


def test_points_that_run_together_are_doubtful() -> None:
    ours = FOLDERS[0]
    points = expected(ours)["2.02"].points
    listed = f"\t{LEAD_IN}\n" + "\n".join(f"\t- {point}" for point in points)
    found = read(damaged(tables(ours), listed, f"\t{LEAD_IN} {' '.join(points)}")).found
    assert found["2.02"].doubts == ("its points are 1, ours 6",)
    assert found["2.02"].words.points == (" ".join(points),)


def test_a_heading_that_names_another_level_is_outvoted_and_said() -> None:
    text = damaged(tables(*FOLDERS), "Level 1 Portfolio - Domain 1", "Level 2 Portfolio - Domain 1")
    first, second, _ = read_files([("garden.txt", text.encode())], library())
    assert first.found["1.01"].doubts == ("the heading says Level 2",)
    assert first.found["2.01"].outcome is Outcome.READ
    assert second.found["1.01"].outcome is Outcome.READ
    lost = damaged(tables(FOLDERS[0]), "Level 1 Portfolio - Domain 2:", "")
    assert read(lost).found["2.01"].outcome is Outcome.READ, "the title tells the domain"


def test_a_task_that_is_printed_in_two_parts_is_joined_and_doubtful() -> None:
    text = damaged(
        tables(FOLDERS[2]), f"plot 3.\n\t{LEAD_IN}", f"plot 3.\nDomain 3:\n\t3.02 {LEAD_IN}"
    )
    found = read(text).found["3.02"]
    assert found.words == expected(FOLDERS[2])["3.02"]
    assert found.doubts == ("its code is there twice; both parts were joined",)


def test_a_file_that_names_no_level_is_read_when_the_instrument_is_given() -> None:
    text = damaged(running_text(ONE), "Level 1", "A level")
    error = refusal(text.encode())
    assert "garden.txt, line 10: has a competency 1.01, and no heading" in error.sentence
    assert "--instrument" in error.advice
    all_as_expected(read(text, only=ONE), ONE)
    with pytest.raises(InvalidInput, match=r"holds self-assessment-1; expected: self-assessment-3"):
        read(running_text(ONE), only=THREE)


WELSH = "Mae gwybodaeth am y berthynas yn bwysig iawn i bawb sydd yn gweithio gyda babanod " * 9
REFUSED = [
    (b"", "garden.txt: is empty."),
    (b" \n\t\n", "garden.txt: is empty."),
    (b"PK\x03\x04 a document", "is a zip archive or an office document"),
    (b"GIF89a\x00\x01\x02\n" * 5, "line 1: holds control characters"),
    (b"Domain 1: x\n1.01 Caf\xe9 talk", "garden.txt, line 2: is not text in UTF-8"),
    (b"%PDF-1.7 and then nothing", "garden.txt: is a damaged PDF"),
    (as_pdf("Domain 1: x", password="sesame"), "is locked by a password"),
    (WELSH.encode(), "is not in English"),
    (b"A letter about the garden, and nothing of the framework.", "holds no competency"),
    (b"x" * (LARGEST_FILE + 1), "10,000,000 at most are read"),
    (b"1.01 " + b"y" * 20_001, "line 1: has 20,006 characters"),
    (b"a\n" * 30_001, "30,000 at most are read"),
]


@pytest.mark.parametrize(("data", "says"), REFUSED, ids=[says[:30] for _, says in REFUSED])
def test_a_wrong_file_is_refused_whole_with_its_name_and_place(data: bytes, says: str) -> None:
    error = refusal(data)
    assert error.sentence.startswith("garden.txt")
    assert says in error.sentence


def test_a_scan_and_a_thick_pdf_are_refused() -> None:
    for pages, says in ((2, "it is a scan"), (301, "300 at most are read")):
        writer = PdfWriter()
        for _ in range(pages):
            writer.add_blank_page(100, 100)
        file = io.BytesIO()
        writer.write(file)
        assert says in refusal(file.getvalue(), "scan.pdf").sentence


def test_text_in_utf_16_and_with_a_mark_at_its_start_is_read() -> None:
    for encoding in ("utf-16", "utf-8-sig"):
        all_as_expected(read(running_text(ONE).encode(encoding)), ONE)


PIECES = [
    "1.01",
    "\t",
    "\n",
    " ",
    "Domain 1:",
    "Level 1",
    "LEVEL 2 PORTFOLIO",
    LEAD_IN,
    "- ",
    "a) ",
]
PIECES += ["Knowledge of", "Ability to", "Achieved", "cont", "(2 competencies)", "2.01-", "..."]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=60))
def test_whatever_is_in_a_file_it_is_read_or_refused_in_words(parts: list[str]) -> None:
    data = "".join(parts).encode("utf-8", "replace")
    with suppress(InvalidInput, TooLarge):
        for reading in read_files([("x.txt", data)], library()):
            assert set(reading.found) == set(library()[reading.instrument].by_code)


@pytest.mark.parametrize(
    "filler", [" ", "(", ".", "-", "http://", "1.01 ", "a) ", "\t", "Level 1,"]
)
def test_long_lines_of_one_kind_are_read_in_time_that_grows_with_them(filler: str) -> None:
    """Each would take minutes if an expression went back over what it had read."""
    line = (filler * 20_000)[:19_000] + "x"
    prose = "the bees and the flowers of the garden are with us in all of this " * 1000
    english = "\n".join([prose[:19_000]] * 5)
    text = f"Level 1\nDomain 1: y\n1.01 Knowledge {line}\n{line}\n" * 3 + english
    assert "1.01" in read(text).found


def test_what_goes_on_without_an_end_is_cut_and_doubtful() -> None:
    endless = "\n".join(f"and of the bees in row {n} of the garden" for n in range(25_000))
    found = read(f"Level 1\nDomain 1: y\n1.01 Knowledge of the garden\n{endless}\n").found["1.01"]
    assert any("goes on for more than 20,000" in doubt for doubt in found.doubts)
    assert len(found.words.knowledge or "") < 30_000

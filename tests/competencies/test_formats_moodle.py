"""The Moodle export, read by Moodle's rules: what its importer would make of each row."""

import csv
import io
import json

import pytest

from lti_tool.competencies.formats.moodle import moodle_csv
from lti_tool.competencies.loading import frameworks, library, load_frameworks
from lti_tool.kernel.errors import NotFound
from tests.competencies.folders import SECOND

# tool_lpimportcsv reads by position: these are what it takes each column for.
ORDER = [
    "Parent id number",
    "Id number",
    "Shortname",
    "Description",
    "Description format",
    "Scale values",
    "Scale configuration",
    "Rule type",
    "Rule outcome",
    "Rule config",
    "Cross referenced competency id numbers",
    "Exported id",
    "Is framework",
    "Taxonomy",
]
# competency_framework::TAXONOMY_… in Moodle.
TAXONOMIES = {
    *("behaviour", "competency", "concept", "domain", "indicator", "level", "outcome"),
    *("practice", "proficiency", "skill", "value"),
}
PARENT, ID, NAME, WORDS, FORMAT, SCALE, CONFIGURATION = range(7)
RELATED, IS_FRAMEWORK, TAXONOMY = 10, 12, 13

Rows = list[list[str]]


def read(text: str) -> Rows:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture(scope="module")
def rows() -> Rows:
    return read(moodle_csv(frameworks()["imhcf"]))


def competencies(rows: Rows) -> Rows:
    return [row for row in rows[1:] if not row[IS_FRAMEWORK]]


def test_it_has_the_fourteen_columns_in_order_in_every_row(rows: Rows) -> None:
    assert rows[0] == ORDER
    assert {len(row) for row in rows} == {14}


def test_one_row_is_the_framework_with_its_scale_and_taxonomy(rows: Rows) -> None:
    (framework,) = [row for row in rows[1:] if row[IS_FRAMEWORK]]
    assert framework[IS_FRAMEWORK] == "1"
    assert framework[PARENT] == ""
    values = framework[SCALE].split(",")
    assert values == ["Working towards", "Achieved"]
    first, *set_values = json.loads(framework[CONFIGURATION])
    assert set(first) == {"scaleid"}
    assert all(1 <= one["id"] <= len(values) for one in set_values)
    # Moodle wants a default and a proficient value; here both are "Achieved".
    assert [one["id"] for one in set_values if one.get("scaledefault")] == [2]
    assert [one["id"] for one in set_values if one.get("proficient")] == [2]
    named = framework[TAXONOMY].split(",")
    assert len(named) == 4
    assert set(named) <= TAXONOMIES


def test_no_row_is_skipped_overwritten_or_cut(rows: Rows) -> None:
    ids = [row[ID] for row in rows[1:]]
    assert len(set(ids)) == len(ids) == 1 + 6 + 36 + 265
    for row in rows[1:]:
        assert 0 < len(row[ID]) <= 100
        assert 0 < len(row[NAME]) <= 100
        assert row[ID] == row[ID].strip()
        assert not set("<>&") & set(row[ID] + row[NAME])  # PARAM_TEXT would strip tags


def test_parents_stand_before_their_children_and_every_competency_is_as_deep(rows: Rows) -> None:
    depth = {"": 0}
    depths: dict[int, int] = {}
    for row in competencies(rows):
        assert row[PARENT] in depth, row[ID]
        depth[row[ID]] = depth[row[PARENT]] + 1
        depths[depth[row[ID]]] = depths.get(depth[row[ID]], 0) + 1
    # Instruments, domains, competencies: as the taxonomy names what stands at each depth.
    assert depths == {1: 6, 2: 36, 3: 265}


def test_ids_are_prefixed_by_instrument_and_short_names_tell_apart(rows: Rows) -> None:
    deepest = [row for row in competencies(rows) if row[ID].count(":") and "." in row[ID]]
    wanted = {f"{one.id}:{code}" for one in library().values() for code in one.by_code}
    assert {row[ID] for row in deepest} == wanted
    assert len({row[NAME] for row in deepest}) == len(deepest)
    names = {row[ID]: row[NAME] for row in deepest}
    assert names["portfolio-2:2.01"] == (
        "2.01 Working collaboratively around the infant (portfolio, Level 2)"
    )


def test_cross_references_are_those_of_the_crosswalk(rows: Rows) -> None:
    known = {row[ID] for row in rows[1:]}
    related = {row[ID]: row[RELATED].split(",") for row in rows[1:] if row[RELATED]}
    assert len(related) == 12 + 31 + 33
    for task, others in related.items():
        assert task.startswith("portfolio-")
        assert set(others) <= known
        assert {one.split(":")[0] for one in others} == {
            task.split(":")[0].replace("portfolio", "self-assessment")
        }
    assert related["portfolio-1:2.03"] == ["self-assessment-1:2.09", "self-assessment-1:5.04"]


def test_descriptions_are_html_and_say_what_is_provisional(rows: Rows) -> None:
    words = {row[ID]: row[WORDS] for row in rows[1:]}
    assert {row[FORMAT] for row in rows[1:]} == {"1"}
    assert words["self-assessment-2:1.01"].startswith("<p><strong>Collaborative working</strong>")
    assert "<em>Provisional wording, derived and not in the sources." in words["portfolio-1:1.02"]
    assert "Provisional" not in words["self-assessment-1:1.01"]
    assert words["self-assessment-1:2.01"].count("<li>") == 2
    assert "reading of imhcf-tool" in rows[1][WORDS]


def test_some_instruments_alone_keep_only_references_among_themselves() -> None:
    rows = read(moodle_csv(frameworks()["imhcf"], ("portfolio-1",)))
    assert len(competencies(rows)) == 1 + 4 + 12
    assert not any(row[RELATED] for row in rows[1:])
    both = read(moodle_csv(frameworks()["imhcf"], ("portfolio-1", "self-assessment-1")))
    assert sum(1 for row in both[1:] if row[RELATED]) == 12
    with pytest.raises(NotFound):
        moodle_csv(frameworks()["imhcf"], ("portfolio-9",))


def test_a_comma_in_a_reference_cannot_split_it() -> None:
    from lti_tool.competencies.formats.moodle import joined

    assert joined(["a,b", "c"]) == "a%2Cb,c"


def test_a_framework_without_a_crosswalk_goes_out_too() -> None:
    rows = read(moodle_csv(load_frameworks(SECOND)["woodland"]))
    assert [row[ID] for row in rows[1:4]] == [
        "woodland-1.0",
        "woodland-play-1",
        "woodland-play-1:1",
    ]
    assert len(competencies(rows)) == 1 + 2 + 5

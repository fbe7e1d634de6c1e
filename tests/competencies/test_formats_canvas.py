"""The Canvas export, read by Canvas's rules: what its outcome importer would make of each row."""

import csv
import io
import re

import pytest

from lti_tool.competencies.formats.canvas import canvas_csv
from lti_tool.competencies.loading import frameworks, library

REQUIRED = {"title", "vendor_guid", "object_type", "parent_guids"}
OPTIONAL = {
    *("canvas_id", "description", "display_name", "calculation_method", "calculation_int"),
    *("workflow_state", "mastery_points", "friendly_description"),
}
OUTCOME_ONLY = {"calculation_method", "calculation_int"}


@pytest.fixture(scope="module")
def table() -> tuple[list[str], list[list[str]]]:
    text = canvas_csv(frameworks()["imhcf"])
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return header, rows


Table = tuple[list[str], list[list[str]]]


def objects(table: Table) -> list[dict[str, str]]:
    header, rows = table
    return [dict(zip(header[: header.index("ratings")], row, strict=False)) for row in rows]


def ratings(table: Table, row: list[str]) -> list[str]:
    cells = row[table[0].index("ratings") :]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def test_the_header_has_what_canvas_asks_for_and_ratings_last(table: Table) -> None:
    header, rows = table
    main = header[: header.index("ratings")]
    assert set(main) >= REQUIRED
    assert set(main) <= REQUIRED | OPTIONAL
    assert not any(header[header.index("ratings") + 1 :])
    assert {len(row) for row in rows} == {len(header)}


def test_guids_are_there_once_without_spaces(table: Table) -> None:
    guids = [one["vendor_guid"] for one in objects(table)]
    assert len(set(guids)) == len(guids) == 1 + 6 + 36 + 265
    assert all(guid and not re.search(r"\s", guid) for guid in guids)
    assert not any("canvas_outcome" in guid for guid in guids)


def test_parents_are_groups_of_earlier_rows(table: Table) -> None:
    groups: set[str] = set()
    for one in objects(table):
        parents = one["parent_guids"].split()
        assert set(parents) <= groups, one["vendor_guid"]
        assert len(parents) == (0 if one["vendor_guid"] == "imhcf" else 1)
        if one["object_type"] == "group":
            groups.add(one["vendor_guid"])
    assert len(groups) == 43


def test_every_competency_is_an_outcome_with_its_words(table: Table) -> None:
    outcomes = [one for one in objects(table) if one["object_type"] == "outcome"]
    assert {one["object_type"] for one in objects(table)} == {"group", "outcome"}
    wanted = {f"imhcf:{one.id}:{code}" for one in library().values() for code in one.by_code}
    assert {one["vendor_guid"] for one in outcomes} == wanted
    assert len({one["title"] for one in outcomes}) == len(outcomes)
    for one in objects(table):
        assert 0 < len(one["title"]) <= 255
        assert one["workflow_state"] in {"", "active", "deleted"}
        assert one["description"]


def test_ratings_fall_and_only_outcomes_have_them(table: Table) -> None:
    for one, row in zip(objects(table), table[1], strict=True):
        cells = ratings(table, row)
        if one["object_type"] == "group":
            assert not cells
            assert not any(one[name] for name in OUTCOME_ONLY)
            continue
        points = [int(cell) for cell in cells[::2]]
        assert points == sorted(points, reverse=True)
        assert len(set(points)) == len(points) == len(cells[1::2])
        assert cells[1] == "Achieved"
        assert one["calculation_method"] == "latest"
        assert one["calculation_int"] == ""  # `latest` takes none

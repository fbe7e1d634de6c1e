"""The instruments: faithful to the facts of the source, and refused when a file is wrong."""

import shutil
from pathlib import Path

import pytest
import yaml

from lti_tool.competencies.loading import load_frameworks, load_instrument, load_instruments
from lti_tool.competencies.models import Instrument, Provenance
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.resources import resource_folder
from tests.competencies.facts import FACTS

FRAMEWORKS = resource_folder("frameworks")
LEVEL_1_FILE = FRAMEWORKS / "imhcf" / "self-assessment-1.yaml"


def found(instrument: str) -> Instrument:
    return load_instrument(FRAMEWORKS / "imhcf" / f"{instrument}.yaml")


@pytest.mark.parametrize("name", FACTS)
def test_an_instrument_has_the_title_domains_themes_and_codes_of_the_source(name: str) -> None:
    assert found(name).title == FACTS[name].title
    assert [
        (
            domain.number,
            domain.title,
            [(theme.title, [c.code for c in theme.competencies]) for theme in domain.themes],
        )
        for domain in found(name).domains
    ] == FACTS[name].domains


@pytest.mark.parametrize("name", FACTS)
def test_an_instrument_has_points_where_the_source_has_them(name: str) -> None:
    points = {c.code: len(c.points) for c in found(name).by_code.values() if c.points}
    assert points == FACTS[name].points


@pytest.mark.parametrize("name", FACTS)
def test_what_was_damaged_in_the_source_is_marked_and_explained(name: str) -> None:
    marked = {c.code for c in found(name).by_code.values() if c.provenance != "published"}
    assert marked == set(FACTS[name].damaged)
    assert all(found(name).by_code[code].note for code in marked)


def test_there_are_six_instruments_with_the_counts_of_the_framework() -> None:
    counts = {
        name: [len(domain.codes) for domain in one.domains]
        for name, one in load_instruments(FRAMEWORKS).items()
    }
    grid = [10, 13, 8, 10, 7, 6, 9]
    assert counts == {
        "self-assessment-1": grid,
        "self-assessment-2": grid,
        "self-assessment-3": grid,
        "portfolio-1": [2, 5, 4, 1],
        "portfolio-2": [8, 6, 9, 6, 2],
        "portfolio-3": [8, 6, 9, 5, 3, 2],
    }


def test_abilities_are_missing_where_the_source_has_none() -> None:
    for name in ("self-assessment-1", "self-assessment-3"):
        without = [c.code for c in found(name).by_code.values() if not c.ability]
        assert without == FACTS[name].without_ability
    assert found("self-assessment-1").by_code["4.02"].points_of == "knowledge"


def test_level_2_whose_text_was_not_found_is_derived_throughout_and_lines_up_with_level_1() -> None:
    first, second = found("self-assessment-1"), found("self-assessment-2")
    assert all(c.provenance is Provenance.DERIVED for c in second.by_code.values())
    assert list(second.by_code) == list(first.by_code)
    assert [d.title for d in second.domains] == [d.title for d in first.domains]
    assert "provisional" in second.introduction


def test_knowledge_says_what_one_knows_and_ability_begins_with_a_verb() -> None:
    for competency in load_instrument(LEVEL_1_FILE).by_code.values():
        assert competency.knowledge
        assert competency.knowledge.split()[0] in {"Why", "How", "What", "That", "Which"}
        if competency.ability:
            assert competency.ability.split()[0] not in {"The", "Ability", "An", "A", "To"}


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("1.04", ["attuned", "contingent"]),
        ("2.02", ["fine", "gross motor", "receptive", "expressive", "cognitive"]),
        ("2.05", ["reflective functioning"]),
        ("2.13", ["temperament", "prematurity"]),
        ("3.04", ["alcohol", "domestic abuse"]),
        ("3.06", ["genetic syndromes", "disability"]),
        ("5.01", ["primary", "secondary", "tertiary"]),
        ("5.02", ["dyad", "triad"]),
        ("5.06", ["mindfulness"]),
        ("5.07", ["team around the child"]),
    ],
)
def test_the_concepts_of_the_source_stay_named(code: str, terms: list[str]) -> None:
    competency = load_instrument(LEVEL_1_FILE).by_code[code]
    said = f"{competency.knowledge} {competency.ability}".lower()
    for term in terms:
        assert term in said, (code, term)


def wrong(tmp_path: Path, change: object) -> str:
    """Returns the sentence for a copy of Level 1 with something changed."""
    values = yaml.safe_load(LEVEL_1_FILE.read_text())
    change(values)  # type: ignore[operator]
    file = tmp_path / "wrong.yaml"
    file.write_text(yaml.safe_dump(values, allow_unicode=True, sort_keys=False))
    with pytest.raises(Misconfigured) as caught:
        load_instrument(file)
    assert str(file) in caught.value.sentence
    assert "line" in caught.value.sentence
    return caught.value.sentence


def test_a_wrong_file_is_named_with_line_and_field(tmp_path: Path) -> None:
    def rename(values: dict) -> None:  # type: ignore[type-arg]
        values["domains"][2]["titel"] = values["domains"][2].pop("title")

    sentence = wrong(tmp_path, rename)
    assert "domains.2.title" in sentence

    def no_level(values: dict) -> None:  # type: ignore[type-arg]
        values["level"] = "first"

    assert "level" in wrong(tmp_path, no_level)


def test_codes_out_of_order_are_named(tmp_path: Path) -> None:
    def swap(values: dict) -> None:  # type: ignore[type-arg]
        first = values["domains"][0]["themes"][0]["competencies"]
        first[0], first[1] = first[1], first[0]

    assert "1.02 where 1.01 is expected" in wrong(tmp_path, swap)


def test_a_repaired_statement_needs_its_note(tmp_path: Path) -> None:
    def forget(values: dict) -> None:  # type: ignore[type-arg]
        values["domains"][0]["themes"][0]["competencies"][2].pop("note")

    assert "needs a note" in wrong(tmp_path, forget)


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "- 1", "", "!!python/object:os.system x"])
def test_what_is_no_instrument_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(Misconfigured) as caught:
        load_instrument(file)
    assert f"{file}, line" in caught.value.sentence


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    text = LEVEL_1_FILE.read_text()
    file.write_text(text + "level: 2\n")
    line = len(text.splitlines()) + 1
    with pytest.raises(Misconfigured, match=rf"line {line}, .*the key level is there twice"):
        load_instrument(file)


def test_only_instruments_of_framework_folders_are_read(tmp_path: Path) -> None:
    shutil.copytree(FRAMEWORKS / "imhcf", tmp_path / "imhcf")
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "offers.yaml").write_text("offers: []")
    assert len(load_instruments(tmp_path)) == 6
    assert list(load_frameworks(tmp_path)) == ["imhcf"]

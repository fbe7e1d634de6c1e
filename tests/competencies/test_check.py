"""`imhcf framework check`: what it looks at, and how it names what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.main import imhcf
from lti_tool.competencies.loading import load_frameworks, use_frameworks
from lti_tool.kernel.errors import Misconfigured
from tests.competencies.facts import FACTS
from tests.competencies.folders import SECOND, SHIPPED, change, copy_of


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("IMHCF_TEST_RUN", raising=False)
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tmp_path))
    yield
    use_frameworks(None)


def type_in(*words: str) -> Result:
    return CliRunner().invoke(imhcf, ["framework", *words])


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Checks a copy of the shipped framework in which one file was changed."""

    def run(name: str, how: Any) -> Result:
        folder = copy_of(tmp_path)
        change(folder / "imhcf" / name, how)
        monkeypatch.setattr("lti_tool.cli.framework.framework_folders", lambda: (folder,))
        return type_in("check")

    return run


def rows(result: Result) -> dict[str, list[str]]:
    """The printed rows by their first cell; cells are two spaces apart."""
    lines = [line.strip() for line in result.stdout.splitlines() if line.startswith("  ")]
    return {line.split("  ")[0]: [c.strip() for c in line.split("  ") if c] for line in lines}


def test_it_prints_what_was_checked_with_the_numbers() -> None:
    result = type_in("check")
    assert result.exit_code == 0
    assert result.stdout.rstrip().endswith("All as expected.")
    assert "version 2026.1" in result.stdout
    found = rows(result)
    grid = "10 13 8 10 7 6 9"
    assert found["self-assessment-1"][:5] == ["self-assessment-1", "7", "63", grid, grid]
    assert found["self-assessment-2"][5:] == ["0", "0", "63", "63"]
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["portfolio-3", "33", "of", "33", "self-assessment-3"] in [one[:5] for one in lines]


def test_the_numbers_of_provenance_are_those_of_the_sources() -> None:
    found = rows(type_in("check"))
    for name in ("self-assessment-1", "self-assessment-3"):
        published, repaired, derived, notes = map(int, found[name][5:])
        assert repaired + derived == notes == len(FACTS[name].damaged)
        assert published + notes == 63


def drop_a_competency(values: Any) -> None:
    values["domains"][6]["themes"][-1]["competencies"].pop()


def note_on_published(values: Any) -> None:
    values["domains"][0]["themes"][0]["competencies"][0]["note"] = "A note"


def another_topic(values: Any) -> None:
    values["domains"][0]["themes"][0]["competencies"][0]["topic"] = "Something else"


WRONG = [
    (
        "self-assessment-1.yaml",
        drop_a_competency,
        "domains.6.themes: has 8 competencies where 9 are expected.",
    ),
    (
        "portfolio-1.yaml",
        lambda v: v["domains"].pop(),
        "domains: has the domains 1, 2, 3 where 1 to 4 are expected.",
    ),
    (
        "self-assessment-1.yaml",
        note_on_published,
        "domains.0.themes.0.competencies.0.note: 1.01 is published, so no note is expected",
    ),
    (
        "self-assessment-2.yaml",
        another_topic,
        "is “Something else” for 1.01 where self-assessment-1 has “Working with the whole family”",
    ),
    ("self-assessment-2.yaml", lambda v: v.update(id="other"), "id: is other where the file's"),
    ("self-assessment-2.yaml", lambda v: v.update(level=1), "has the levels 1, 1, 3 where rising"),
    ("framework.yaml", lambda v: v["instruments"].pop(), "id: is portfolio-3, which framework"),
    (
        "framework.yaml",
        lambda v: v["instruments"].append({"id": "more", "counts": [1]}),
        "instruments.6.id: names more, and there is no more.yaml.",
    ),
    ("framework.yaml", lambda v: v.update(changed="soon"), "changed: Input should be a valid"),
    ("framework.yaml", lambda v: v.update(changed="2026-01-01T00:00:00"), "should have timezone"),
    ("framework.yaml", lambda v: v.update(color="red"), "color: Extra inputs are not permitted."),
    (
        "framework.yaml",
        lambda v: v["progressions"][0]["retitled"].pop("1.10"),
        "topic: is “Addressing poor engagement” for 1.10 where self-assessment-1 has",
    ),
]


@pytest.mark.parametrize(("file", "how", "words"), WRONG, ids=[w for _f, _h, w in WRONG])
def test_what_is_wrong_is_a_sentence_with_file_line_and_field(
    check: Any, file: str, how: Any, words: str
) -> None:
    result = check(file, how)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    (line,) = [line for line in result.stderr.splitlines() if words in line]
    assert ", line " in line
    assert "mistake(s)." in result.stderr
    assert "All as expected." not in result.output


def test_a_published_note_is_taken_where_the_framework_allows_it(
    tmp_path: Path, check: Any
) -> None:
    def allow(values: Any) -> None:
        values["instruments"][0]["notes"] = ["1.01"]

    change(copy_of(tmp_path) / "imhcf" / "framework.yaml", allow)
    refused = check("self-assessment-1.yaml", note_on_published)
    assert refused.exit_code == 1, "copying again must have undone the permission"
    change(tmp_path / "frameworks" / "imhcf" / "framework.yaml", allow)
    assert type_in("check").exit_code == 0


def test_all_mistakes_of_a_file_are_named_not_only_the_first(check: Any) -> None:
    def twice(values: Any) -> None:
        values["level"] = "first"
        del values["title"]

    said = check("portfolio-2.yaml", twice).stderr
    assert "level: Input should be a valid integer" in said
    assert "title: Field required" in said
    assert "2 mistake(s)." in said


def test_a_folder_of_ones_own_is_checked_beside_the_shipped_one(tmp_path: Path) -> None:
    assert "woodland-play-1" in rows(type_in("check", str(SECOND)))
    folder = copy_of(tmp_path, SECOND / "woodland")
    change(folder / "woodland" / "woodland-play-1.yaml", drop_first_domain)
    wrong = type_in("check", str(folder))
    assert wrong.exit_code == 1
    assert "has the domains 2 where 1 to 2 are expected" in wrong.stderr


def drop_first_domain(values: Any) -> None:
    values["domains"].pop(0)


def test_a_manifest_under_another_name_is_missed(tmp_path: Path) -> None:
    folder = copy_of(tmp_path, SECOND / "woodland")
    copy_of(tmp_path)
    (folder / "woodland" / "framework.yaml").rename(folder / "woodland" / "framework.yml")
    with pytest.raises(Misconfigured, match=r"woodland/framework.yaml, line 1, .*is expected"):
        load_frameworks(folder)


def test_a_folder_without_a_framework_is_a_slip_and_is_said(tmp_path: Path) -> None:
    said = type_in("check", str(tmp_path)).exception
    assert "IMHCF_FRAMEWORKS_DIR" in str(said)


def test_show_gives_the_facts_of_the_sources_as_json() -> None:
    shown = json.loads(type_in("show", "--json").output)["instruments"]
    found = {one["id"]: one for one in shown}
    assert list(found) == [*(f"self-assessment-{n}" for n in (1, 2, 3)), *list(found)[3:]]
    for name, facts in FACTS.items():
        assert found[name]["title"] == facts.title
        domains = [
            (
                domain["number"],
                domain["title"],
                [
                    (theme.get("title"), [c["code"] for c in theme["competencies"]])
                    for theme in domain["themes"]
                ],
            )
            for domain in found[name]["domains"]
        ]
        assert domains == facts.domains
        competencies = [
            c for d in found[name]["domains"] for t in d["themes"] for c in t["competencies"]
        ]
        assert {c["code"]: len(c["points"]) for c in competencies if "points" in c} == facts.points
        marked = {c["code"] for c in competencies if c["provenance"] != "published"}
        assert marked == set(facts.damaged)
        assert not any(value is None for c in competencies for value in c.values())
    assert {one["wording"] for one in shown} == {"own"}


def test_files_of_frameworks_are_where_the_check_says() -> None:
    assert str(SHIPPED / "imhcf") in type_in("check").stdout

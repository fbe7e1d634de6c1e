"""`imhcf framework export`: the formats, written to a file or to standard output."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import validate

from lti_tool.cli.main import imhcf
from lti_tool.competencies.loading import use_frameworks
from lti_tool.kernel.errors import ImhcfError
from tests.competencies import case_schema
from tests.competencies.folders import SECOND


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("IMHCF_TEST_RUN", raising=False)
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("IMHCF_BASE_URL", "http://localhost:8123")
    yield
    use_frameworks(None)


def export(form: str, *words: str) -> Result:
    return CliRunner().invoke(imhcf, ["framework", "export", "--format", form, *words])


def ids(text: str, column: int) -> list[str]:
    return [row[column] for row in csv.reader(io.StringIO(text, newline=""), strict=True)][1:]


@pytest.mark.parametrize("form", ["case", "moodle", "canvas"])
def test_a_file_holds_what_standard_output_would(form: str, tmp_path: Path) -> None:
    file = tmp_path / "out"
    said = export(form, "--output", str(file))
    assert said.exit_code == 0
    assert f"{file} is written" in said.output
    assert file.read_bytes() == export(form).stdout_bytes


def test_case_names_this_installations_addresses() -> None:
    package = json.loads(export("case").stdout)
    validate(package, case_schema.PACKAGE)
    assert package["CFDocument"]["uri"].startswith("http://localhost:8123/ims/case/v1p1/")


def test_instruments_can_be_chosen() -> None:
    words = ("--instrument", "portfolio-1", "--instrument", "self-assessment-1")
    moodle = ids(export("moodle", *words).stdout, 1)
    assert [one for one in moodle if ":" not in one] == [
        "imhcf-2026.1",
        "self-assessment-1",
        "portfolio-1",
    ]
    canvas = ids(export("canvas", *words).stdout, 0)
    assert len(canvas) == len(moodle)
    case = json.loads(export("case", *words).stdout)
    kinds = [item["CFItemType"] for item in case["CFItems"]]
    assert kinds.count("Competency") == 12 + 63


def test_a_framework_is_chosen_by_name_or_by_what_is_wanted_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("IMHCF_FRAMEWORKS_DIR", str(SECOND))
    for words in (("--framework", "woodland"), ("--instrument", "woodland-play-1")):
        assert ids(export("moodle", *words).stdout, 1)[0] == "woodland-1.0"
    assert ids(export("moodle").stdout, 1)[0] == "imhcf-2026.1"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--instrument", "portfolio-9"), "No framework holds portfolio-9"),
        (("--framework", "other"), "There is no framework other; there is: imhcf."),
        (("--output", "/nowhere/at/all.csv"), "/nowhere/at/all.csv cannot be written"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    refused = export("canvas", *words)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, ImhcfError)
    assert sentence in refused.exception.sentence


def test_an_unknown_format_is_refused_by_name() -> None:
    refused = export("scorm")
    assert refused.exit_code == 2
    assert "'case', 'moodle', 'canvas'" in refused.output

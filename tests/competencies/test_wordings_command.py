"""`imhcf framework import`, `versions` and `revert`, as an operator types and reads them."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.main import imhcf
from lti_tool.competencies.queries import instrument, instrument_for
from lti_tool.courses.services import find_or_add_organisation
from lti_tool.kernel.database import Database
from lti_tool.kernel.errors import ImhcfError
from tests.competencies.reading_layouts import as_pdf, expected, grid, running_text

ONE, THREE = instrument("self-assessment-1"), instrument("self-assessment-3")
FOR_WILLOW = ("--organisation", "Willow")


@pytest.fixture
def type_in(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("IMHCF_DATABASE_URL", database_url)
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tmp_path))
    database = Database(database_url)
    with database.transaction() as session:
        find_or_add_organisation(session, "Willow")
    database.dispose()

    def run(*words: str) -> Result:
        return CliRunner().invoke(imhcf, ["framework", *words], catch_exceptions=True)

    return run


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    text, pdf = tmp_path / "one.txt", tmp_path / "three.pdf"
    damaged = running_text(ONE).replace("\t1.10\t", "\t1.010\t").replace("\t7.09\t", "\t7.90\t")
    text.write_text(damaged)
    pdf.write_bytes(as_pdf(grid(THREE)))
    return str(text), str(pdf)


def shown(database_url: str, instrument_id: str) -> Any:
    database = Database(database_url)
    with database.transaction(write=False) as session:
        found = instrument_for(session, 1, instrument_id)
    database.dispose()
    return found


def test_nothing_changes_until_it_is_applied_and_then_once(
    type_in: Any, files: tuple[str, str], database_url: str
) -> None:
    tried = type_in("import", *files, *FOR_WILLOW)
    assert tried.exit_code == 0, tried.output
    assert "61 read, 1 doubtful, 1 absent, of 63" in tried.output
    assert "doubtful  1.10  its code is printed as 1.010 (" in tried.output
    assert "absent    7.09  no text with this code was found; our wording stays" in tried.output
    assert "unknown   7.90 (" in tried.output
    assert "Nothing was changed. With --apply, 122 statement(s) would be." in tried.output
    assert shown(database_url, ONE.id).version == "2026.1"
    applied = type_in("import", *files, *FOR_WILLOW, "--apply")
    assert "self-assessment-1 is now version 2026.1+1." in applied.output
    assert "Edition 1 is stored: 122 statement(s) changed." in applied.output
    now = shown(database_url, ONE.id)
    assert now.by_code["1.01"].knowledge == expected(ONE)["1.01"].knowledge
    assert now.by_code["1.10"] == ONE.by_code["1.10"]
    again = type_in("import", *files, *FOR_WILLOW, "--apply")
    assert "Nothing changes" in again.output
    doubtful = type_in("import", *files, *FOR_WILLOW, "--apply", "--with-doubtful", "--words")
    assert "Edition 2 is stored: 3 statement(s) changed." in doubtful.output
    assert "1.10 knowledge: Knowledge of what grows in bed 10 of plot 1" in doubtful.output
    assert shown(database_url, ONE.id).by_code["1.10"].wording == "official"


def test_versions_are_listed_and_gone_back_to(
    type_in: Any, files: tuple[str, str], database_url: str
) -> None:
    assert "No version is kept yet" in type_in("versions").output
    type_in("import", *files, *FOR_WILLOW, "--apply")
    listed = type_in("versions", *FOR_WILLOW).output
    assert "self-assessment-1   2026.1        shipped  shipped" in listed
    assert "self-assessment-3   2026.1+1      Willow  import" in listed
    assert "Willow" not in type_in("versions").output
    back = type_in("revert", *FOR_WILLOW, "--instrument", ONE.id)
    assert "self-assessment-1 is now version 2026.1+2." in back.output
    assert shown(database_url, ONE.id).by_code == ONE.by_code
    assert shown(database_url, THREE.id).version == "2026.1+1"


def test_a_wrong_file_or_name_is_refused_in_words_and_changes_nothing(
    type_in: Any, files: tuple[str, str], tmp_path: Path, database_url: str
) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("A letter about the garden.")
    refused = type_in("import", *files, str(wrong), *FOR_WILLOW, "--apply")
    assert isinstance(refused.exception, ImhcfError)
    assert refused.exception.sentence == f"{wrong}: holds no competency."
    assert shown(database_url, ONE.id).version == "2026.1", "one wrong file stops them all"
    for words, says in (
        (("import", files[0], "--organisation", "Oak"), "There is no organisation Oak"),
        (("versions", "--organisation", "Oak"), "There is no organisation Oak"),
        (("import", files[0], *FOR_WILLOW, "--instrument", "x"), "There is no such instrument"),
        (("import", files[0], *FOR_WILLOW, "--instrument", THREE.id), "holds self-assessment-1"),
        (("import", *[files[0]] * 21, *FOR_WILLOW), "20 at most are read"),
        (("revert", *FOR_WILLOW, "--instrument", "x"), "There is no such instrument"),
    ):
        error = type_in(*words).exception
        assert isinstance(error, ImhcfError), words
        assert says in error.sentence
    assert type_in("import", "nowhere.pdf", *FOR_WILLOW).exit_code == 2


def test_an_upgrade_of_the_database_keeps_what_is_shipped(
    type_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CliRunner().invoke(imhcf, ["db", "upgrade"]).exit_code == 0
    assert type_in("versions").output.count("shipped  shipped") >= 6

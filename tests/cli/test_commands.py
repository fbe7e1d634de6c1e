"""The command line: what an operator types and reads."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.main import imhcf, main
from lti_tool.kernel.errors import ImhcfError, Misconfigured

LMS = [
    *("--issuer", "https://lms.example", "--auth-login-url", "https://lms.example/auth"),
    *("--token-url", "https://lms.example/token", "--jwks-url", "https://lms.example/jwks"),
]


@pytest.fixture
def type_in(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("IMHCF_DATABASE_URL", database_url)
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tmp_path))

    def run(*words: str) -> Result:
        return CliRunner().invoke(imhcf, list(words), catch_exceptions=True)

    return run


def add(type_in: Any, organisation: str, client: str, *more: str) -> Result:
    words = ("platform", "add", "--organisation", organisation, "--client-id", client, *LMS, *more)
    return type_in(*words)


def test_an_lms_is_added_listed_changed_and_disabled(type_in: Any) -> None:
    added = add(type_in, "Willow", "c1", "--deployment", "7")
    assert added.exit_code == 0, added.output
    assert "http://127.0.0.1:8000/lti/jwks.json" in added.output
    add(type_in, "Willow", "c1")
    listed = type_in("platform", "list").output
    assert listed.count("client id c1") == 1
    assert "Willow  active" in listed
    assert "deployment 7: accepted" in listed
    assert type_in("platform", "disable", "1").exit_code == 0
    assert "Willow  disabled" in type_in("platform", "list").output
    assert type_in("platform", "enable", "1").exit_code == 0


def test_one_issuer_serves_several_organisations_by_client_id(type_in: Any) -> None:
    for organisation, client in (("Willow", "c1"), ("Oak", "c2"), ("Willow", "c3")):
        assert add(type_in, organisation, client).exit_code == 0
    taken = add(type_in, "Oak", "c1")
    assert isinstance(taken.exception, ImhcfError)
    assert "belongs to another organisation" in taken.exception.sentence


@pytest.mark.parametrize("url", ["lms.example/x", "ftp://x/y", "javascript:alert(1)", "http://"])
def test_what_is_no_web_address_is_refused(type_in: Any, url: str) -> None:
    refused = add(type_in, "Willow", "c1", "--jwks-url", url)
    assert isinstance(refused.exception, ImhcfError)
    assert "--jwks-url" in refused.exception.sentence


def test_a_registration_that_is_not_there_is_said(type_in: Any) -> None:
    refused = type_in("platform", "disable", "99")
    assert isinstance(refused.exception, ImhcfError)


def test_the_framework_is_shown_as_text_and_as_json(type_in: Any) -> None:
    assert "63 competencies (10 13 8 10 7 6 9)" in type_in("framework", "show").output
    shown = json.loads(type_in("framework", "show", "--json").output)
    first = next(i for i in shown["instruments"] if i["id"] == "self-assessment-1")
    assert first["kind"] == "self-assessment"
    competency = first["domains"][0]["themes"][0]["competencies"][0]
    assert competency["code"] == "1.01"
    assert "prompt" not in competency
    assert type_in("framework", "check").exit_code == 0


def test_keys_are_made_on_first_use_and_listed(type_in: Any) -> None:
    first = type_in("keys", "list").output
    assert "active" in first
    assert first == type_in("keys", "list").output


def test_grades_have_all_arrived_where_there_are_none(type_in: Any) -> None:
    assert "Every grade has arrived" in type_in("grades", "list").output
    assert "0 grade(s)" in type_in("grades", "retry", "--all").output
    assert type_in("grades", "retry").exit_code == 2


def test_the_doctor_names_what_is_wrong_with_its_mend(
    type_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = type_in("doctor").output
    for subject in ("base URL", "storage", "database", "migrations", "keys", "worker"):
        assert f"ok  {subject}" in well
    monkeypatch.setenv("IMHCF_SECRET_KEY", "another secret than the one that sealed the keys")
    ill = type_in("doctor")
    assert ill.exit_code == 1
    assert "!!  keys: The stored keys cannot be read" in ill.output
    assert "→ Set IMHCF_SECRET_KEY" in ill.output


def test_the_doctor_reports_an_lms_that_is_away(type_in: Any) -> None:
    add(type_in, "Willow", "c1", "--jwks-url", "http://127.0.0.1:9/jwks")
    said = type_in("doctor")
    assert said.exit_code == 1
    assert "key set: The address is on a private network" in said.output
    assert "IMHCF_ALLOW_PRIVATE_NETWORK" in said.output


def test_a_database_that_is_not_migrated_is_named(
    type_in: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMHCF_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    said = type_in("doctor")
    assert "!!  migrations: at none" in said.output
    assert "imhcf db upgrade" in said.output
    assert type_in("db", "upgrade").exit_code == 0
    assert "ok  migrations" in type_in("doctor").output


def test_a_refusal_is_a_sentence_and_status_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMHCF_PORT", "many")
    monkeypatch.setattr("sys.argv", ["imhcf", "platform", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert "IMHCF_PORT" in said
    assert "Traceback" not in said


def test_a_postgresql_database_is_migrated_only_when_told(type_in: Any, engine_name: str) -> None:
    if engine_name == "sqlite":
        return
    from lti_tool.kernel.database import Database
    from lti_tool.kernel.settings import load_settings
    from lti_tool.schema import migrate

    migrate.downgrade(Database(load_settings().database), "base")
    refused = type_in("platform", "list")
    assert isinstance(refused.exception, Misconfigured)
    assert "db upgrade" in refused.exception.advice
    assert type_in("db", "upgrade").exit_code == 0

"""`imhcf register`: an entry that was kept elsewhere, and keys; as an operator types it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.main import imhcf
from lti_tool.courses.models import Person
from lti_tool.kernel.errors import InvalidInput, NotFound
from tests.register.entries import today
from tests.tool import Tool

TypeIn = Callable[..., Result]


@pytest.fixture
def type_in(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> TypeIn:
    settings = tool.runtime.settings
    monkeypatch.setenv("IMHCF_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("IMHCF_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("IMHCF_SECRET_KEY", settings.secret_key)

    def run(*words: str) -> Result:
        return CliRunner().invoke(imhcf, list(words))

    return run


def test_an_operator_adds_an_entry_and_its_owner_finds_it(tool: Tool, type_in: TypeIn) -> None:
    amina = tool.sign_in("amina")
    with tool.database.transaction(write=False) as session:
        person = session.get_one(Person, amina.actor.person_id).public_id
    day = (today() - timedelta(days=100)).isoformat()
    words = ("register", "add", "--person", person, "--level", "2", "--organisation")
    added = type_in(*words, "Willow Training", "--recognised-on", day)
    assert added.exit_code == 0, added.output
    assert "on the register at level 2" in added.output
    page = amina.get("recognition").text
    assert "Certificate (PDF)" in page
    assert "the operator of this service" in page
    again = type_in(*words, "Willow Training", "--recognised-on", day)
    assert again.output == added.output
    assert amina.get("recognition").text.count('class="register-log-head"') == 1


def test_who_is_not_there_or_not_yet_recognised_is_refused(tool: Tool, type_in: TypeIn) -> None:
    amina = tool.sign_in("amina")
    tool.sign_in("olga", organisation="Other")
    with tool.database.transaction(write=False) as session:
        person = session.get_one(Person, amina.actor.person_id).public_id
    words = ("register", "add", "--person", person, "--level")
    assert isinstance(type_in(*words, "2", "--organisation", "Other").exception, NotFound)
    assert isinstance(type_in(*words, "2", "--organisation", "None").exception, NotFound)
    ahead = (today() + timedelta(days=2)).isoformat()
    late = type_in(*words, "2", "--organisation", "Willow Training", "--recognised-on", ahead)
    assert isinstance(late.exception, InvalidInput)
    assert type_in(*words, "4", "--organisation", "Willow Training").exit_code == 2
    assert "not on the register yet" in amina.get("recognition").text


def test_an_operator_rotates_the_keys_of_credentials(type_in: TypeIn) -> None:
    assert "No key yet" in type_in("register", "keys", "list").output
    assert type_in("register", "keys", "rotate").exit_code == 0
    assert type_in("register", "keys", "rotate").exit_code == 0
    listed = type_in("register", "keys", "list").output.splitlines()
    assert len(listed) == 2
    assert ["signs" in line for line in listed] == [True, False]

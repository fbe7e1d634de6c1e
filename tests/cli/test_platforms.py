"""The operator connects LMSs: invitations, approval, names, policies, and an LMS that moved."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_tool.cli.main import imhcf
from lti_tool.gateway.connecting.models import WaitingRegistration
from lti_tool.gateway.connecting.rules import WAITING_LIFE
from lti_tool.gateway.organisation.models import ConnectionChange
from lti_tool.kernel import clock
from lti_tool.kernel.database import Database
from lti_tool.kernel.errors import ImhcfError

ADDRESSES = [
    *("--issuer", "https://lms.example", "--auth-login-url", "https://lms.example/auth"),
    *("--token-url", "https://lms.example/token", "--jwks-url", "https://lms.example/jwks"),
]


@pytest.fixture
def type_in(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("IMHCF_DATABASE_URL", database_url)
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tmp_path))

    def run(*words: str) -> Result:
        return CliRunner().invoke(imhcf, ["platform", *words], catch_exceptions=True)

    return run


def add(type_in: Any, organisation: str, client: str) -> Result:
    return type_in("add", "--organisation", organisation, "--client-id", client, *ADDRESSES)


def refusal(result: Result) -> str:
    assert isinstance(result.exception, ImhcfError), result.output
    return result.exception.code


def test_an_invitation_is_printed_once_listed_and_revoked(type_in: Any) -> None:
    made = type_in("invite", "--organisation", "Willow", "--days", "3")
    assert made.exit_code == 0, made.output
    address = made.stdout.strip()
    assert "Willow is a new organisation here." in made.output
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/lti/register/[\w-]{40,}", address)
    listed = type_in("invitations").output
    assert "1  Willow  open" in listed
    assert address.rpartition("/")[2] not in listed
    assert type_in("revoke", "1").exit_code == 0
    assert "1  Willow  revoked" in type_in("invitations").output
    assert refusal(type_in("revoke", "9")) == "invitation-unknown"


@pytest.mark.parametrize("days", ["0", "-1", "91"])
def test_an_invitation_lives_for_some_days(type_in: Any, days: str) -> None:
    made = type_in("invite", "--organisation", "Willow", "--days", days)
    assert refusal(made) == "days-wrong"


def test_an_invitation_needs_an_organisation(type_in: Any) -> None:
    assert refusal(type_in("invite", "--organisation", "  ")) == "value-missing"


def test_there_may_be_no_invitation_and_no_registration(type_in: Any) -> None:
    assert "imhcf platform invite" in type_in("invitations").output
    assert "imhcf platform invite" in type_in("list").output


def test_what_waits_is_listed_with_what_to_type(type_in: Any, database_url: str) -> None:
    database = Database(database_url)
    now = clock.now()
    with database.transaction() as session:
        fields = ("auth_login_url", "token_url", "jwks_url")
        session.add(
            WaitingRegistration(
                **dict.fromkeys(fields, "https://lms.example/x"),
                **dict.fromkeys(("token_audience", "scopes", "deployment"), ""),
                issuer="https://lms.example",
                client_id="c7",
                product="moodle",
                name="",
                created_at=now,
                ends_at=now + WAITING_LIFE,
            )
        )
    database.dispose()
    listed = type_in("list").output
    assert "imhcf platform approve 1 --organisation NAME" in listed
    assert type_in("approve", "1").exit_code == 2
    assert type_in("approve", "1", "--organisation", "W", "--deployment", "1").exit_code == 2
    approved = type_in("approve", "1", "--organisation", "Willow")
    assert "It is registration 1 of Willow now" in approved.output
    assert "Willow  active  moodle" in type_in("list").output
    assert changes(database) == [("status", "", "active", True)]
    assert refusal(type_in("approve", "1", "--organisation", "Willow")) == "registration-unknown"


def changes(database: Database) -> list[tuple[str, str, str, bool]]:
    with database.transaction(write=False) as session:
        rows = session.query(ConnectionChange).order_by(ConnectionChange.id)
        found = [(one.what, one.before, one.after, one.by_operator) for one in rows]
    database.dispose()
    return found


def test_switching_and_approving_are_noted_once_each(type_in: Any, database: Database) -> None:
    add(type_in, "Willow", "c1")
    for words in (("disable", "1"), ("disable", "1"), ("enable", "1")):
        assert type_in(*words).exit_code == 0
    for _twice in range(2):
        assert type_in("approve", "1", "--deployment", "7").exit_code == 0
    assert changes(database) == [
        ("status", "active", "disabled", True),
        ("status", "disabled", "active", True),
        ("deployment", "", "accepted", True),
    ]
    assert "deployment 7: accepted" in type_in("list").output


def test_a_registration_is_shown_renamed_and_given_a_policy(type_in: Any) -> None:
    add(type_in, "Willow", "c1")
    assert type_in("rename", "1", " Our Moodle ").exit_code == 0
    assert type_in("policy", "1", "known").exit_code == 0
    assert "called Our Moodle" in type_in("list").output
    shown = type_in("show", "1").output
    for line in (
        "organisation    Willow",
        "name            Our Moodle",
        "client id       c1",
        "keyset URL      https://lms.example/jwks",
        "deployments     known (policy)",
    ):
        assert line in shown
    assert type_in("policy", "1", "maybe").exit_code == 2
    for words in (("show", "9"), ("rename", "9", "x"), ("policy", "9", "known")):
        assert refusal(type_in(*words)) == "registration-unknown"
    assert refusal(type_in("rename", "1", "x" * 200)) == "name-too-long"
    assert refusal(type_in("approve", "9", "--deployment", "1")) == "registration-unknown"


def test_the_values_for_setting_up_by_hand_are_printed(type_in: Any) -> None:
    shown = type_in("show").output
    for path in ("launch", "login", "jwks.json", "icon.svg", "canvas.json", "connect"):
        assert f"http://127.0.0.1:8000/lti/{path}" in shown
    assert "context_history=$Context.id.history" in shown


def test_an_lms_that_moved_keeps_its_number(type_in: Any) -> None:
    add(type_in, "Willow", "c1")
    new = [word.replace("lms.example", "new.example") for word in ADDRESSES]
    done = type_in("replace", "1", "--client-id", "c9", *new, "--deployment", "5")
    assert done.exit_code == 0, done.output
    listed = type_in("list").output
    assert "1  Willow  active" in listed
    assert "issuer https://new.example  client id c9" in listed
    assert "deployment 5: accepted" in listed
    assert refusal(type_in("replace", "9", "--client-id", "c", *new)) == "registration-unknown"
    twice = type_in(
        "replace", "1", "--client-id", "c", *new, "--deployment", "5", "--deployment", "6"
    )
    assert twice.exit_code == 2
    bad = type_in("replace", "1", "--client-id", "c", *new, "--jwks-url", "ftp://x")
    assert refusal(bad) == "address-wrong"


def test_a_replacing_invitation_needs_a_registration_of_the_organisation(type_in: Any) -> None:
    add(type_in, "Willow", "c1")
    made = type_in("invite", "--organisation", "Willow", "--replaces", "1")
    assert made.exit_code == 0
    assert "replaces 1" in type_in("invitations").output
    other = type_in("invite", "--organisation", "Oak", "--replaces", "1")
    assert refusal(other) == "registration-taken"
    nobody = type_in("invite", "--organisation", "Oak", "--replaces", "9")
    assert refusal(nobody) == "registration-unknown"

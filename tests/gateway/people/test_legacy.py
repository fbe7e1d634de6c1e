"""Links of LTI 1.1: a signed migration claim finds the older person and the older placement."""

import base64
import hashlib
import hmac
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from lti_tool.cli.main import imhcf
from lti_tool.courses.models import Identity, LegacyIdentity, Person, Placement
from lti_tool.gateway.people.legacy import OlderPerson, import_older_people, keep_legacy_key
from lti_tool.gateway.people.models import LegacyKey
from lti_tool.lti.message_people import is_signed_with
from lti_tool.lti.messages import LegacyClaim
from tests.gateway.lms import CLAIM, Lms
from tests.gateway.people.walking import Arrived, arrive, rate

KEY, SECRET = "older-key", "an older secret"


def prepared(lms: Lms, *people: tuple[str, str], key: str = KEY) -> None:
    with lms.tool.database.transaction() as session:
        keep_legacy_key(session, lms.tool.runtime.secrets, lms.number, key, SECRET)
        older = [OlderPerson(*one) for one in people]
        import_older_people(session, lms.number, key, older)


def sign(claims: dict[str, Any], key: str, secret: str) -> str:
    """The recipe of the migration guide, written down independently of the tool."""
    text = "&".join(
        (
            key,
            claims[CLAIM + "deployment_id"],
            claims["iss"],
            claims["aud"],
            str(claims["exp"]),
            claims["nonce"],
        )
    )
    return base64.b64encode(
        hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    ).decode()


def launch(
    lms: Lms, sub: str, *, key: str = KEY, secret: str = SECRET, older: dict[str, Any], **more: Any
) -> Arrived:
    """Launches with a migration claim, signed for this one token."""
    browser = lms.tool.app.test_client()
    asked = lms.begin(browser)
    claims = lms.claims(asked, sub=sub, **more)
    signature = {"oauth_consumer_key_sign": sign(claims, key, secret)} if secret else {}
    claims[CLAIM + "lti1p1"] = {"oauth_consumer_key": key} | signature | older
    response = lms.send(browser, asked, lms.sign(claims))
    assert response.status_code == 303, response.text
    opened = browser.get(response.headers["Location"])
    return Arrived(browser, opened.headers["Location"])


def people(lms: Lms) -> dict[str, set[str]]:
    """The names of the people by the `sub` that leads to each."""
    with lms.tool.database.transaction(write=False) as session:
        rows = session.execute(
            select(Identity.subject, Person.name).join(Person, Person.id == Identity.person_id)
        )
        found: dict[str, set[str]] = {}
        for row in rows:
            found.setdefault(row.subject, set()).add(row.name)
        return found


def test_the_recipe_is_that_of_the_migration_guide() -> None:
    """The example of the guide, “oauth_consumer_key_sign”."""
    text = "179248902&689302&https://lmsvendor.com&PM48OJSfGDTAzAo&1551290856&172we8671fd8z"
    legacy = LegacyClaim(
        "179248902", "34212", "", "lWd54kFo5qU7xshAna6v8BwoBm6tmUjc6GTax6+12ps=", text
    )
    assert is_signed_with(legacy, "my-lti11-secret")
    assert not is_signed_with(legacy, "another")


def test_a_signed_claim_leads_a_new_sub_to_the_older_person(lms: Lms) -> None:
    prepared(lms, ("341", "Amina of old"), ("342", "Somebody else"))
    first = launch(lms, "new-sub", older={"user_id": "341"}, name="")
    assert "Amina of old" in first.page.text
    rate(first, "1.01")
    # The claim need not come again, and the person stays.
    assert "1 of 63 rated" in arrive(lms, "new-sub", name="").page.text
    assert people(lms) == {"new-sub": {"Amina of old"}}


def test_a_sub_that_is_the_older_identifier_need_not_name_it(lms: Lms) -> None:
    prepared(lms, ("341", "Amina of old"))
    assert "Amina of old" in launch(lms, "341", older={}, name="").page.text


def test_a_sub_that_is_known_already_is_not_moved(lms: Lms) -> None:
    prepared(lms, ("341", "Amina of old"))
    arrive(lms, "new-sub", name="Amina of now")
    launch(lms, "new-sub", older={"user_id": "341"}, name="")
    assert people(lms) == {"new-sub": {"Amina of now"}}


def test_an_older_identifier_that_came_as_a_sub_of_1_3_counts(lms: Lms) -> None:
    prepared(lms)
    arrive(lms, "341", name="Amina of old")
    launch(lms, "new-sub", older={"user_id": "341"}, name="")
    assert people(lms) == {"341": {"Amina of old"}, "new-sub": {"Amina of old"}}


@pytest.mark.parametrize(
    ("key", "secret"),
    [(KEY, ""), (KEY, "a wrong secret"), ("another-key", SECRET), ("another-key", "")],
)
def test_what_is_not_signed_with_the_secret_is_ignored(lms: Lms, key: str, secret: str) -> None:
    prepared(lms, ("341", "Amina of old"))
    launch(lms, "new-sub", key=key, secret=secret, older={"user_id": "341"}, name="Who")
    assert people(lms) == {"new-sub": {"Who"}}


def test_a_signature_of_another_token_is_ignored(lms: Lms) -> None:
    prepared(lms, ("341", "Amina of old"))
    old = sign(lms.claims({"nonce": "another"}), KEY, SECRET)
    older = {"user_id": "341", "oauth_consumer_key_sign": old}
    launch(lms, "new-sub", older=older, name="Who")
    assert people(lms) == {"new-sub": {"Who"}}


@pytest.mark.parametrize(
    "claim",
    [
        7,
        [],
        "x",
        {},
        {"oauth_consumer_key": 7},
        {"oauth_consumer_key": KEY, "user_id": {}, "oauth_consumer_key_sign": []},
        {"oauth_consumer_key": KEY, "user_id": "341", "oauth_consumer_key_sign": "łž" * 200},
        {"oauth_consumer_key": "\0", "user_id": "\ud800"},
    ],
)
def test_a_claim_that_makes_no_sense_breaks_no_launch(lms: Lms, claim: Any) -> None:
    prepared(lms, ("341", "Amina of old"))
    arrive(lms, "new-sub", name="Who", lti_lti1p1=claim)
    assert people(lms) == {"new-sub": {"Who"}}


def test_another_organisation_with_the_same_key_finds_nobody_of_this_one(lms: Lms) -> None:
    prepared(lms, ("341", "Amina of old"))
    far = Lms(lms.tool, issuer="https://far.example", organisation="Far")
    with lms.tool.database.transaction() as session:
        keep_legacy_key(session, lms.tool.runtime.secrets, far.number, KEY, SECRET)
    launch(far, "new-sub", older={"user_id": "341"}, name="Farah")
    assert people(lms) == {"new-sub": {"Farah"}}


def test_the_same_identifier_under_another_key_is_another_person(lms: Lms) -> None:
    prepared(lms, ("2", "Under the one"))
    prepared(lms, ("2", "Under the other"), key="second-key")
    second = launch(lms, "b", key="second-key", older={"user_id": "2"}, name="")
    assert "Under the other" in second.page.text


def test_an_older_link_keeps_its_placement(lms: Lms) -> None:
    prepared(lms)
    rate(arrive(lms, "amina"), "1.01")
    with lms.tool.database.transaction() as session:
        session.execute(update(Placement).values(resource_link="older-link"))
        before = session.execute(select(Placement.public_id)).scalar_one()
    arrived = launch(lms, "amina", older={"resource_link_id": "older-link"})
    assert arrived.placement == before
    # It has one link then; the older id names nothing any more.
    launch(lms, "amina", older={"resource_link_id": "older-link"})
    with lms.tool.database.transaction(write=False) as session:
        assert list(session.execute(select(Placement.resource_link)).scalars()) == ["link-1"]


def test_an_older_link_of_another_course_stays_there(lms: Lms) -> None:
    prepared(lms)
    arrive(lms, "amina", lti_resource_link={"id": "older-link"}, lti_context={"id": "elsewhere"})
    launch(lms, "amina", older={"resource_link_id": "older-link"})
    with lms.tool.database.transaction(write=False) as session:
        links = session.execute(select(Placement.resource_link)).scalars()
        assert set(links) == {"link-1", "older-link"}


def test_the_record_of_a_person_tells_their_older_identifier(lms: Lms) -> None:
    prepared(lms, ("legacy-341", "Amina of old"))
    arrived = launch(lms, "new-sub", older={"user_id": "legacy-341"}, name="")
    archive = zipfile.ZipFile(io.BytesIO(arrived.get("my-record/zip").data))
    assert "legacy-341" in archive.read("record.json").decode()


@pytest.fixture
def type_in(lms: Lms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings = lms.tool.runtime.settings
    monkeypatch.setenv("IMHCF_DATABASE_URL", lms.tool.database.url.render_as_string(False))
    monkeypatch.setenv("IMHCF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("IMHCF_SECRET_KEY", settings.secret_key)

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(imhcf, list(words), input=typed)

    return run


def test_the_operator_brings_older_people_in(lms: Lms, type_in: Any, tmp_path: Path) -> None:
    number = str(lms.number)
    kept = type_in("platform", "legacy-key", number, "--key", KEY, typed=f"{SECRET}\n")
    assert kept.exit_code == 0, kept.output
    assert SECRET not in kept.output
    file = tmp_path / "people.csv"
    file.write_text("\ufeffuser_id,name\n341,Amina of old\n342,\n", encoding="utf-8")
    brought = type_in("people", "import-legacy", str(file), "--registration", number)
    assert brought.output == "2 of 2 people are new.\n"
    again = type_in("people", "import-legacy", str(file), "--registration", number)
    assert again.output == "0 of 2 people are new.\n"
    assert "Amina of old" in launch(lms, "new-sub", older={"user_id": "341"}, name="").page.text
    with lms.tool.database.transaction(write=False) as session:
        assert SECRET not in session.execute(select(LegacyKey.sealed)).scalar_one()
        assert len(session.execute(select(LegacyIdentity)).scalars().all()) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,name\n1,x\n", "must name the columns"),
        (b"", "must name the columns"),
        (b"user_id,name\n1,x\n,y\n", "Line 3"),
        (b"user_id,name\n1,x\n1,y\n", "Line 3"),
        (b"user_id,name\n" + b"x" * 300 + b",y\n", "Line 2"),
        (b"user_id\n\xff\xfe\n", "UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_brings_nobody_in(
    lms: Lms, type_in: Any, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    answer = type_in("people", "import-legacy", str(file), "--registration", str(lms.number))
    assert answer.exit_code != 0
    assert said in answer.output
    with lms.tool.database.transaction(write=False) as session:
        assert not session.execute(select(LegacyIdentity)).first()


def test_an_unknown_registration_or_key_is_said(lms: Lms, type_in: Any, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("user_id\n1\n", encoding="utf-8")
    for words in (
        ("platform", "legacy-key", "99", "--key", KEY),
        ("people", "import-legacy", str(file), "--registration", "99"),
        ("people", "import-legacy", str(file), "--registration", str(lms.number)),
    ):
        answer = type_in(*words, typed="x\n")
        assert answer.exit_code != 0
        assert answer.exception

"""Credentials as strangers see them: verified by code that shares nothing with ours, or refused."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import rsa
from jsonschema import Draft202012Validator
from sqlalchemy import select

from lti_tool.kernel import clock
from lti_tool.register.issuing import Issuer
from lti_tool.register.keys import rotate
from lti_tool.register.models import CredentialKey, RegisterCredential
from lti_tool.register.rules import last_day
from lti_tool.register.services import renew, restore, suspend
from lti_tool.register.status_lists import LENGTH, encoded
from tests.register.entries import ADMINISTRATOR, BASE, recognised, today
from tests.register.verifier import ACHIEVEMENT, Refused, Verifier
from tests.tool import Tool, Visitor


def download(who: Visitor, public_id: str) -> str:
    answer = who.get(f"recognition/{public_id}/credential.jwt")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/vc+jwt"
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.text


@pytest.fixture
def verifier(tool: Tool) -> Verifier:
    return Verifier(tool.app.test_client(), BASE)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, payload, signature = token.split(".")
    return _json(header), _json(payload), signature


def _json(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _part(values: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_stranger_verifies_a_credential_from_its_addresses_alone(
    tool: Tool, verifier: Verifier, level: int
) -> None:
    amina = tool.sign_in("amina", name="Amina Khan")
    entry = recognised(tool, amina, level)
    token = download(amina, entry.public_id)
    found = verifier.verify(token, clock.now())
    assert found["awardedDate"].startswith(entry.recognised_on.isoformat())
    assert stamp_of(found["validUntil"]) == entry.valid_until + timedelta(days=1)
    assert found["issuer"]["name"] == "Willow Training"
    assert str(level) in found["name"]
    # PyJWT reads the same.
    kid = jwt.get_unverified_header(token)["kid"]
    keys = verifier.json("/credentials/keys.json")
    key = next(one for one in jwt.PyJWKSet.from_dict(keys).keys if one.key_id == kid)
    assert jwt.decode(token, key, ["RS256"]) == found


def stamp_of(written: str) -> Any:
    from datetime import datetime

    return datetime.fromisoformat(written).date()


def test_nothing_of_the_person_is_in_it_and_each_has_a_subject_of_its_own(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Amina Khan")
    first = recognised(tool, amina, 1, place="Leeds")
    second = recognised(tool, amina, 2, place="Leeds")
    subjects = set()
    for entry in (first, second):
        _header, claims, _ = parts(download(amina, entry.public_id))
        said = json.dumps(claims)
        for secret in ("Amina", "Khan", "Leeds", entry.public_id, amina.slot):
            assert secret not in said
        assert set(claims["credentialSubject"]) == {"id", "type", "achievement"}
        subjects.add(claims["sub"])
    assert len(subjects) == 2
    assert all(subject.startswith("urn:uuid:") for subject in subjects)


def test_its_evidence_is_the_verifying_page_and_its_alignment_is_in_case(tool: Tool) -> None:
    amina = tool.sign_in("amina", name="Amina Khan")
    entry = recognised(tool, amina)
    _, claims, _ = parts(download(amina, entry.public_id))
    stranger = tool.app.test_client()
    (evidence,) = claims["evidence"]
    assert "Amina Khan" in stranger.get(evidence["id"].removeprefix(BASE)).text
    alignments = claims["credentialSubject"]["achievement"]["alignment"]
    assert len(alignments) == 1 + 5
    for one in alignments:
        answer = stranger.get(one["targetUrl"].removeprefix(BASE))
        assert answer.status_code == 200, one
        assert answer.get_json()["fullStatement"] == one["targetName"]


def test_issuer_and_achievement_are_there_for_programs_and_for_people(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    _, claims, _ = parts(download(amina, recognised(tool, amina).public_id))
    stranger = tool.app.test_client()
    issuer, achievement = claims["issuer"], claims["credentialSubject"]["achievement"]
    for written in (issuer, achievement):
        path = written["id"].removeprefix(BASE)
        for accept in ("application/ld+json", "application/json", "*/*"):
            answer = stranger.get(path, headers={"Accept": accept})
            assert answer.mimetype == "application/ld+json"
            found = json.loads(answer.data)
            assert found.pop("@context") == claims["@context"]
            assert found == written
        page = stranger.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
        assert page.mimetype == "text/html"
        assert written["name"] in page.text
    Draft202012Validator(ACHIEVEMENT).validate(achievement)
    for path in ("/credentials/issuers/nobody", "/credentials/achievements/nobody/1",
                 f"{achievement['id'].removeprefix(BASE)[:-1]}4",
                 "/credentials/keys/nobody", "/credentials/status/99",
                 "/credentials/status/99999999999999999999999"):  # fmt: skip
        assert stranger.get(path).status_code == 404, path


def test_a_suspended_entry_sets_its_bit_and_a_restored_one_takes_it_back(
    tool: Tool, verifier: Verifier
) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    entry, other = recognised(tool, amina), recognised(tool, ben)
    tokens = [download(amina, entry.public_id), download(ben, other.public_id)]
    with tool.database.transaction() as session:
        suspend(session, ada.actor, entry.public_id, "Looked into.")
    with pytest.raises(Refused, match="suspension"):
        verifier.verify(tokens[0], clock.now())
    verifier.verify(tokens[1], clock.now())
    assert amina.get(f"recognition/{entry.public_id}/credential.jwt").status_code == 409
    with tool.database.transaction() as session:
        restore(session, ada.actor, entry.public_id, "Unfounded.")
    verifier.verify(tokens[0], clock.now())


def test_an_old_credential_of_a_renewed_entry_is_suspended_with_the_new_one(
    tool: Tool, verifier: Verifier
) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina)
    old = download(amina, entry.public_id)
    with tool.database.transaction() as session:
        renew(session, Issuer.of(tool.runtime), ada.actor, entry.public_id, "Yes", today=today())
    new = download(amina, entry.public_id)
    assert verifier.verify(new, clock.now())["exp"] > verifier.verify(old, clock.now())["exp"]
    with tool.database.transaction() as session:
        suspend(session, ada.actor, entry.public_id, "Looked into.")
    for token in (old, new):
        with pytest.raises(Refused, match="suspension"):
            verifier.verify(token, clock.now())


def test_what_an_older_key_signed_verifies_after_a_rotation(tool: Tool, verifier: Verifier) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    old = download(amina, recognised(tool, amina).public_id)
    with tool.database.transaction() as session:
        rotate(session, tool.runtime.secrets)
    new = download(ben, recognised(tool, ben).public_id)
    assert parts(old)[0]["kid"] != parts(new)[0]["kid"]
    for token in (old, new):
        verifier.verify(token, clock.now())
    with tool.database.transaction(write=False) as session:
        rows = session.execute(select(CredentialKey).order_by(CredentialKey.id)).scalars().all()
        assert [bool(row.sealed) for row in rows] == [False, True]
        assert "PRIVATE" not in rows[1].sealed


def test_the_keys_are_not_those_of_lti(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    download(amina, recognised(tool, amina).public_id)
    stranger = tool.app.test_client()
    ours = {one["n"] for one in stranger.get("/credentials/keys.json").get_json()["keys"]}
    theirs = {one["n"] for one in stranger.get("/lti/jwks.json").get_json()["keys"]}
    assert ours
    assert theirs
    assert not ours & theirs


def test_a_credential_holds_within_its_dates_alone(tool: Tool, verifier: Verifier) -> None:
    amina = tool.sign_in("amina")
    entry = recognised(tool, amina)
    token = download(amina, entry.public_id)
    now = clock.now()
    with pytest.raises(Refused, match="dates"):
        verifier.opened(token, now - timedelta(days=1))
    end = last_day(entry.recognised_on, 3)
    with time_machine.travel(f"{end.isoformat()}T21:00:00Z", tick=False):
        verifier.verify(token, clock.now())
    with pytest.raises(Refused, match="dates"):
        verifier.opened(token, now + timedelta(days=365 * 3 + 2))


def _claims_changed(name: str, value: Any) -> Callable[[str], str]:
    def change(token: str) -> str:
        header, _payload, signature = token.split(".")
        return f"{header}.{_part(parts(token)[1] | {name: value})}.{signature}"

    return change


def _header_changed(**values: Any) -> Callable[[str], str]:
    def change(token: str) -> str:
        _header, payload, signature = token.split(".")
        return f"{_part(parts(token)[0] | values)}.{payload}.{signature}"

    return change


def _signed_by_another(token: str) -> str:
    header, claims, _ = parts(token)
    key = rsa.generate_private_key(65537, 2048)
    return jwt.encode(claims, key, "RS256", headers={"kid": header["kid"]})


def _unsigned(token: str) -> str:
    _, claims, _ = parts(token)
    return jwt.encode(claims, None, "none", headers={"kid": parts(token)[0]["kid"]})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tamper",
    [
        _claims_changed("validUntil", "2099-01-01T00:00:00Z"),
        _claims_changed("sub", "urn:uuid:somebody-else"),
        _claims_changed("name", "Level 3"),
        _header_changed(kid="https://evil.example/key"),
        _header_changed(kid=f"{BASE}/credentials/keys/none"),
        _header_changed(typ="JWT"),
        _signed_by_another,
        _unsigned,
        lambda token: token[:-6] + "AAAAAA",
        lambda token: token.rpartition(".")[0] + ".",
    ],
    ids=["until", "subject", "name", "key elsewhere", "no key", "type", "another", "none", "bent", "cut"],
)  # fmt: skip
def test_what_was_tampered_with_is_refused(
    tool: Tool, verifier: Verifier, tamper: Callable[[str], str]
) -> None:
    amina = tool.sign_in("amina")
    token = download(amina, recognised(tool, amina).public_id)
    verifier.verify(token, clock.now())
    with pytest.raises(Refused):
        verifier.verify(tamper(token), clock.now())


def test_status_lists_can_be_kept_and_change_when_a_bit_does(tool: Tool) -> None:
    amina, ada = tool.sign_in("amina"), tool.sign_in("ada", roles=ADMINISTRATOR)
    entry = recognised(tool, amina)
    _, claims, _ = parts(download(amina, entry.public_id))
    path = claims["credentialStatus"]["statusListCredential"].removeprefix(BASE)
    stranger = tool.app.test_client()
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        first = stranger.get(path)
        assert first.headers["Cache-Control"] == "public, max-age=300"
        assert first.headers["Access-Control-Allow-Origin"] == "*"
        again = stranger.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        with tool.database.transaction() as session:
            suspend(session, ada.actor, entry.public_id, "Looked into.")
        assert stranger.get(path).data != first.data
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False):
        assert stranger.get(path).headers["ETag"] != first.headers["ETag"]


def test_each_organisation_has_lists_of_its_own_and_places_are_drawn_by_lot(tool: Tool) -> None:
    for number in range(4):
        recognised(tool, tool.sign_in(f"here-{number}"))
    recognised(tool, tool.sign_in("olga", organisation="Other"))
    with tool.database.transaction(write=False) as session:
        found = session.execute(
            select(RegisterCredential.status_list_id, RegisterCredential.status_index)
        ).all()
    assert len({list_id for list_id, _ in found}) == 2
    assert len(set(found)) == 5
    places = [index for _, index in found]
    assert places != list(range(places[0], places[0] + 5))
    assert all(0 <= index < LENGTH for index in places)


def test_the_bits_are_packed_as_the_specification_shows() -> None:
    """Bitstring Status List 1.0, example: an empty list of 131,072 bits, and its first bit."""
    import gzip

    def unpacked(places: list[int]) -> bytes:
        text = encoded(places)[1:]
        return gzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))

    assert unpacked([]) == bytes(16 * 1024)
    assert unpacked([0])[0] == 0b1000_0000
    assert unpacked([9])[:2] == bytes([0, 0b0100_0000])
    assert unpacked([LENGTH - 1])[-1] == 1
    assert encoded([5, 7]) == encoded([7, 5])

"""The tool's keys: published, signing, retiring, retired; rotated without a launch or grade lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import jwt
import pytest
import time_machine
from jwt import PyJWKSet

from lti_tool.gateway import key_life
from lti_tool.gateway.diagnosis import diagnose_keys
from lti_tool.gateway.key_life import LEAD, OVERLAP, KeyFacts, Standing
from lti_tool.gateway.keys import (
    NO_TIME,
    KeyRing,
    add_key,
    all_keys,
    ensure_key,
    retire,
    rotate,
    settle,
)
from lti_tool.gateway.models import ToolKey
from lti_tool.gateway.rules import KeyStatus
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, Misconfigured, NotFound, Unavailable
from lti_tool.kernel.http import HttpAnswer
from lti_tool.kernel.secrets import SecretBox
from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.registration import Registration
from lti_tool.wiring.messages import chores
from tests.platform import as_json
from tests.tool import Tool

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every look is a fresh one, and the clock stands until a test moves it."""
    monkeypatch.setattr("lti_tool.gateway.keys.RELOAD_SECONDS", 0.0)
    with time_machine.travel(START, tick=False):
        yield


def rotated(tool: Tool, lead: timedelta = LEAD) -> str:
    with tool.database.transaction() as session:
        return rotate(session, tool.runtime.secrets, lead=lead).kid


def settled(tool: Tool) -> None:
    """Does what the worker does once a minute."""
    for chore in chores(tool.runtime):
        with tool.database.transaction() as session:
            chore(session)


def standings(tool: Tool) -> list[Standing]:
    """How the keys stand, newest first."""
    with tool.database.transaction(write=False) as session:
        keys = all_keys(session)
    return [key_life.standing(key, keys, clock.now()) for key in keys]


def signer(tool: Tool) -> str:
    return KeyRing(tool.runtime).signing_key().kid


def published(tool: Tool) -> list[str]:
    served = tool.app.test_client().get("/lti/jwks.json").get_json()
    return [key["kid"] for key in served["keys"]]


def assert_verifies(tool: Tool, token: str) -> None:
    """Reads a token as an LMS does, with the key set that is served now."""
    served = tool.app.test_client().get("/lti/jwks.json").get_json()
    kid = jwt.get_unverified_header(token)["kid"]
    key = PyJWKSet.from_dict(served)[kid]
    jwt.decode(token, key.key, ["RS256"], options={"verify_aud": False, "verify_exp": False})


def test_a_new_key_is_published_first_and_signs_when_its_time_has_come(tool: Tool) -> None:
    old = signer(tool)
    new = rotated(tool)
    assert signer(tool) == old
    assert published(tool) == [new, old]
    assert standings(tool) == [Standing.NEXT, Standing.SIGNING]
    with time_machine.travel(START + LEAD - MINUTE, tick=False):
        assert signer(tool) == old
    with time_machine.travel(START + LEAD, tick=False):
        assert signer(tool) == new
        # Without the worker nothing else changes: what is old is published all the same.
        assert published(tool) == [new, old]
        assert standings(tool) == [Standing.SIGNING, Standing.RETIRING]


def test_the_old_key_is_published_for_the_overlap_and_then_erased(tool: Tool) -> None:
    old = signer(tool)
    token = KeyRing(tool.runtime).signing_key().sign({"iss": "client"})
    new = rotated(tool)
    with time_machine.travel(START + LEAD + MINUTE, tick=False):
        settled(tool)
        assert standings(tool) == [Standing.SIGNING, Standing.RETIRING]
        assert_verifies(tool, token)
    with time_machine.travel(START + LEAD + OVERLAP, tick=False):
        settled(tool)
        assert published(tool) == [new, old]
    with time_machine.travel(START + LEAD + OVERLAP + 2 * MINUTE, tick=False):
        settled(tool)
        assert published(tool) == [new]
        assert standings(tool) == [Standing.SIGNING, Standing.RETIRED]
        with tool.database.transaction(write=False) as session:
            sealed = {row.kid: row.sealed for row in session.query(ToolKey)}
            assert sealed[old] == ""
            assert sealed[new] != ""


def test_a_deep_linking_response_signed_before_a_rotation_is_still_verified_after_it(
    tool: Tool,
) -> None:
    response = KeyRing(tool.runtime).signing_key().sign({"nonce": "n", "items": []})
    rotated(tool, NO_TIME)
    settled(tool)
    assert standings(tool)[1] is Standing.RETIRING
    assert_verifies(tool, response)


def test_a_call_that_is_under_way_while_keys_rotate_is_still_believed(tool: Tool) -> None:
    """The assertion was signed before; the LMS reads our key set after."""

    def token(_method: str, _url: str, body: bytes) -> HttpAnswer:
        rotated(tool, NO_TIME)
        settled(tool)
        (assertion,) = parse_qs(body.decode())["client_assertion"]
        assert_verifies(tool, assertion)
        return as_json({"access_token": "t", "token_type": "Bearer", "expires_in": 3600})

    tool.http.answers["https://lms.example/token"] = token
    lms = Registration(1, "https://lms.example", "c", "", "https://lms.example/token", "")
    before = signer(tool)
    key = KeyRing(tool.runtime).signing_key()
    AccessTokens(tool.http).get(lms, frozenset({"scope"}), key)
    assert tool.http.calls["https://lms.example/token"] == 1
    assert signer(tool) != before


def test_two_rotations_in_a_row_hand_over_one_after_the_other(tool: Tool) -> None:
    first = signer(tool)
    second = rotated(tool)
    with time_machine.travel(START + timedelta(hours=1), tick=False):
        third = rotated(tool)
        assert signer(tool) == first
        assert published(tool) == [third, second, first]
    with time_machine.travel(START + LEAD, tick=False):
        settled(tool)
        assert signer(tool) == second
    with time_machine.travel(START + LEAD + timedelta(hours=1), tick=False):
        settled(tool)
        assert signer(tool) == third
        assert standings(tool) == [Standing.SIGNING, Standing.RETIRING, Standing.RETIRING]
        assert published(tool) == [third, second, first]


def test_a_rotation_at_once_passes_by_a_key_that_was_still_waiting(tool: Tool) -> None:
    first = signer(tool)
    waiting = rotated(tool)
    now = rotated(tool, NO_TIME)
    assert signer(tool) == now
    assert published(tool) == [now, waiting, first]
    with time_machine.travel(START + LEAD + MINUTE, tick=False):
        settled(tool)
        assert signer(tool) == now


def test_a_process_goes_over_to_the_new_key_by_its_own_clock(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.gateway.keys.RELOAD_SECONDS", 3600.0)
    ring = KeyRing(tool.runtime)
    old = ring.signing_key().kid
    new = rotated(tool, MINUTE)
    assert ring.signing_key().kid == old  # it has not looked again
    assert [key["kid"] for key in ring.public_set()["keys"]] == [new, old]
    assert ring.signing_key().kid == old
    with time_machine.travel(START + MINUTE, tick=False):
        assert ring.signing_key().kid == new


def test_the_only_key_that_signs_is_not_retired(tool: Tool) -> None:
    kid = signer(tool)
    with tool.database.transaction() as session, pytest.raises(Conflict) as refused:
        retire(session, kid)
    assert "imhcf keys rotate --now" in refused.value.advice
    assert published(tool) == [kid]


def test_a_key_is_retired_by_the_beginning_of_its_id_and_erased(tool: Tool) -> None:
    old = signer(tool)
    new = rotated(tool, NO_TIME)
    with tool.database.transaction() as session:
        retire(session, old[:12])
    assert published(tool) == [new]
    with tool.database.transaction() as session:
        assert retire(session, old).retired_at == START  # a second time changes nothing
        with pytest.raises(NotFound):
            retire(session, "nothing")
        with pytest.raises(NotFound):
            retire(session, "")


def test_a_beginning_that_two_keys_share_is_refused(tool: Tool) -> None:
    with tool.database.transaction() as session:
        for kid in ("same-1", "same-2", "same"):
            add_key(session, tool.runtime.secrets)
            row = session.query(ToolKey).order_by(ToolKey.id.desc()).first()
            assert row
            row.kid = kid
            session.flush()
        with pytest.raises(InvalidInput):
            retire(session, "sa")
        with pytest.raises(Conflict):
            retire(session, "same")  # exactly this one, which signs
        retire(session, "same-1")


def test_a_waiting_key_can_be_given_up(tool: Tool) -> None:
    old = signer(tool)
    waiting = rotated(tool)
    with tool.database.transaction() as session:
        retire(session, waiting)
    with time_machine.travel(START + LEAD + MINUTE, tick=False):
        settled(tool)
        assert signer(tool) == old


def test_private_halves_are_not_in_the_database_in_the_clear(tool: Tool) -> None:
    signer(tool)
    with tool.database.transaction(write=False) as session:
        (row,) = session.query(ToolKey).all()
    assert "PRIVATE" not in row.sealed
    assert "PRIVATE" in tool.runtime.secrets.decrypt(row.sealed).decode()


def another_secret(tool: Tool) -> Tool:
    return replace(tool, runtime=replace(tool.runtime, secrets=SecretBox("another secret" * 3)))


def test_under_another_secret_nothing_is_signed_and_the_way_out_is_said(tool: Tool) -> None:
    signer(tool)
    other = another_secret(tool)
    with pytest.raises(Misconfigured) as refused:
        KeyRing(other.runtime).signing_key()
    assert "cannot be read with this IMHCF_SECRET_KEY" in refused.value.sentence
    assert "imhcf keys rotate --now" in refused.value.advice
    with pytest.raises(Unavailable):  # LMSs try again, and remember no empty set
        KeyRing(other.runtime).public_set()
    with tool.database.transaction(write=False) as session:
        assert len(all_keys(session)) == 1  # no new key was made silently


def test_after_the_secret_is_lost_a_new_key_signs_at_once(tool: Tool) -> None:
    old = signer(tool)
    other = another_secret(tool)
    new = rotated(other)
    assert signer(other) == new
    assert [key["kid"] for key in KeyRing(other.runtime).public_set()["keys"]] == [new]
    said = diagnose_keys(other.runtime)
    assert "1 of 2 cannot be read" in said.says
    assert f"imhcf keys retire {old}" in said.mend
    with tool.database.transaction() as session:
        retire(session, old)
    assert diagnose_keys(other.runtime).mend == ""


def test_the_doctor_asks_for_a_new_key_after_a_year(tool: Tool) -> None:
    signer(tool)
    assert diagnose_keys(tool.runtime).mend == ""
    with time_machine.travel(START + timedelta(days=366), tick=False):
        said = diagnose_keys(tool.runtime)
        assert "more than a year" in said.says
        assert said.mend == "imhcf keys rotate"


def test_a_first_key_is_made_once(tool: Tool) -> None:
    with tool.database.transaction() as session:
        ensure_key(session, tool.runtime.secrets)
        ensure_key(session, tool.runtime.secrets)
        settle(session)
        assert len(all_keys(session)) == 1
    assert len(published(tool)) == 1


def facts(number: int, hours: int, status: KeyStatus = KeyStatus.ACTIVE) -> KeyFacts:
    at = START + timedelta(hours=hours)
    return KeyFacts(number, f"key-{number}", status, START, at)


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        ([], None),
        ([facts(1, 0)], 1),
        ([facts(1, 5)], 1),  # a clock was set back: an installation signs all the same
        ([facts(2, 0), facts(1, 0)], 2),
        ([facts(2, 1), facts(1, 0)], 1),
        ([facts(3, 2), facts(2, 1), facts(1, 0, KeyStatus.RETIRED)], 2),
        ([facts(2, 1), facts(1, -9, KeyStatus.RETIRING)], 2),
        ([facts(1, 0, KeyStatus.RETIRED)], None),
    ],
)
def test_one_key_signs_wherever_one_is_active(keys: list[KeyFacts], chosen: int | None) -> None:
    found = key_life.signing(keys, START)
    assert (found.id if found else None) == chosen


def test_a_cache_holds_the_key_set_for_a_minute_and_asks_again_by_its_tag(tool: Tool) -> None:
    signer(tool)
    browser = tool.app.test_client()
    first = browser.get("/lti/jwks.json")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    tag = {"If-None-Match": first.headers["ETag"]}
    again = browser.get("/lti/jwks.json", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=60"
    new = rotated(tool, NO_TIME)
    changed = browser.get("/lti/jwks.json", headers=tag)
    assert changed.status_code == 200
    assert changed.get_json()["keys"][0]["kid"] == new

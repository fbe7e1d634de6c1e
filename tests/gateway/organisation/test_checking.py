"""Testing a connection: each step says how it went, in words that name the mend."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from lti_tool.gateway.diagnosis import diagnose, examination
from lti_tool.gateway.keys import KeyRing
from lti_tool.gateway.organisation import checking
from lti_tool.gateway.organisation.findings import Outcome, Step, StepFinding, from_json, words_of
from lti_tool.gateway.organisation.models import ConnectionTest
from lti_tool.gateway.queries import registration_by_id
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.http import CallFailed, HttpAnswer
from tests.gateway.organisation.played import (
    AGS,
    NRPS,
    SCOPES,
    PlayedLms,
    ada_of,
    run_worker,
    tell_services,
)
from tests.platform import as_json
from tests.tool import Tool, Visitor

PAGE = "connections/1"
Failing = Callable[..., HttpAnswer]


@pytest.fixture
def ada(tool: Tool) -> Visitor:
    ada = ada_of(tool)
    tell_services(tool)
    return ada


@pytest.fixture
def lms(tool: Tool, ada: Visitor) -> PlayedLms:
    return PlayedLms(tool)


def looked(tool: Tool) -> dict[Step, StepFinding]:
    with tool.database.transaction(write=False) as session:
        found = registration_by_id(session, 1)
    assert found
    steps = examination(tool.runtime, KeyRing(tool.runtime), found).steps()
    return {one.step: one for one in steps}


def outcomes(tool: Tool) -> dict[str, str]:
    return {step.value: f"{one.outcome.value} {one.code}" for step, one in looked(tool).items()}


def failing(code: str, detail: str = "") -> Failing:
    def answer(*_: object) -> HttpAnswer:
        raise CallFailed("It failed.", code=code, detail=detail)

    return answer


def test_where_all_is_well_every_step_says_so(tool: Tool, lms: PlayedLms) -> None:
    found = looked(tool)
    assert {one.outcome for one in found.values()} == {Outcome.OK}
    assert found[Step.KEYS].facts == {"count": 2, "kids": "key-1, key-2"}
    assert found[Step.LINE_ITEMS].facts == {"count": 1}
    assert found[Step.ROSTER].facts == {"count": 3}
    assert sorted(lms.asked) == sorted(SCOPES)  # each by itself, as the tool asks


WELL = {
    "sign-in": "ok ok",
    "keys": "ok ok",
    "clock": "ok ok",
    "token": "ok ok",
    "line-items": "ok ok",
    "roster": "ok ok",
}
UNTRIED = {"line-items": "not-tried earlier", "roster": "not-tried earlier"}


@pytest.mark.parametrize(
    ("path", "answer", "changed"),
    [
        ("/auth", HttpAnswer(404, {}, b""), {"sign-in": "failed not-found"}),
        ("/auth", HttpAnswer(503, {}, b""), {"sign-in": "failed busy"}),
        ("/auth", failing("redirected"), {"sign-in": "ok ok"}),
        ("/auth", failing("unreachable"), {"sign-in": "failed unreachable"}),
        ("/auth", failing("unreachable", "SSLError"), {"sign-in": "failed tls"}),
        ("/jwks", failing("address-refused"), {"keys": "failed address-refused"}),
        ("/jwks", failing("timeout"), {"keys": "failed timeout"}),
        ("/jwks", failing("answer-too-large"), {"keys": "failed answer-too-large"}),
        ("/jwks", HttpAnswer(404, {}, b""), {"keys": "failed not-found"}),
        ("/jwks", HttpAnswer(403, {}, b""), {"keys": "failed refused"}),
        ("/jwks", HttpAnswer(200, {}, b"<html>"), {"keys": "failed not-a-key-set"}),
        ("/jwks", as_json({"keys": []}), {"keys": "failed none"}),
        ("/token", failing("unreachable"), {"token": "failed unreachable"} | UNTRIED),
        ("/token", failing("address-refused"), {"token": "failed address-refused"} | UNTRIED),
        ("/token", HttpAnswer(500, {}, b""), {"token": "failed busy"} | UNTRIED),
        ("/token", HttpAnswer(404, {}, b""), {"token": "failed client-unknown"} | UNTRIED),
        (
            "/token",
            as_json({"error": "invalid_client"}, 401),
            {"token": "failed client-unknown"} | UNTRIED,
        ),
        ("/token", HttpAnswer(200, {}, b"welcome"), {"token": "failed unreadable"} | UNTRIED),
        ("/items", HttpAnswer(404, {}, b""), {"line-items": "failed not-found"}),
        ("/items", HttpAnswer(401, {}, b""), {"line-items": "failed refused"}),
        ("/items", HttpAnswer(500, {}, b""), {"line-items": "failed busy"}),
        ("/items", HttpAnswer(200, {}, b"<p>"), {"line-items": "failed unreadable"}),
        ("/items", as_json({"odd": 1}), {"line-items": "failed unreadable"}),
        ("/people", as_json({"members": "odd"}), {"roster": "failed unreadable"}),
        ("/people", HttpAnswer(410, {}, b""), {"roster": "failed not-found"}),
        ("/people", failing("timeout"), {"roster": "failed timeout"}),
        (
            "/people",
            as_json({"members": []}, Link='<https://elsewhere.example/2>; rel="next"'),
            {"roster": "failed unreadable"},
        ),
    ],
)
def test_each_failure_is_told_apart_and_the_other_steps_go_on(
    tool: Tool, lms: PlayedLms, path: str, answer: Any, changed: dict[str, str]
) -> None:
    lms.answer(path, answer)
    expected = WELL | changed
    if path == "/jwks":
        expected["clock"] = "not-tried not-said"
    assert outcomes(tool) == expected


def test_an_lms_that_sends_us_on_for_its_keys_is_not_followed(tool: Tool, lms: PlayedLms) -> None:
    lms.answer("/jwks", failing("redirected"))
    assert outcomes(tool)["keys"] == "failed redirected"


@pytest.mark.parametrize("ahead", [True, False])
@pytest.mark.parametrize(("seconds", "said"), [(30, "ok ok"), (90, "failed off")])
def test_clocks_that_differ_by_more_than_a_minute_are_named(
    tool: Tool, lms: PlayedLms, seconds: int, said: str, *, ahead: bool
) -> None:
    off = timedelta(seconds=seconds if ahead else -seconds)
    lms.answer("/jwks", lambda *_: lms.keys(Date=format_datetime(clock.now() + off)))
    found = looked(tool)[Step.CLOCK]
    assert f"{found.outcome.value} {found.code}" == said
    assert abs(found.facts["seconds"] - seconds) <= 2


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Foo 2026 99:99:99 GMT"])
def test_a_date_that_makes_no_sense_says_nothing_of_clocks(
    tool: Tool, lms: PlayedLms, date: str
) -> None:
    lms.answer("/jwks", lambda *_: lms.keys(Date=date))
    assert outcomes(tool)["clock"] == "not-tried not-said"


@pytest.mark.parametrize(
    ("allowed", "changed"),
    [
        (
            [f"{AGS}score"],
            {
                "token": "ok some",
                "line-items": "not-tried no-permission",
                "roster": "not-tried no-permission",
            },
        ),
        ([f"{AGS}lineitem.readonly", NRPS], {"token": "failed some"}),
        ([f"{AGS}score", f"{AGS}lineitem", f"{AGS}result.readonly", NRPS], {}),
        (
            [],
            {
                "token": "failed none",
                "line-items": "not-tried no-permission",
                "roster": "not-tried no-permission",
            },
        ),
    ],
)
def test_scopes_that_are_not_granted_are_known(
    tool: Tool, lms: PlayedLms, allowed: list[str], changed: dict[str, str]
) -> None:
    lms.scopes = allowed
    assert outcomes(tool) == WELL | changed


def test_a_token_that_was_narrowed_silently_counts_as_refused(tool: Tool, lms: PlayedLms) -> None:
    """Moodle gives a token with fewer scopes than were asked for, and says nothing of it."""
    token = {"access_token": "t", "token_type": "Bearer", "expires_in": 60, "scope": "openid"}
    lms.answer("/token", as_json(token))
    assert outcomes(tool)["token"] == "failed none"


def test_where_no_course_told_of_its_services_they_are_not_tried(
    tool: Tool, lms: PlayedLms
) -> None:
    with tool.database.transaction() as session:
        session.query(ConnectionTest).delete()
        for model, name in (("placements", "line_items"), ("courses", "memberships_url")):
            session.connection().exec_driver_sql(f"UPDATE {model} SET {name} = ''")
    assert outcomes(tool) == WELL | {
        "line-items": "not-tried no-course",
        "roster": "not-tried no-course",
    }


def test_a_further_page_is_said_and_not_read(tool: Tool, lms: PlayedLms) -> None:
    link = f'<{lms.issuer}/items?page=2>; rel="next"'
    lms.answer("/items", as_json([{}, {}], Link=link))
    found = looked(tool)[Step.LINE_ITEMS]
    assert (found.code, found.facts) == ("more", {"count": 2})
    assert f"{lms.issuer}/items?page=2" not in tool.http.calls


def test_a_test_ends_in_time_however_slow_the_lms_is(
    tool: Tool, lms: PlayedLms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "BUDGET_SECONDS", 0.0)
    assert set(outcomes(tool).values()) == {"not-tried too-slow"}
    assert not tool.http.calls


def test_keys_of_ours_that_cannot_be_read_are_told_from_the_lms_s(
    tool: Tool, lms: PlayedLms, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sealed(_ring: KeyRing) -> None:
        raise Misconfigured("The stored keys cannot be read.")

    monkeypatch.setattr(KeyRing, "signing_key", sealed)
    assert outcomes(tool) == WELL | {"token": "failed our-key"} | UNTRIED


def test_the_administrator_asks_and_reads_what_was_found(
    tool: Tool, ada: Visitor, lms: PlayedLms
) -> None:
    lms.answer("/token", as_json({"error": "invalid_client"}, 401))
    assert "Not tested yet" in ada.get(PAGE).text
    assert ada.post(f"{PAGE}/test", {}).status_code == 303
    assert "The test is under way" in ada.get(PAGE).text
    assert ada.get(f"{PAGE}/test").get_json()["state"] == "running"
    run_worker(tool)
    page = ada.get(PAGE).text
    assert "Found 2: key-1, key-2." in page
    assert "The LMS does not know our key, or not this client id." in page
    assert "check that the client id is client and" in page
    assert "http://127.0.0.1:8000/lti/jwks.json" in page
    said = ada.get(f"{PAGE}/test").get_json()
    assert said["state"] == "done"
    assert "something to mend" in said["said"]
    lms.answer("/token", lms.token)
    ada.post(f"{PAGE}/test", {})
    run_worker(tool)
    assert "all is well" in ada.get(f"{PAGE}/test").get_json()["said"]


def test_a_second_click_while_one_runs_starts_no_other(
    tool: Tool, ada: Visitor, lms: PlayedLms
) -> None:
    for _ in range(3):
        assert ada.post(f"{PAGE}/test", {}).status_code == 303
    assert run_worker(tool) == 1
    assert len(lms.asked) == len(SCOPES)


def test_a_test_that_was_lost_with_its_worker_can_be_asked_for_again(
    tool: Tool, ada: Visitor, lms: PlayedLms
) -> None:
    ada.post(f"{PAGE}/test", {})
    with tool.database.transaction() as session:
        session.query(ConnectionTest).one().asked_at = clock.now() - timedelta(minutes=4)
    assert "the last test was lost" in ada.get(PAGE).text
    ada.post(f"{PAGE}/test", {})
    assert "The test is under way" in ada.get(PAGE).text
    run_worker(tool)
    assert "Found 2" in ada.get(PAGE).text


def test_a_late_test_says_where_to_look(tool: Tool, ada: Visitor, lms: PlayedLms) -> None:
    ada.post(f"{PAGE}/test", {})
    with tool.database.transaction() as session:
        session.query(ConnectionTest).one().asked_at = clock.now() - timedelta(minutes=1)
    assert "takes longer than it should" in ada.get(PAGE).text


def test_what_is_kept_holds_no_secret_and_no_person(
    tool: Tool, ada: Visitor, lms: PlayedLms
) -> None:
    ada.post(f"{PAGE}/test", {})
    run_worker(tool)
    with tool.database.transaction(write=False) as session:
        kept = str(session.query(ConnectionTest).one().steps)
    for word in ("a-very-secret-token", "Amina", "amina-secret-id", "Bearer", "assertion"):
        assert word not in kept


def test_a_connection_that_is_off_is_not_called(tool: Tool, ada: Visitor, lms: PlayedLms) -> None:
    ada.post(f"{PAGE}/test", {})
    with tool.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE registrations SET status = 'disabled'")
    run_worker(tool)
    assert not tool.http.calls
    assert "this connection is switched off" in ada.get(PAGE).text


def test_the_doctor_says_the_same_with_the_addresses(tool: Tool, lms: PlayedLms) -> None:
    lms.answer("/jwks", HttpAnswer(200, {}, b"no"))
    lms.scopes = [f"{AGS}score"]
    with tool.database.transaction(write=False) as session:
        found = registration_by_id(session, 1)
    assert found
    said = {one.subject: one for one in diagnose(tool.runtime, found)}
    keys = said["platform 1 (https://lms-0.example) key set"]
    assert "is no key set" in keys.says
    assert "https://lms-0.example/jwks" in keys.says
    assert keys.mend
    assert said["platform 1 (https://lms-0.example) token"].mend == ""
    assert "not allowed" in said["platform 1 (https://lms-0.example) service"].says


def every_finding() -> Iterator[StepFinding]:
    from lti_tool.gateway.organisation.findings import WORDS

    facts = {"status": 500, "count": 1, "kids": "k", "seconds": 1}
    for code in WORDS:
        step, _, own = code.rpartition(":")
        yield StepFinding(Step(step or "token"), Outcome.FAILED, own, facts)


def test_every_finding_has_words_whose_places_are_filled() -> None:
    for found in every_finding():
        for text in words_of(found):
            assert "%" not in text % {**found.facts, "client": "c", "keys": "k"}
        assert from_json(found.as_json()) == found

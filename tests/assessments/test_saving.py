"""The address that scripts save to: what it takes, what it refuses, and that nothing is lost."""

from typing import Any

import pytest

from tests.tool import TUTOR, Tool

RATING = {"code": "1.01", "state": "achieved", "note": "A home visit", "version": 0}


def test_a_rating_is_saved_and_read_back(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = amina.post_json("ratings", RATING)
    assert answer.status_code == 200, answer.text
    saved = answer.get_json()
    assert (saved["version"], saved["state"], saved["note"]) == (1, "achieved", "A home visit")
    assert "A home visit" in amina.get("domain/1").text


def test_a_conflict_gives_back_what_is_on_record(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    amina.post_json("ratings", RATING)
    answer = amina.post_json("ratings", RATING | {"note": "Another"})
    assert answer.status_code == 409
    body = answer.get_json()
    assert body["error"]["code"] == "changed-elsewhere"
    assert body["current"]["note"] == "A home visit"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": "excellent"}, 400),
        ({"state": None}, 400),
        ({"state": ["achieved"]}, 400),
        ({"note": 5}, 400),
        ({"note": None}, 400),
        ({"version": "x"}, 400),
        ({"version": None}, 400),
        ({"version": -1}, 400),
        ({"version": 10**30}, 400),
        ({"version": True}, 400),
        ({"code": 1.01}, 400),
        ({"code": "7.99"}, 404),
        ({"note": "x" * 20_001}, 413),
    ],
)
def test_a_wrong_value_is_refused_in_words(tool: Tool, change: dict[str, Any], status: int) -> None:
    answer = tool.sign_in("amina").post_json("ratings", RATING | change)
    assert answer.status_code == status, answer.text
    assert answer.get_json()["error"]["sentence"]


@pytest.mark.parametrize("body", [[], "text", 5, {}])
def test_a_body_that_is_no_rating_is_refused(tool: Tool, body: object) -> None:
    answer = tool.sign_in("amina").post_json("ratings", body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["code"]


def test_any_script_is_kept_to_the_last_of_twenty_thousand_characters(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    note = ("Llŷr, O'Brien-Żółć, محمد, 陈美玲 👩‍👧 <script>&\n" * 600)[:20_000].strip()
    assert amina.post_json("ratings", RATING | {"note": note}).get_json()["note"] == note


def test_a_form_without_its_token_is_refused(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    answer = amina.client.post(
        amina.home + "ratings", json=RATING, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "form-too-old")


def test_a_token_of_somebody_elses_page_is_refused(tool: Tool) -> None:
    amina, ben = tool.sign_in("amina"), tool.sign_in("ben")
    answer = amina.client.post(
        amina.home + "ratings",
        json=RATING,
        headers={"Accept": "application/json", "X-CSRFToken": ben.csrf_token()},
    )
    assert answer.status_code == 400


def test_without_a_session_a_script_is_told_so(tool: Tool) -> None:
    amina = tool.sign_in("amina")
    token = amina.csrf_token()
    amina.client.delete_cookie("imhcf_session", path=f"/at/{amina.slot}/")
    answer = amina.client.post(
        amina.home + "ratings",
        json=RATING,
        headers={"Accept": "application/json", "X-CSRFToken": token},
    )
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "session-ended")


def test_a_tutor_cannot_save(tool: Tool) -> None:
    answer = tool.sign_in("tara", roles=TUTOR).post_json("ratings", RATING)
    assert answer.status_code == 403

"""Reviews, data privacy, observers, new identifiers and older links, as each LMS has them."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
import requests

from .standin import CLAIM, ENDPOINT, NAMES_ROLES, Lms, read_form

REVIEW = "courses/2/grades/31/amina/review"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def opened(lms: Lms, address: str, who: str) -> dict[str, Any]:
    """Returns the claims with which an address of the LMS opens the tool."""
    joint = "&" if "?" in address else "?"
    answer = requests.get(f"{lms.url}/{address}{joint}as={who}", timeout=10)
    assert answer.status_code == 200, answer.text
    login = read_form(answer.text)
    answered = read_form(lms.authorise(login.fields).text)
    return lms.verified(answered.fields["id_token"])


def status(lms: Lms, address: str, who: str) -> int:
    joint = "&" if "?" in address else "?"
    return requests.get(f"{lms.url}/{address}{joint}as={who}", timeout=10).status_code


@pytest.mark.parametrize("profile", ["canvas", "strict"])
def test_a_cell_of_the_gradebook_opens_that_persons_work(lms: Lms, profile: str) -> None:
    lms.play(profile)
    amina = lms.launch("amina")["sub"]
    claims = opened(lms, REVIEW, "morag")
    assert claims[f"{CLAIM}/message_type"] == "LtiSubmissionReviewRequest"
    assert claims[f"{CLAIM}/for_user"] == {"user_id": amina}
    assert claims["sub"] != amina
    assert claims[ENDPOINT]["lineitem"].endswith("/31")
    assert opened(lms, REVIEW, "amina")["sub"] == amina
    assert status(lms, REVIEW, "cerys") == 403
    assert "Open in tool" in requests.get(f"{lms.url}/courses/2/grades?as=morag", timeout=10).text


def test_moodle_opens_no_work_and_asks_nobody(lms: Lms) -> None:
    assert status(lms, REVIEW, "morag") == 404
    assert status(lms, "privacy", "amina") == 404
    page = requests.get(f"{lms.url}/courses/2/grades?as=morag", timeout=10).text
    assert "Open in tool" not in page


def test_strict_asks_what_is_held_without_course_link_or_services(lms: Lms) -> None:
    lms.play("strict")
    claims = opened(lms, "privacy", "amina")
    assert claims[f"{CLAIM}/message_type"] == "DataPrivacyLaunchRequest"
    assert claims[f"{CLAIM}/for_user"] == {"user_id": claims["sub"]}
    assert claims[f"{CLAIM}/roles"] == []
    absent = {f"{CLAIM}/context", f"{CLAIM}/resource_link", ENDPOINT, NAMES_ROLES}
    assert not absent & set(claims)
    about = opened(lms, "privacy?about=amina", "gethin")
    assert about[f"{CLAIM}/for_user"] == {"user_id": claims["sub"]}
    assert "Administrator" in about[f"{CLAIM}/roles"][0]
    assert status(lms, "privacy?about=amina", "cerys") == 403


def test_canvas_names_those_whom_an_observer_is_there_for(lms: Lms) -> None:
    lms.play("canvas")
    key = lms.control("POST", "observers", {"course": 2, "of": "amina"})["key"]
    claims = lms.launch(key)
    assert MEMBERSHIP + "Mentor" in claims[f"{CLAIM}/roles"]
    assert claims[f"{CLAIM}/role_scope_mentor"] == [lms.launch("amina")["sub"]]
    assert f"{CLAIM}/role_scope_mentor" not in lms.launch("amina")
    own = requests.get(f"{lms.url}/courses/2/grades?as={key}", timeout=10).text
    assert "Cerys" not in own[own.index("<main") :]


def test_an_observer_changes_nothing_in_the_lms(lms: Lms) -> None:
    lms.play("canvas")
    key = lms.control("POST", "observers", {"course": 2, "of": "amina"})["key"]
    for path, form in (
        ("courses/2/grades/31/amina", {"value": "7"}),
        ("courses/2/people/amina/observer", {}),
        ("courses/2/people/amina/identifier", {}),
        ("courses/2/people", {"person": "gethin", "role": "tutor"}),
    ):
        answer = requests.post(f"{lms.url}/{path}", params={"as": key}, data=form, timeout=10)
        assert answer.status_code == 403, path


@pytest.mark.parametrize("profile", ["canvas", "strict"])
def test_a_person_gets_a_new_identifier(lms: Lms, profile: str) -> None:
    lms.play(profile)
    before = lms.launch("amina")["sub"]
    new = lms.control("POST", "people/amina/identifier")["user_id"]
    assert lms.launch("amina")["sub"] == new != before


def test_older_links_are_told_when_switched_so(lms: Lms) -> None:
    assert f"{CLAIM}/lti1p1" not in lms.launch("amina")
    lms.control("PUT", "settings", {"older_links": True})
    claims = lms.launch("amina")
    older = claims[f"{CLAIM}/lti1p1"]
    text = "&".join(
        (
            older["oauth_consumer_key"],
            claims[f"{CLAIM}/deployment_id"],
            claims["iss"],
            claims["aud"],
            str(claims["exp"]),
            claims["nonce"],
        )
    )
    made = hmac.new(b"larkfield-older-secret", text.encode(), hashlib.sha256).digest()
    assert older["oauth_consumer_key_sign"] == base64.b64encode(made).decode()
    assert older["user_id"] == "older-amina"

"""Deep linking in the LMS: what it asks for, what it takes, and copies of what was placed."""

import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from .standin import CLAIM, CLIENT_ID, Lms, read_form

DL = "https://purl.imsglobal.org/spec/lti-dl/claim"
SETTINGS = f"{DL}/deep_linking_settings"
PROFILES = ("moodle", "canvas", "strict")
ITEM: dict[str, Any] = {
    "type": "ltiResourceLink",
    "title": "Two domains",
    "text": "A shorter look.",
    "custom": {"instrument": "self-assessment-1", "due": "$ResourceLink.submission.endDateTime"},
    "lineItem": {"label": "Two", "scoreMaximum": 20, "resourceId": "p-1", "tag": "imhcf"},
    "available": {"startDateTime": "2026-12-01T09:00:00Z"},
    "submission": {"endDateTime": "2026-12-03T17:00:00Z"},
    "iframe": {"height": 800},
}


def ask(lms: Lms, who: str = "morag", **query: str) -> dict[str, Any]:
    """The request, as the tool reads it."""
    page = requests.get(f"{lms.url}/courses/2/add/launch", {"as": who, **query}, timeout=10)
    assert page.status_code == 200, page.text
    answer = lms.authorise(read_form(page.text).fields)
    return lms.verified(read_form(answer.text).fields["id_token"])


def answer(lms: Lms, asked: dict[str, Any], *items: Any, **changed: Any) -> requests.Response:
    """Sends what the tool would, with claims changed; those that are `...` are left out."""
    settings = asked[SETTINGS]
    moment = int(time.time())
    claims = {
        "iss": CLIENT_ID,
        "aud": lms.url,
        "iat": moment,
        "exp": moment + 300,
        "nonce": secrets.token_hex(8),
        f"{CLAIM}/message_type": "LtiDeepLinkingResponse",
        f"{CLAIM}/version": "1.3.0",
        f"{CLAIM}/deployment_id": asked[f"{CLAIM}/deployment_id"],
        f"{DL}/content_items": list(items),
        f"{DL}/data": settings.get("data", ...),
    } | changed
    claims = {name: value for name, value in claims.items() if value is not ...}
    kid = next(iter(lms.tool.keys))
    token = jwt.encode(claims, lms.tool.keys[kid], algorithm="RS256", headers={"kid": kid})
    return requests.post(settings["deep_link_return_url"], {"JWT": token}, timeout=10)


def item(**changed: Any) -> dict[str, Any]:
    made = ITEM | {"url": f"{changed.pop('tool', '')}/lti/launch"} | changed
    return {name: value for name, value in made.items() if value is not ...}


def placed(lms: Lms, course: int = 2) -> list[dict[str, Any]]:
    return [one for one in lms.course(course)["items"] if one["id"] not in (11, 12, 13)]


def test_moodle_asks_as_recorded(lms: Lms) -> None:
    asked = ask(lms)
    assert asked[f"{CLAIM}/message_type"] == "LtiDeepLinkingRequest"
    assert f"{CLAIM}/resource_link" not in asked
    assert asked[f"{CLAIM}/launch_presentation"] == {"locale": "en"}
    settings = asked[SETTINGS]
    address = urlsplit(settings.pop("deep_link_return_url"))
    assert address.path == "/mod/lti/contentitem_return.php"
    assert set(parse_qs(address.query)) == {"course", "id", "sesskey"}
    assert settings == {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "title": "Infant mental health competencies",
        "text": "",
    }


def test_canvas_asks_from_two_places(lms: Lms) -> None:
    lms.play("canvas")
    for place, is_assignment in (("assignment_selection", True), ("link_selection", False)):
        settings = ask(lms, place=place)[SETTINGS]
        assert settings["accept_lineitem"] is is_assignment
        assert settings["accept_multiple"] is not is_assignment
        assert settings["data"]
    refused = requests.get(f"{lms.url}/courses/2/add/launch?as=morag&place=x", timeout=10)
    assert refused.status_code == 400


@pytest.mark.parametrize("profile", PROFILES)
def test_what_was_picked_becomes_an_activity_with_its_column(lms: Lms, profile: str) -> None:
    lms.play(profile)
    taken = answer(lms, ask(lms), item(tool=lms.tool.url))
    assert taken.status_code == 200, taken.text
    (made,) = placed(lms)
    assert made["title"] == "Two domains"
    (column,) = made["line_items"]
    shown = lms.call("GET", column, accept="application/vnd.ims.lis.v2.lineitem+json").json()
    assert (shown["scoreMaximum"], shown["resourceId"], shown["tag"]) == (20, "p-1", "imhcf")
    due = lms.launch("amina", item=made["id"])[f"{CLAIM}/custom"]["due"]
    knows = profile != "moodle"
    expected = "2026-12-03T17:00:00Z" if knows else "$ResourceLink.submission.endDateTime"
    assert due == expected


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_picked_adds_nothing(lms: Lms, profile: str) -> None:
    lms.play(profile)
    asked = ask(lms)
    assert "closed without a choice" in answer(lms, asked).text
    assert placed(lms) == []
    assert answer(lms, asked).status_code == 400  # answered


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody"},
        {"aud": "https://other.example"},
        {"exp": int(time.time()) - 100},
        {"exp": int(time.time()) + 100_000},
        {"nonce": ...},
        {f"{CLAIM}/message_type": "LtiResourceLinkRequest"},
        {f"{CLAIM}/version": "1.1"},
        {f"{CLAIM}/deployment_id": "99"},
        {f"{DL}/data": "other"},
        {f"{DL}/content_items": "none"},
        {f"{DL}/content_items": [{"type": "link"}]},
        {f"{DL}/content_items": [ITEM | {"url": "https://evil.example/"}]},
        {f"{DL}/content_items": [ITEM | {"custom": {"a": 1}}]},
        {f"{DL}/content_items": [ITEM | {"lineItem": {"label": "x", "scoreMaximum": 0}}]},
    ],
)
def test_a_wrong_answer_is_refused(lms: Lms, profile: str, changed: dict[str, Any]) -> None:
    lms.play(profile)
    assert answer(lms, ask(lms), **changed).status_code == 400
    assert placed(lms) == []


def test_a_nonce_is_good_once_and_a_request_is_answered_once(lms: Lms) -> None:
    lms.play("strict")
    one = item(tool=lms.tool.url)
    first = ask(lms)
    assert answer(lms, first, one, nonce="n-1").status_code == 200
    assert answer(lms, first, one, nonce="n-2").status_code == 400
    assert answer(lms, ask(lms), one, nonce="n-1").status_code == 400
    assert len(placed(lms)) == 1


def test_another_key_signs_nothing(lms: Lms) -> None:
    asked = ask(lms)
    token = jwt.encode({"iss": CLIENT_ID}, "x" * 40, algorithm="HS256", headers={"kid": "no"})
    sent = requests.post(asked[SETTINGS]["deep_link_return_url"], {"JWT": token}, timeout=10)
    assert sent.status_code == 400
    assert requests.post(asked[SETTINGS]["deep_link_return_url"], timeout=10).status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {"title": ...},
        {"submission": {"endDateTime": "soon"}},
        {"submission": {"endDateTime": "2026-12-03T17:00:00"}},
    ],
)
def test_strict_takes_the_specification_to_the_letter(lms: Lms, changed: dict[str, Any]) -> None:
    lms.play("strict")
    assert answer(lms, ask(lms), item(tool=lms.tool.url, **changed)).status_code == 400


def test_canvas_takes_one_item_as_an_assignment(lms: Lms) -> None:
    lms.play("canvas")
    one = item(tool=lms.tool.url)
    assert answer(lms, ask(lms, place="assignment_selection"), one, one).status_code == 400
    assert answer(lms, ask(lms, place="link_selection"), one, one).status_code == 200


# Copies ---------------------------------------------------------------------------------------


def post(lms: Lms, path: str, who: str = "morag", **form: str) -> requests.Response:
    return requests.post(f"{lms.url}{path}?as={who}", form, timeout=10, allow_redirects=False)


def copied(lms: Lms, course: int = 2) -> int:
    answered = post(lms, f"/courses/{course}/copy")
    assert answered.status_code == 303, answered.text
    return int(answered.headers["Location"].rpartition("/")[2])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_copied_course_has_new_links_and_what_history_the_lms_tells(
    lms: Lms, profile: str
) -> None:
    lms.play(profile)
    asked = {"link_history": "$ResourceLink.id.history", "context_history": "$Context.id.history"}
    answer(lms, ask(lms), item(tool=lms.tool.url, custom=asked))
    (origin,) = placed(lms)
    course = copied(lms, copied(lms))
    (copy,) = [one for one in lms.course(course)["items"] if one["title"] == "Two domains"]
    assert copy["resource_link"] != origin["resource_link"]
    assert len(copy["line_items"]) == 1
    assert lms.cells(course) == []
    custom = lms.launch("morag", course, copy["id"])[f"{CLAIM}/custom"]
    assert len(custom["context_history"].split(",")) == 2
    assert custom["context_history"].endswith(lms.course()["context_id"])
    if profile == "strict":
        assert custom["link_history"].split(",")[1] == origin["resource_link"]
    else:
        assert custom["link_history"] == "$ResourceLink.id.history"


def test_a_copied_course_has_its_tutor_and_nobody_else(lms: Lms) -> None:
    course = copied(lms)
    page = requests.get(f"{lms.url}/courses/{course}/people?as=morag", timeout=10).text
    table = page.partition("<table")[2].partition("</table>")[0]
    assert "Sinclair" in table
    assert "Amina" not in table


@pytest.mark.parametrize("profile", PROFILES)
def test_an_activity_is_duplicated_dated_and_removed(lms: Lms, profile: str) -> None:
    lms.play(profile)
    assert post(lms, "/courses/2/items/11/duplicate").status_code == 303
    (made,) = placed(lms)
    assert made["title"] == "Level 1 self-assessment (copy)"
    place = f"/courses/2/items/{made['id']}"
    assert post(lms, f"{place}/dates", due_at="2026-12-03T17:00").status_code == 303
    assert "3 Dec 2026" in requests.get(f"{lms.url}/courses/2?as=amina", timeout=10).text
    assert post(lms, f"{place}/dates", due_at="soon").status_code == 400
    assert post(lms, f"{place}/remove").status_code == 303
    assert placed(lms) == []
    assert requests.get(f"{lms.url}{place}/launch?as=amina", timeout=10).status_code == 404


@pytest.mark.parametrize(
    "path", ["copy", "items/11/duplicate", "items/11/dates", "items/11/remove"]
)
def test_learners_change_no_course(lms: Lms, path: str) -> None:
    assert post(lms, f"/courses/2/{path}", "amina").status_code == 403
    assert requests.get(f"{lms.url}/courses/2/add?as=amina", timeout=10).status_code == 403


def test_a_tutor_finds_the_buttons_and_a_learner_does_not(lms: Lms) -> None:
    for who, is_there in (("morag", True), ("amina", False)):
        page = requests.get(f"{lms.url}/courses/2?as={who}", timeout=10).text
        assert (
            re.search(r"Add activities|Copy this course|Duplicate", page) is not None
        ) is is_there

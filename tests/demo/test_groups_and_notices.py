"""Groups, notices, and the page on which a tutor changes who is in a course."""

from typing import Any

import jwt
import pytest
import requests

from .standin import CLIENT_ID, ROSTER, ROSTER_TYPE, Lms

GROUPS = "https://purl.imsglobal.org/spec/lti-gs/scope/contextgroup.readonly"
NOTICES = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"
GROUPS_TYPE = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


def claim(lms: Lms, name: str) -> dict[str, Any]:
    return dict(lms.launch("amina")[name])


def groups_claim(lms: Lms) -> dict[str, Any]:
    return claim(lms, "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice")


def listed(lms: Lms, url: str) -> dict[str, Any]:
    answer = lms.call("GET", url, accept=GROUPS_TYPE, token=lms.token(GROUPS))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == GROUPS_TYPE
    return dict(answer.json())


def test_strict_lists_groups_and_their_sets(lms: Lms) -> None:
    lms.play("strict")
    found = groups_claim(lms)
    assert found["scope"] == [GROUPS]
    names = {group["name"]: group for group in listed(lms, found["context_groups_url"])["groups"]}
    assert set(names) == {"Monday tutorial", "Thursday tutorial", "Health visitors"}
    (kind,) = listed(lms, found["context_group_sets_url"])["sets"]
    assert names["Monday tutorial"]["set_id"] == kind["id"]
    assert "set_id" not in names["Health visitors"]


def test_groups_of_members_are_told_only_when_asked_for(lms: Lms) -> None:
    lms.play("strict")
    url = lms.course()["memberships"]
    plain = lms.call("GET", url, accept=ROSTER_TYPE, token=lms.token(ROSTER)).json()["members"]
    assert not any("group_enrollments" in member for member in plain)
    asked = lms.call("GET", f"{url}?groups=true", accept=ROSTER_TYPE).json()["members"]
    of = {member["user_id"]: member["group_enrollments"] for member in asked}
    assert len(of[lms.user_id("amina")]) == 2
    assert of[lms.user_id("siobhan")] == []


def test_groups_have_a_scope_of_their_own(lms: Lms) -> None:
    lms.play("strict")
    url = groups_claim(lms)["context_groups_url"]
    assert lms.call("GET", url, accept=GROUPS_TYPE, token=lms.token(ROSTER)).status_code == 403
    assert lms.call("GET", url, accept="text/html", token=lms.token(GROUPS)).status_code == 406


@pytest.mark.parametrize("profile", ["moodle", "canvas"])
def test_moodle_and_canvas_have_no_groups_service(lms: Lms, profile: str) -> None:
    lms.play(profile)
    assert "https://purl.imsglobal.org/spec/lti-gs/claim/groupsservice" not in lms.launch("amina")


def test_a_roster_comes_in_small_pages_and_may_fail_on_the_second(lms: Lms) -> None:
    lms.play("strict")
    lms.control("PUT", "settings", {"roster_page": 3})
    lms.control("PUT", "faults", {"kind": "500", "scope": "roster", "after": 1, "remaining": 1})
    url = lms.course()["memberships"]
    first = lms.call("GET", url, accept=ROSTER_TYPE)
    assert len(first.json()["members"]) == 3
    following = first.links["next"]["url"]
    assert lms.call("GET", following, accept=ROSTER_TYPE).status_code == 500
    assert lms.call("GET", following, accept=ROSTER_TYPE).status_code == 200


def test_moodle_lists_a_teacher_who_does_not_edit_as_learner_and_launches_them_as_instructor(
    lms: Lms,
) -> None:
    lms.control("PUT", "courses/2/members/siobhan", {"role": "tutor", "edits": False})
    assert lms.launch("siobhan")[CLAIM + "roles"] == [
        "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
    ]
    answer = lms.call("GET", lms.course()["memberships"], accept=ROSTER_TYPE)
    roles = {member["user_id"]: member["roles"] for member in answer.json()["members"]}
    assert roles[lms.user_id("siobhan")] == ["Learner"]
    assert roles[lms.user_id("morag")] == ["Instructor"]


@pytest.mark.parametrize("profile", ["strict", "canvas"])
def test_notices_go_where_they_were_asked_for(lms: Lms, profile: str) -> None:
    lms.play(profile)
    found = claim(lms, CLAIM + "platformnotificationservice")
    url = found["platform_notification_service_url"]
    assert "LtiContextCopyNotice" in found["notice_types_supported"]
    token = lms.token(NOTICES)
    wanted = {"notice_type": "LtiContextCopyNotice", "handler": f"{lms.tool.url}/lti/notices"}
    assert lms.call("PUT", url, token=token, json=wanted).status_code == 200
    answer = lms.call("GET", url, token=token).json()
    assert answer["notice_handlers"] == [wanted]
    assert answer["client_id"] == CLIENT_ID
    sent = lms.control("POST", "notices", {"course": 2, "origins": [3]})
    assert sent == {"status": 202}
    (notice,) = lms.tool.notices[-1]["notices"]
    claims = jwt.decode(notice["jwt"], options={"verify_signature": False})
    assert claims["aud"] == CLIENT_ID
    assert claims[CLAIM + "notice"]["type"] == "LtiContextCopyNotice"
    courses = {one["id"]: one["context_id"] for one in lms.control("GET", "state")["courses"]}
    assert claims[CLAIM + "context"]["id"] == courses[2]
    assert claims[CLAIM + "origin_contexts"] == [courses[3]]
    assert lms.call("PUT", url, token=token, json=wanted | {"handler": ""}).status_code == 200
    assert lms.control("POST", "notices", {"course": 2, "origins": [3]}) == {"status": None}


def test_wrong_wishes_for_notices_are_refused(lms: Lms) -> None:
    lms.play("strict")
    url = claim(lms, CLAIM + "platformnotificationservice")["platform_notification_service_url"]
    handler = f"{lms.tool.url}/lti/notices"
    for wrong in (
        {"notice_type": "LtiOdd", "handler": handler},
        {"notice_type": "LtiContextCopyNotice", "handler": "https://elsewhere.example/"},
        {"notice_type": "LtiContextCopyNotice"},
        ["list"],
    ):
        assert lms.call("PUT", url, token=lms.token(NOTICES), json=wrong).status_code == 400
    assert lms.call("GET", url, token=lms.token(ROSTER)).status_code == 403
    lms.play("moodle")
    assert CLAIM + "platformnotificationservice" not in lms.launch("amina")
    assert lms.call("GET", url, token=lms.token(NOTICES)).status_code == 404


def people(lms: Lms, who: str, path: str = "", **form: str) -> requests.Response:
    address = f"{lms.url}/courses/2/people{path}?as={who}"
    return requests.post(address, data=form, timeout=10, allow_redirects=False)


def test_a_tutor_suspends_removes_and_takes_back(lms: Lms) -> None:
    page = f"{lms.url}/courses/2/people?as=morag"
    assert "Monday tutorial" in requests.get(page, timeout=10).text
    assert people(lms, "morag", "/amina", do="suspend").status_code == 303
    assert "suspended" in requests.get(page, timeout=10).text
    people(lms, "morag", "/amina", do="resume")
    assert "suspended" not in requests.get(page, timeout=10).text
    people(lms, "morag", "/amina", do="remove")
    assert "Enrol somebody" in requests.get(page, timeout=10).text
    assert '<option value="amina">' in requests.get(page, timeout=10).text
    people(lms, "morag", person="amina", role="assistant")
    assert "does not edit" in requests.get(page, timeout=10).text


def test_the_page_of_people_refuses_what_makes_no_sense(lms: Lms) -> None:
    assert people(lms, "amina", "/cerys", do="remove").status_code == 403
    assert people(lms, "amina", person="gethin").status_code == 403
    assert people(lms, "morag", "/morag", do="remove").status_code == 403
    assert people(lms, "morag", "/amina", do="odd").status_code == 400
    assert people(lms, "morag", "/nobody", do="remove").status_code == 404
    assert people(lms, "morag", "/gethin", do="remove").status_code == 404
    assert people(lms, "morag", person="gethin", role="odd").status_code == 400

"""The roster in each profile."""

import re

import pytest

from .standin import ROSTER, ROSTER_TYPE, SCORE, Lms

COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def roster(lms: Lms, query: str = "", course: int = 2) -> dict[str, object]:
    url = lms.course(course)["memberships"] + (f"?{query}" if query else "")
    answer = lms.call("GET", url, accept=ROSTER_TYPE)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def names(lms: Lms, query: str = "", course: int = 2) -> list[str]:
    return [member["name"] for member in roster(lms, query, course)["members"]]


def test_moodle_member_has_the_recorded_form(lms: Lms) -> None:
    found = roster(lms)

    assert found["id"] == lms.course()["memberships"]
    assert found["context"] == {
        "id": "2",
        "label": "IMH101",
        "title": "Foundations of infant mental health",
    }
    assert {
        "status": "Active",
        "roles": ["Learner"],
        "user_id": "3",
        "lis_person_sourcedid": "",
        "name": "Amina O'Brien-Żółć",
        "given_name": "Amina",
        "family_name": "O'Brien-Żółć",
        "email": "amina@larkfield.example",
        "ext_user_username": "amina",
    } in found["members"]


def test_moodle_puts_the_given_name_first_in_every_language(lms: Lms) -> None:
    assert "美琳 陈" in names(lms)
    lms.play("canvas")
    assert "陈美琳" in names(lms)


def test_moodle_lists_only_active_members(lms: Lms) -> None:
    lms.control("PUT", "courses/2/members/amina", {"active": False})

    assert len(names(lms)) == 7


def test_strict_says_who_is_inactive(lms: Lms) -> None:
    lms.play("strict")
    lms.control("PUT", "courses/2/members/amina", {"active": False})

    statuses = {m["user_id"]: m["status"] for m in roster(lms)["members"]}

    assert statuses[lms.user_id("amina")] == "Inactive"
    assert set(statuses.values()) == {"Active", "Inactive"}


def test_moodle_next_page_has_straight_quotes(lms: Lms) -> None:
    url = lms.course()["memberships"]

    answer = lms.call("GET", f"{url}?limit=5", accept=ROSTER_TYPE)

    assert answer.headers["Link"] == f'<{url}?limit=5&from=5>; rel="next"'
    assert "Link" not in lms.call("GET", f"{url}?limit=5&from=5", accept=ROSTER_TYPE).headers


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
def test_pages_can_be_followed_to_the_end(lms: Lms, profile: str) -> None:
    lms.play(profile)
    lms.control("POST", "learners", {"count": 120, "course": 2})
    url: str | None = lms.course()["memberships"] + "?limit=50"
    seen: list[str] = []
    while url:
        answer = lms.call("GET", url, accept=ROSTER_TYPE)
        seen += [member["user_id"] for member in answer.json()["members"]]
        following = re.search(r'<([^>]*)>; rel="next"', answer.headers.get("Link", ""))
        url = following.group(1) if following else None

    assert len(seen) == len(set(seen)) == 128


def test_canvas_gives_fifty_when_nobody_asks_for_a_number(lms: Lms) -> None:
    lms.play("canvas")
    lms.control("POST", "learners", {"count": 100})

    assert len(roster(lms)["members"]) == 50


@pytest.mark.parametrize("profile", ["moodle", "canvas", "strict"])
@pytest.mark.parametrize("prefix", ["", COURSE_ROLE])
def test_roles_are_filtered_by_short_and_long_name(lms: Lms, profile: str, prefix: str) -> None:
    lms.play(profile)
    escaped = prefix.replace("#", "%23")

    assert names(lms, f"role={escaped}Instructor", 3) == ["Harpreet Dhillon", "Morag Sinclair"]
    assert len(names(lms, f"role={escaped}Learner", 3)) == 3


def test_moodle_takes_no_notice_of_a_role_that_it_does_not_know(lms: Lms) -> None:
    assert len(names(lms, "role=Mentor")) == 8
    lms.play("strict")
    assert names(lms, "role=Mentor") == []


def test_names_can_be_withheld(lms: Lms) -> None:
    lms.control("PUT", "settings", {"share_names": False})

    for profile in ("moodle", "canvas", "strict"):
        lms.play(profile)
        for member in roster(lms)["members"]:
            assert not {"name", "given_name", "family_name", "email"} & set(member)


def test_roles_are_full_names_in_canvas_and_strict(lms: Lms) -> None:
    for profile in ("canvas", "strict"):
        lms.play(profile)
        roles = {role for member in roster(lms)["members"] for role in member["roles"]}
        assert roles == {f"{COURSE_ROLE}Learner", f"{COURSE_ROLE}Instructor"}


def test_resource_link_adds_its_message(lms: Lms) -> None:
    members = roster(lms, "rlid=11")["members"]

    (message,) = members[0]["message"]
    assert message["https://purl.imsglobal.org/spec/lti/claim/message_type"] == (
        "LtiResourceLinkRequest"
    )
    url = lms.course()["memberships"]
    assert lms.call("GET", f"{url}?rlid=21", accept=ROSTER_TYPE).status_code == 404


def test_roster_has_a_scope_of_its_own(lms: Lms) -> None:
    url = lms.course()["memberships"]

    assert lms.call("GET", url, accept=ROSTER_TYPE, token=lms.token(SCORE)).status_code == 401
    assert lms.call("GET", url, accept=ROSTER_TYPE, token=lms.token(ROSTER)).status_code == 200


def test_media_type_is_negotiated(lms: Lms) -> None:
    url = lms.course()["memberships"]

    assert lms.call("GET", url, accept="application/json").status_code == 400
    lms.play("strict")
    url = lms.course()["memberships"]
    assert lms.call("GET", url, accept="application/json").status_code == 406
    assert lms.call("GET", url, accept=f"text/plain, {ROSTER_TYPE};q=0.9").status_code == 200

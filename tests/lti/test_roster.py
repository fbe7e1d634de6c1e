"""A roster is complete, or it is not there."""

from dataclasses import replace
from typing import Any

import pytest

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import SCOPE_MEMBERSHIPS
from lti_tool.lti.refusals import ServiceRefused, ServiceUnavailable, ServiceUnreadable
from lti_tool.lti.registration import Registration
from lti_tool.lti.roles import CourseRole
from lti_tool.lti.roster import Member, Roster
from lti_tool.lti.signing import SigningKey

from .conftest import TOKEN_URL
from .fakes import FakeClock, FakeHttp, answer, failed

URL = "https://lms.example/5/memberships"
SECOND = URL + "?from=2"
NEXT = {"Link": f'<{SECOND}>; rel="next"'}
LEARNER = frozenset({CourseRole.LEARNER})


def person(user_id: object = "17", *roles: str, **more: object) -> dict[str, object]:
    return {"user_id": user_id, "roles": list(roles or ("Learner",)), **more}


def page(*members: object) -> dict[str, object]:
    return {"id": URL, "context": {"id": "5"}, "members": list(members)}


@pytest.fixture
def roster(http: FakeHttp, tokens: AccessTokens, clock: FakeClock) -> Roster:
    return Roster(http, tokens, clock=clock)


@pytest.fixture
def members(roster: Roster, registration: Registration, tool_key: SigningKey) -> Any:
    return lambda: roster.members(registration, tool_key, URL)


def test_members_of_every_page_are_there(http: FakeHttp, members: Any) -> None:
    known = {"name": "Nia Żak", "given_name": "Nia", "family_name": "Żak", "email": "n@x.test"}
    http.on("GET", URL, answer(page(person("1", status="Active", **known)), headers=NEXT))
    http.on("GET", SECOND, answer(page(person("2", "Instructor", name=None, email=7))))
    assert members() == [
        Member("1", LEARNER, True, "Nia Żak", "Nia", "Żak", "n@x.test"),
        Member("2", frozenset({CourseRole.TUTOR}), True),
    ]
    sent = http.calls("GET", URL)[0]
    assert sent.headers["Accept"] == "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
    assert http.calls("POST", TOKEN_URL)[0].form["scope"] == SCOPE_MEMBERSHIPS
    assert "Nia" not in repr(members())


@pytest.mark.parametrize(
    ("status", "active"),
    [("Active", True), (None, True), ("Inactive", False), ("Deleted", False), ("odd", False)],
)
def test_who_is_active(http: FakeHttp, members: Any, status: object, *, active: bool) -> None:
    http.on("GET", URL, answer(page(person(status=status))))
    assert members()[0].active is active


def test_a_person_who_stands_twice_is_one(http: FakeHttp, members: Any) -> None:
    http.on("GET", URL, answer(page(person(status="Inactive")), headers=NEXT))
    http.on("GET", SECOND, answer(page(person("17", "Instructor"))))
    assert members() == [Member("17", LEARNER | {CourseRole.TUTOR}, True)]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (failed("timeout"), ServiceUnavailable),
        (answer(status=500), ServiceUnavailable),
        (answer(status=401), ServiceUnavailable),
        (answer(status=403), ServiceRefused),
        (answer(b"<html>"), ServiceUnreadable),
        (answer([]), ServiceUnreadable),
        (answer({}), ServiceUnreadable),
        (answer({"members": {"1": person()}}), ServiceUnreadable),
        (answer(page("odd")), ServiceUnreadable),
        (answer(page(person(17))), ServiceUnreadable),
        (answer(page(person(""))), ServiceUnreadable),
        (answer(page(person("\x00"))), ServiceUnreadable),
        (answer(page({"user_id": "1"})), ServiceUnreadable),
        (answer(page({"user_id": "1", "roles": "Learner"})), ServiceUnreadable),
        (answer(page({"user_id": "1", "roles": [None]})), ServiceUnreadable),
        (answer(page(person("3")), headers={"Link": f"<{URL}>; rel=next"}), ServiceUnreadable),
        (
            answer(page(person("3")), headers={"Link": "<https://evil.example/>; rel=next"}),
            ServiceUnreadable,
        ),
    ],
)
def test_trouble_on_the_second_page_leaves_no_half_roster(
    http: FakeHttp, members: Any, reply: Any, kind: type[Exception]
) -> None:
    http.on("GET", URL, answer(page(person("1")), headers=NEXT))
    http.on("GET", SECOND, reply)
    with pytest.raises(kind):
        members()


def test_an_observer_of_canvas_is_no_tutor(
    http: FakeHttp, roster: Roster, registration: Registration, tool_key: SigningKey
) -> None:
    mentor = "http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor"
    http.on("GET", URL, answer(page(person("1", mentor))))
    canvas = replace(registration, product="canvas")
    assert roster.members(canvas, tool_key, URL)[0].roles == {CourseRole.OBSERVER}
    assert roster.members(registration, tool_key, URL)[0].roles == {CourseRole.TUTOR}

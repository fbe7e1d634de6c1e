"""Notices of an LMS: registered for where offered, believed by their signature, good once."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lti_tool.gateway.organisation.services import open_by_operator, switch
from lti_tool.gateway.rosters.models import CourseCopy, NoticeHandler, ReceivedNotice
from lti_tool.gateway.rosters.queries import origins_of
from lti_tool.gateway.rosters.rules import MOST_NOTICES
from lti_tool.gateway.rosters.services import purge_notices
from lti_tool.gateway.rules import RegistrationStatus
from lti_tool.gateway.services import accept_deployment
from lti_tool.kernel.http import HttpAnswer
from lti_tool.wiring.messages import make_worker
from tests.gateway.lms import CLAIM, MISSING, Lms, signed_with_public_key, unique, unsigned
from tests.platform import as_json
from tests.tool import Tool

SERVICE = CLAIM + "platformnotificationservice"
SCOPE = "https://purl.imsglobal.org/spec/lti/scope/noticehandlers"


def claims(lms: Lms, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    found: dict[str, Any] = {
        "iss": lms.issuer,
        "aud": lms.client_id,
        "iat": now,
        "exp": now + 300,
        "jti": unique(),
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": "1",
        CLAIM + "notice": {
            "id": unique(),
            "timestamp": "2027-03-14T12:00:00Z",
            "type": "LtiContextCopyNotice",
        },
        CLAIM + "context": {"id": "copy", "title": "A copy"},
        CLAIM + "origin_contexts": ["course-1"],
    }
    found |= {CLAIM + n.removeprefix("lti_"): v for n, v in changes.items() if n[:4] == "lti_"}
    found |= {n: v for n, v in changes.items() if n[:4] != "lti_"}
    return {name: value for name, value in found.items() if value is not MISSING}


def send(tool: Tool, *tokens: Any) -> TestResponse:
    body = {"notices": [{"jwt": token} for token in tokens]}
    return tool.app.test_client().post("/lti/notices", json=body)


def copies(tool: Tool) -> list[tuple[int, str, str, str]]:
    with tool.database.transaction(write=False) as session:
        rows = session.execute(select(CourseCopy).order_by(CourseCopy.id)).scalars()
        return [(row.registration_id, row.deployment, row.context, row.origin) for row in rows]


def origins(tool: Tool, lms: Lms, context: str = "copy") -> list[str]:
    with tool.database.transaction(write=False) as session:
        return origins_of(session, lms.number, "1", context)


@pytest.fixture
def lms(tool: Tool) -> Lms:
    lms = Lms(tool)
    with tool.database.transaction() as session:
        accept_deployment(session, lms.number, "1")
    return lms


def test_a_copied_course_remembers_where_it_came_from(tool: Tool, lms: Lms) -> None:
    sent = claims(lms, lti_origin_contexts=["nearest", "older", "nearest", "copy"])
    assert send(tool, lms.sign(sent)).status_code == 202
    assert origins(tool, lms) == ["nearest", "older"]
    assert origins(tool, lms, "another") == []
    with tool.database.transaction(write=False) as session:
        assert origins_of(session, lms.number, "2", "copy") == []
        assert origins_of(session, lms.number + 1, "1", "copy") == []


def test_a_notice_is_good_once_and_a_repeat_does_no_harm(tool: Tool, lms: Lms) -> None:
    token = lms.sign(claims(lms))
    assert [send(tool, token).status_code for _ in range(3)] == [202, 202, 202]
    assert len(copies(tool)) == 1
    again = lms.sign(claims(lms))  # the same news in a notice of its own
    assert send(tool, again).status_code == 202
    assert len(copies(tool)) == 1


def test_canvas_has_a_nonce_for_an_id(tool: Tool, lms: Lms) -> None:
    assert send(tool, lms.sign(claims(lms, jti=MISSING, nonce="n"))).status_code == 202
    assert send(tool, lms.sign(claims(lms, jti=MISSING, nonce="n"))).status_code == 202
    with tool.database.transaction(write=False) as session:
        assert session.query(ReceivedNotice).count() == 1


def test_several_notices_come_in_one_request(tool: Tool, lms: Lms) -> None:
    tokens = [lms.sign(claims(lms, lti_context={"id": f"copy-{n}"})) for n in range(3)]
    answer = send(tool, *tokens)
    assert answer.status_code == 202
    assert answer.json == {"accepted": 3}
    assert {context for _, _, context, _ in copies(tool)} == {"copy-0", "copy-1", "copy-2"}


def test_one_bad_notice_does_not_hold_up_the_good_ones(tool: Tool, lms: Lms) -> None:
    answer = send(tool, lms.sign(claims(lms)), "rubbish")
    assert answer.status_code == 400
    assert len(copies(tool)) == 1


@pytest.mark.parametrize("kind", ["LtiHelloWorldNotice", "LtiAssetProcessorSubmissionNotice"])
def test_a_notice_that_asks_for_nothing_is_taken(tool: Tool, lms: Lms, kind: str) -> None:
    notice = {"id": "1", "type": kind, "timestamp": "now"}
    more = {"lti_context": MISSING, "lti_origin_contexts": MISSING}
    assert send(tool, lms.sign(claims(lms, lti_notice=notice, **more))).status_code == 202
    assert copies(tool) == []


# What is changed in a right notice, and how it is answered then.
WRONG: list[tuple[dict[str, Any], int]] = [
    ({"iss": "https://evil.example"}, 401),
    ({"iss": "\x00"}, 401),
    ({"aud": "somebody else"}, 401),
    ({"aud": []}, 401),
    ({"aud": ["client-1", 7]}, 401),
    ({"aud": ["client-1", "other"]}, 401),
    ({"aud": ["client-1", "other"], "azp": "other"}, 401),
    ({"exp": 1}, 401),
    ({"exp": MISSING}, 400),
    ({"exp": 253402300799}, 400),
    ({"exp": True}, 400),
    ({"iat": MISSING}, 400),
    ({"iat": time.time() + 86400 * 30}, 401),
    ({"jti": MISSING}, 400),
    ({"jti": ""}, 400),
    ({"jti": "x" * 300}, 400),
    ({"lti_version": "1.1"}, 400),
    ({"lti_deployment_id": MISSING}, 400),
    ({"lti_deployment_id": "unheard of"}, 403),
    ({"lti_notice": MISSING}, 400),
    ({"lti_notice": "text"}, 400),
    ({"lti_notice": {"id": "1"}}, 400),
    ({"lti_context": {"title": "no id"}}, 400),
    ({"lti_context": ["list"]}, 400),
    ({"lti_origin_contexts": "text"}, 400),
    ({"lti_origin_contexts": [None]}, 400),
    ({"lti_origin_contexts": ["\x00"]}, 400),
    ({"lti_origin_contexts": ["x" * 300]}, 400),
]


def test_a_notice_that_is_not_right_is_refused(tool: Tool, lms: Lms) -> None:
    for changes, status in WRONG:
        answer = send(tool, lms.sign(claims(lms, **changes)))
        assert answer.status_code == status, changes
    assert copies(tool) == []


def test_forged_notices_are_refused(tool: Tool, lms: Lms) -> None:
    good = claims(lms)
    head, body, signature = lms.sign(good).split(".")
    forged = [
        unsigned(good),
        signed_with_public_key(good),
        lms.sign(good, key="another"),
        lms.sign(good, kid="unknown"),
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}",
        "é",
        "",
        "x" * 70_000,
    ]
    for token in forged:
        assert send(tool, token).status_code in {400, 401}, token[:40]
    assert copies(tool) == []


NO_LISTS = [
    b"",
    b"[]",
    b"null",
    b"{}",
    b'{"notices": {}}',
    b'{"notices": []}',
    b'{"notices": ["text"]}',
    b'{"notices": [{"jwt": 7}]}',
    b'{"notices": [{}], "notices": []}',
    b"\xff",
    b"[" * 100_000,
]


def test_what_is_no_list_of_notices_is_refused(tool: Tool, lms: Lms) -> None:
    for body in NO_LISTS:
        answer = tool.app.test_client().post(
            "/lti/notices", data=body, content_type="application/json"
        )
        assert answer.status_code == 400, body[:40]


def test_too_much_is_refused(tool: Tool, lms: Lms) -> None:
    assert send(tool, *["x"] * (MOST_NOTICES + 1)).status_code == 413
    assert send(tool, "x" * 1_100_000).status_code == 413
    assert tool.app.test_client().get("/lti/notices").status_code == 405


def test_origins_are_bounded(tool: Tool, lms: Lms) -> None:
    for turn in range(3):
        many = [f"origin-{turn}-{number}" for number in range(200)]
        assert send(tool, lms.sign(claims(lms, lti_origin_contexts=many))).status_code == 202
    assert len(origins(tool, lms)) == len(copies(tool)) == 20


def test_two_customers_on_one_issuer_do_not_hear_each_others_notices(tool: Tool, lms: Lms) -> None:
    other = Lms(tool, client_id="client-2", organisation="Other", key_name="lms")
    with tool.database.transaction() as session:
        accept_deployment(session, other.number, "1")
    assert send(tool, other.sign(claims(other))).status_code == 202
    assert [row[0] for row in copies(tool)] == [other.number]
    assert origins(tool, lms) == []


def test_a_connection_that_is_switched_off_hears_nothing(tool: Tool, lms: Lms) -> None:
    with tool.database.transaction() as session:
        switch(open_by_operator(session, lms.number), RegistrationStatus.DISABLED)
    assert send(tool, lms.sign(claims(lms))).status_code == 403
    assert copies(tool) == []


def test_ids_of_notices_are_forgotten_when_their_tokens_have_ended(tool: Tool, lms: Lms) -> None:
    assert send(tool, lms.sign(claims(lms))).status_code == 202
    with tool.database.transaction() as session:
        purge_notices(session)
        assert session.query(ReceivedNotice).count() == 1
        session.execute(update(ReceivedNotice).values(ends_at=datetime.now(UTC)))
        purge_notices(session)
        assert session.query(ReceivedNotice).count() == 0


@dataclass
class Service:
    """Where an LMS takes addresses for notices."""

    tool: Tool
    lms: Lms
    status: int = 200

    def __post_init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        answers = self.tool.http.answers
        answers[f"{self.lms.issuer}/token"] = as_json({"access_token": "t", "expires_in": 3600})
        answers[self.url] = self.answer

    @property
    def url(self) -> str:
        return f"{self.lms.issuer}/notices/1"

    def claim(self, **changes: Any) -> dict[str, Any]:
        return {
            "platform_notification_service_url": self.url,
            "service_versions": ["1.0"],
            "scope": [SCOPE],
            "notice_types_supported": ["LtiContextCopyNotice", "LtiSomethingElse"],
        } | changes

    def answer(self, method: str, _url: str, body: bytes) -> HttpAnswer:
        assert method == "PUT"
        self.bodies.append(json.loads(body))
        return as_json({}, self.status)

    def launch(self, subject: str, **changes: Any) -> None:
        browser = self.tool.app.test_client()
        more = {SERVICE: self.claim(**changes)}
        assert self.lms.launch(browser, sub=subject, **more).status_code in {200, 303}
        make_worker(self.tool.runtime).drain()


def test_our_address_is_registered_once_where_notices_are_offered(tool: Tool, lms: Lms) -> None:
    service = Service(tool, lms)
    service.launch("amina")
    service.launch("ben")
    service.launch("ben")
    assert service.bodies == [
        {
            "notice_type": "LtiContextCopyNotice",
            "handler": "http://127.0.0.1:8000/lti/notices",
        }
    ]
    with tool.database.transaction(write=False) as session:
        assert session.query(NoticeHandler).one().registered_at is not None
    service.launch("cai", notice_types_supported=["LtiContextCopyNotice", "LtiHelloWorldNotice"])
    assert len(service.bodies) == 3


def test_a_refusal_is_remembered_and_asked_about_again_another_day(tool: Tool, lms: Lms) -> None:
    service = Service(tool, lms, status=403)
    service.launch("amina")
    service.launch("ben")
    assert len(service.bodies) == 1
    with tool.database.transaction() as session:
        assert session.query(NoticeHandler).one().reason == "permission-missing"
        session.execute(
            update(NoticeHandler).values(asked_at=datetime.now(UTC) - timedelta(days=2))
        )
    service.status = 204
    service.launch("cai")
    assert len(service.bodies) == 2
    with tool.database.transaction(write=False) as session:
        assert session.query(NoticeHandler).one().registered_at is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"platform_notification_service_url": None},
        {"scope": ["another"]},
        {"notice_types_supported": ["LtiSomethingElse"]},
        {"notice_types_supported": None},
    ],
)
def test_where_nothing_of_use_is_offered_nothing_is_asked(
    tool: Tool, lms: Lms, changes: dict[str, Any]
) -> None:
    service = Service(tool, lms)
    service.launch("amina", **changes)
    assert service.bodies == []

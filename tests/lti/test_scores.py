"""A score's way to the gradebook, and what comes back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.claims import SCOPE_LINE_ITEM_READONLY, SCOPE_RESULT, SCOPE_SCORE
from lti_tool.lti.refusals import ServiceRefused, ServiceUnavailable, ServiceUnreadable
from lti_tool.lti.registration import Registration
from lti_tool.lti.scores import (
    ActivityProgress,
    Deferred,
    Delivered,
    GradeService,
    GradingProgress,
    Rejected,
    Result,
    Score,
    Stale,
)
from lti_tool.lti.signing import SigningKey

from .conftest import TOKEN_URL, token_answer
from .fakes import START, FakeClock, FakeHttp, Reply, Sent, answer, failed

LINE_ITEM = "https://lms.example/5/lineitems/8/lineitem?type_id=2"
SCORES = "https://lms.example/5/lineitems/8/lineitem/scores?type_id=2"
RESULTS = "https://lms.example/5/lineitems/8/lineitem/results?type_id=2&user_id=17"
SCORE = Score(
    user_id="17",
    score_given=42.0,
    score_maximum=100.0,
    timestamp=START,
    activity_progress=ActivityProgress.COMPLETED,
    grading_progress=GradingProgress.FULLY_GRADED,
    comment="Well done",
)
STORED = {
    "id": RESULTS,
    "userId": "17",
    "resultScore": 42,
    "resultMaximum": 100,
    "comment": "Well done",
    "timestamp": "2026-11-21T20:40:35+00:00",
}


@pytest.fixture
def grades(http: FakeHttp, tokens: AccessTokens, clock: FakeClock) -> GradeService:
    return GradeService(http, tokens, clock=clock)


@pytest.fixture
def send(grades: GradeService, registration: Registration, tool_key: SigningKey) -> Any:
    return lambda score=SCORE: grades.send(registration, tool_key, LINE_ITEM, score)


@pytest.fixture
def read(grades: GradeService, registration: Registration, tool_key: SigningKey) -> Any:
    return lambda: grades.result(registration, tool_key, LINE_ITEM, "17")


def test_a_score_is_posted_as_the_lms_checks_it(http: FakeHttp, send: Any) -> None:
    http.on("POST", SCORES, answer())
    assert send() == Delivered()
    (sent,) = http.calls("POST", SCORES)
    assert sent.headers["Content-Type"] == "application/vnd.ims.lis.v1.score+json"
    assert sent.headers["Authorization"] == "Bearer bearer-1"
    assert sent.headers["User-Agent"]
    assert sent.json["scoreGiven"] == 42.0
    (token,) = http.calls("POST", TOKEN_URL)
    assert token.form["scope"] == SCOPE_SCORE


def test_a_401_brings_a_new_token_once(http: FakeHttp, send: Any) -> None:
    http.on("POST", TOKEN_URL, token_answer("old"), token_answer("new"))
    http.on("POST", SCORES, answer(status=401), answer())
    assert send() == Delivered()
    used = [sent.headers["Authorization"] for sent in http.calls("POST", SCORES)]
    assert used == ["Bearer old", "Bearer new"]


def test_a_401_with_a_new_token_waits(http: FakeHttp, send: Any) -> None:
    http.on("POST", SCORES, answer(status=401))
    assert send() == Deferred("service-unauthorised")
    assert len(http.calls("POST", SCORES)) == 2


@pytest.mark.parametrize("code", ["unreachable", "timeout", "address-refused", "redirected"])
def test_a_call_that_fails_waits(http: FakeHttp, send: Any, code: str) -> None:
    http.on("POST", SCORES, failed(code))
    assert send() == Deferred(code)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (failed("timeout"), Deferred("token-unavailable")),
        (answer(status=429, headers={"Retry-After": "9"}), Deferred("token-unavailable", 9)),
        (answer(b"<html>"), Deferred("token-unreadable")),
        (answer({"error": "invalid_client"}, status=400), Deferred("token-refused")),
        (
            answer({"error": "invalid_scope"}, status=400),
            Rejected("permission-missing", "status 400, invalid_scope"),
        ),
        (
            token_answer(scope=SCOPE_RESULT),
            Rejected("permission-missing", "the token lacks the scope"),
        ),
    ],
)
def test_without_a_token_nothing_is_sent(
    http: FakeHttp, send: Any, reply: Reply, outcome: object
) -> None:
    http.on("POST", TOKEN_URL, reply)
    assert send() == outcome


# --- conflicts


def test_a_conflict_over_what_we_sent_is_delivered(http: FakeHttp, send: Any) -> None:
    http.on("POST", SCORES, answer(b"[]", status=409))
    http.on("GET", RESULTS, answer([STORED]))
    assert send() == Delivered()


def test_a_conflict_over_something_else_is_stale(http: FakeHttp, send: Any) -> None:
    http.on("POST", SCORES, answer(b"[]", status=409))
    http.on("GET", RESULTS, answer([STORED | {"resultScore": 41}]))
    assert send() == Stale(
        Result("17", 41.0, 100.0, "Well done", datetime(2026, 11, 21, 20, 40, 35, tzinfo=UTC))
    )


@pytest.mark.parametrize(
    "reply",
    [answer([]), answer(status=500), answer(status=404), answer(b"x"), failed("timeout")],
)
def test_a_conflict_that_cannot_be_looked_into_is_stale(
    http: FakeHttp, send: Any, reply: Reply
) -> None:
    http.on("POST", SCORES, answer(status=409))
    http.on("GET", RESULTS, reply)
    assert send() == Stale(None)


def test_a_conflict_without_the_right_to_read_is_stale(http: FakeHttp, send: Any) -> None:
    def reply(sent: Sent) -> Any:
        if sent.form["scope"] == SCOPE_RESULT:
            return answer({"error": "invalid_scope"}, status=400)
        return token_answer()(sent)

    http.on("POST", TOKEN_URL, reply)
    http.on("POST", SCORES, answer(status=409))
    assert send() == Stale(None)


def test_canvas_s_conflict_is_looked_into_too(
    http: FakeHttp, grades: GradeService, registration: Registration, tool_key: SigningKey
) -> None:
    http.on("POST", SCORES, answer(b"before last updated timestamp", status=400))
    http.on("GET", RESULTS, answer([STORED]))
    canvas = replace(registration, product="canvas")
    assert grades.send(canvas, tool_key, LINE_ITEM, SCORE) == Delivered()


# --- reading results


def test_a_result_is_asked_for_by_its_media_type(http: FakeHttp, read: Any) -> None:
    http.on("GET", RESULTS, answer([STORED]))
    assert read().score == 42.0
    (sent,) = http.calls("GET", RESULTS)
    assert sent.headers["Accept"] == "application/vnd.ims.lis.v2.resultcontainer+json"


def test_the_person_is_found_where_the_lms_knows_no_filter(http: FakeHttp, read: Any) -> None:
    following = "https://lms.example/5/lineitems/8/lineitem/results?page=2"
    others = [STORED | {"userId": "16"}, "odd", {"resultScore": 1}]
    http.on("GET", RESULTS, answer(others, headers={"Link": f'<{following}>; rel="next"'}))
    http.on("GET", following, answer([STORED | {"userId": 17}]))
    assert read().score == 42.0


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"resultScore": None}, Result("17", None, 100.0, "Well done")),
        ({"resultScore": "42"}, Result("17", None, 100.0, "Well done")),
        ({"resultScore": True, "comment": 5}, Result("17", None, 100.0, None)),
        ({"resultMaximum": 10**400}, Result("17", 42.0, None, "Well done")),
    ],
)
def test_what_is_no_number_is_no_score(
    http: FakeHttp, read: Any, change: dict[str, object], expected: Result
) -> None:
    http.on("GET", RESULTS, answer([{**STORED, **change, "timestamp": "yesterday"}]))
    assert read() == expected


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'"x"', b"[" * 200_000])
def test_results_that_are_no_list_are_an_error(http: FakeHttp, read: Any, body: bytes) -> None:
    http.on("GET", RESULTS, answer(body))
    with pytest.raises(ServiceUnreadable):
        read()


def test_an_lms_without_the_person_has_no_result(http: FakeHttp, read: Any) -> None:
    http.on("GET", RESULTS, answer([]))
    assert read() is None


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (answer(status=401), ServiceUnavailable, "service-unauthorised"),
        (answer(status=403), ServiceRefused, "permission-missing"),
        (answer(status=404), ServiceRefused, "not-found"),
        (answer(status=400), ServiceRefused, "service-refused"),
        (answer(status=429), ServiceUnavailable, "service-unavailable"),
        (answer(status=500), ServiceUnavailable, "service-unavailable"),
        (failed("timeout"), ServiceUnavailable, "service-unavailable"),
    ],
)
def test_reading_fails_in_two_ways(
    http: FakeHttp, read: Any, reply: Reply, kind: type[Exception], code: str
) -> None:
    http.on("GET", RESULTS, reply)
    with pytest.raises(kind) as caught:
        read()
    assert getattr(caught.value, "code", "") == code


def test_reading_and_writing_ask_for_no_more_than_they_need(
    http: FakeHttp, read: Any, send: Any
) -> None:
    http.on("POST", SCORES, answer())
    http.on("GET", RESULTS, answer([]))
    send(), read(), send()
    scopes = [sent.form["scope"] for sent in http.calls("POST", TOKEN_URL)]
    assert scopes == [SCOPE_SCORE, SCOPE_RESULT]
    assert SCOPE_LINE_ITEM_READONLY not in scopes

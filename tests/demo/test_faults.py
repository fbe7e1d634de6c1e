"""Faults: each does what it says, as often as it says, where it says."""

import threading

import pytest
import requests

from lti_tool.demo.faults import Fault, FaultBoard, FaultKind, ServiceKind, drop_connection

from .standin import LINE_ITEMS_TYPE, RESULTS_TYPE, ROSTER_TYPE, Lms, results_url

LATER = "2026-11-20T10:00:01Z"


@pytest.mark.parametrize("status", [401, 409, 429, 500, 503])
def test_status_is_answered_and_nothing_stored(lms: Lms, status: int) -> None:
    item, token = lms.lineitem(), lms.token()
    lms.fault(str(status), scope="scores", remaining=1)

    assert lms.post_score(item, token).status_code == status
    assert lms.cells() == []
    assert lms.post_score(item, token).status_code == 200


@pytest.mark.parametrize("status", ["429", "503"])
def test_retry_after_is_named_in_seconds(lms: Lms, status: str) -> None:
    item, token = lms.lineitem(), lms.token()
    lms.fault(status, scope="scores", retry_after=7)

    assert lms.post_score(item, token).headers["Retry-After"] == "7"


def test_down_closes_the_connection_without_an_answer(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    lms.fault("down", scope="scores", remaining=2)

    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            lms.post_score(item, token)

    assert lms.cells() == []
    assert lms.post_score(item, token).status_code == 200


def test_lost_answer_stores_and_says_nothing(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    lms.fault("lost-answer", scope="scores", remaining=1)

    with pytest.raises(requests.ConnectionError):
        lms.post_score(item, token)

    assert (lms.cell()["value"], lms.cell()["writes"]) == (40, 1)
    assert lms.post_score(item, token).status_code == 409
    assert lms.cell()["writes"] == 1


def test_slow_answers_in_the_end(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    lms.fault("slow", scope="scores", seconds=0.2)

    answer = lms.post_score(item, token)

    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2


def test_slow_call_outlasts_an_impatient_caller(lms: Lms) -> None:
    lms.fault("slow", scope="keyset", seconds=1, remaining=1)

    with pytest.raises(requests.Timeout):
        requests.get(f"{lms.url}/lti/jwks.json", timeout=0.1)


def test_fault_stays_in_its_scope(lms: Lms) -> None:
    token, item, course = lms.token(), lms.lineitem(), lms.course()
    calls = {
        "keyset": lambda: requests.get(f"{lms.url}/lti/jwks.json", timeout=10),
        "token": lms.ask_token,
        "lineitems": lambda: lms.call(
            "GET", course["lineitems"], accept=LINE_ITEMS_TYPE, token=token
        ),
        "scores": lambda: lms.post_score(item, token),
        "results": lambda: lms.call("GET", results_url(item), accept=RESULTS_TYPE, token=token),
        "roster": lambda: lms.call("GET", course["memberships"], accept=ROSTER_TYPE, token=token),
    }
    for scope in calls:
        lms.fault("500", scope=scope)
        broken = [name for name, call in calls.items() if call().status_code == 500]
        assert broken == [scope]

    lms.fault("500")
    assert all(call().status_code == 500 for call in calls.values())


def test_faults_do_not_touch_pages_launches_and_control(lms: Lms) -> None:
    lms.fault("down")

    assert requests.get(lms.url, timeout=10).status_code == 200
    assert lms.authorise(lms.initiate("amina").fields).status_code == 200


def test_faults_are_tried_in_order_and_count_down(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    faults = [
        {"kind": "500", "scope": "scores", "remaining": 1},
        {"kind": "429", "scope": "scores", "remaining": 2},
    ]
    lms.control("PUT", "faults", {"faults": faults})

    statuses = [lms.post_score(item, token).status_code for _ in range(4)]

    assert statuses == [500, 429, 429, 200]
    assert lms.control("GET", "faults") == {"faults": []}


def test_faults_can_be_removed(lms: Lms) -> None:
    lms.fault("down")
    lms.control("DELETE", "faults")

    assert lms.ask_token().status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "earthquake"},
        {"kind": "down", "scope": "moon"},
        {"kind": "down", "remaining": 0},
        {"kind": "slow", "seconds": -1},
        {"kind": "slow", "secnds": 1},
        {"faults": "down"},
    ],
)
def test_unknown_fault_is_refused_and_changes_nothing(lms: Lms, fields: dict[str, object]) -> None:
    lms.fault("down", scope="roster")

    answer = requests.put(f"{lms.url}/control/faults", json=fields, timeout=10)

    assert answer.status_code == 400
    assert [fault["scope"] for fault in lms.control("GET", "faults")["faults"]] == ["roster"]


def test_ledger_tells_what_came_of_every_score(lms: Lms) -> None:
    item, token = lms.lineitem(), lms.token()
    lms.fault("500", scope="scores", remaining=1)
    lms.post_score(item, token)
    lms.fault("lost-answer", scope="scores", remaining=1)
    with pytest.raises(requests.ConnectionError):
        lms.post_score(item, token, comment="lost")
    lms.post_score(item, token)
    lms.post_score(item, token, timestamp=LATER)
    lms.post_score(item, "no-token")

    rows = lms.log()["scores"]

    assert [(row["status"], row["fault"], row["is_stored"]) for row in rows] == [
        (500, "500", False),
        (None, "lost-answer", True),
        (409, None, False),
        (200, None, True),
        (401, None, False),
    ]
    assert {(row["user_id"], row["line_item_id"], row["value"]) for row in rows} == {("3", 31, 40)}
    assert rows[1]["comment"] == "lost"
    assert rows[1]["person_key"] == "amina"
    counts = lms.log()["counts"]
    assert (counts["scores_accepted"], counts["scores_refused"]) == (2, 3)


def test_dropping_without_a_socket_is_an_error_that_a_test_client_sees() -> None:
    with pytest.raises(ConnectionResetError):
        drop_connection({})


def test_board_gives_a_counted_fault_to_as_many_threads_as_it_has_calls() -> None:
    board = FaultBoard()
    board.add([Fault(FaultKind.BROKEN, remaining=10)])
    taken: list[Fault | None] = []

    def take() -> None:
        taken.extend(board.take(ServiceKind.SCORES) for _ in range(5))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(fault is not None for fault in taken) == 10

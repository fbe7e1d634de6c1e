"""How often one network may ask: floods are refused, a class is not, and Redis may be away."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis
import time_machine
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.settings import Settings, load_settings
from lti_tool.web.counts import MOST_KEYS, Counts
from lti_tool.web.shared_counts import InRedis
from tests.databases import clean_sqlite
from tests.gateway.lms import Lms
from tests.tool import Tool, make_tool

NOON = datetime(2026, 3, 2, 12, 0, 20, tzinfo=UTC)
REDIS = "redis://127.0.0.1:6379/0"

Making = Callable[..., Tool]


@pytest.fixture
def tool_with(sqlite_template: Path, tmp_path: Path) -> Iterator[Making]:
    """Makes tools over one SQLite file, as several processes of one installation are."""
    url = clean_sqlite(sqlite_template, tmp_path)
    made: list[Tool] = []

    def make(**settings: object) -> Tool:
        plain = {"data_dir": tmp_path, "database_url": url, "secret_key": "s" * 32}
        made.append(make_tool(Settings.model_validate(plain | settings)))
        return made[-1]

    yield make
    for tool in made:
        tool.close()


def login(
    lms: Lms, address: str = "192.0.2.1", tool: Tool | None = None, **headers: str
) -> TestResponse:
    browser = (tool or lms.tool).app.test_client()
    base = {"REMOTE_ADDR": address}
    sent = lms.initiation()
    return browser.post("/lti/login", data=sent, environ_base=base, headers=headers)


def failing(tool: Tool) -> TestResponse:
    return tool.app.test_client().post("/lti/launch", data={"state": "x", "id_token": "y"})


def test_a_flood_of_logins_waits_and_others_do_not(tool_with: Making) -> None:
    lms = Lms(tool_with(logins_per_minute=5))
    with time_machine.travel(NOON, tick=False) as clock:
        assert [login(lms).status_code for _ in range(6)] == [302] * 5 + [429]
        refused = login(lms)
        assert refused.headers["Retry-After"] == "40"
        assert "too-many-requests" in refused.text
        assert "Wait a minute" in refused.text
        assert "frame-ancestors http: https:" in refused.headers["Content-Security-Policy"]
        assert login(lms, "192.0.2.2").status_code == 302
        clock.shift(timedelta(seconds=41))
        assert login(lms).status_code == 302


def test_a_large_class_behind_one_address_is_let_in(tool_with: Making) -> None:
    """200 learners come within one minute, and a third of them fails once before."""
    lms = Lms(tool_with())
    with time_machine.travel(datetime.now(UTC).replace(second=0), tick=False):
        for number in range(200):
            if number % 3 == 0:
                assert failing(lms.tool).status_code == 400
            if number < 180:
                assert login(lms, "127.0.0.1").status_code == 302
                continue
            browser = lms.tool.app.test_client()
            answer = lms.launch(browser, sub=f"learner-{number}")
            assert browser.get(answer.headers["Location"]).status_code == 303


def test_refusals_are_counted_and_a_good_launch_is_let_in_all_the_same(tool_with: Making) -> None:
    lms = Lms(tool_with(refusals_per_minute=3))
    with time_machine.travel(datetime.now(UTC).replace(second=0), tick=False):
        browser = lms.tool.app.test_client()
        asked = lms.begin(browser)
        assert [failing(lms.tool).status_code for _ in range(5)] == [400] * 3 + [429] * 2
        sent = lms.send(browser, asked, lms.sign(lms.claims(asked)))
        assert sent.status_code == 303
        assert lms.tool.app.test_client().get("/lti/enter/guess").status_code == 429


def test_a_shared_link_is_counted_by_link_and_reader(tool_with: Making) -> None:
    client = tool_with().app.test_client()
    with time_machine.travel(NOON, tick=False):
        first = [client.get("/shared/one").status_code for _ in range(61)]
        assert first == [404] * 60 + [429]
        assert "open the link again" in client.get("/shared/one").text
        assert client.get("/shared/two").status_code == 404
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        assert client.get("/shared/one", environ_base=elsewhere).status_code == 404


def test_without_a_limit_nothing_is_counted(tool_with: Making) -> None:
    lms = Lms(tool_with(logins_per_minute=0))
    assert {login(lms).status_code for _ in range(50)} == {302}


# Whose address counts


def test_a_header_that_anybody_can_send_changes_nothing(tool_with: Making) -> None:
    lms = Lms(tool_with(logins_per_minute=2))
    with time_machine.travel(NOON, tick=False):
        codes = [login(lms, **{"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(3)]
    assert codes == [302, 302, 429]


def test_the_address_that_the_proxies_saw_is_counted(tool_with: Making) -> None:
    """What stands left of theirs the sender wrote."""
    lms = Lms(tool_with(logins_per_minute=1, trusted_proxies=2))
    with time_machine.travel(NOON, tick=False):
        seen = [
            ("made-up, 192.0.2.1, 10.0.0.1", 302),
            ("another, 192.0.2.1, 10.0.0.1", 429),
            ("made-up, 192.0.2.2, 10.0.0.1", 302),
        ]
        for forwarded, expected in seen:
            answer = login(lms, "10.0.0.2", **{"X-Forwarded-For": forwarded})
            assert answer.status_code == expected


def test_ipv6_counts_by_house_and_mapped_ipv4_as_ipv4(tool_with: Making) -> None:
    lms = Lms(tool_with(logins_per_minute=1))
    with time_machine.travel(NOON, tick=False):
        assert login(lms, "2001:db8:1:2::1").status_code == 302
        assert login(lms, "2001:db8:1:2:ffff::9").status_code == 429
        assert login(lms, "2001:db8:1:3::1").status_code == 302
        assert login(lms, "::ffff:192.0.2.1").status_code == 302
        assert login(lms, "192.0.2.1").status_code == 429
        assert login(lms, "fe80::1%eth0").status_code == 302
        assert login(lms, "unix:").status_code == 302  # a socket has no address


# Counting together


def test_counts_are_of_one_minute_and_never_grow_without_bound() -> None:
    counts = Counts()
    assert [counts.add("a", 1), counts.add("a", 1), counts.add("b", 1)] == [1, 2, 1]
    assert counts.add("a", 2) == 1
    for number in range(MOST_KEYS):
        counts.add(str(number), 2)
    assert counts.add("one too many", 2) == 0
    assert counts.add("a", 2) == 2


@pytest.fixture
def redis_url() -> str:
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=1).ping()
    except redis.RedisError:
        pytest.skip("no Redis server can be had here")
    return REDIS


def test_processes_that_share_redis_count_together(tool_with: Making, redis_url: str) -> None:
    one = tool_with(logins_per_minute=6, redis_url=redis_url)
    two = tool_with(logins_per_minute=6, redis_url=redis_url)
    lms = Lms(one)
    address = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    with time_machine.travel(datetime.now(UTC).replace(second=0), tick=False):
        codes = [login(lms, address, tool).status_code for tool in (one, two) * 4]
    assert codes == [302] * 6 + [429] * 2


def test_redis_is_told_of_several_at_a_time(redis_url: str) -> None:
    key = uuid4().hex
    one, two = Counts(InRedis(redis_url)), Counts(InRedis(redis_url))
    assert [one.add(key, 1, step=10) for _ in range(10)] == list(range(1, 11))
    assert [two.add(key, 1, step=10) for _ in range(10)][-1] == 20
    assert one.add(key, 1, step=10) == 11  # it learns of the others at its twentieth
    assert [one.add(key, 1, step=10) for _ in range(9)][-1] == 30


def test_redis_that_is_away_keeps_nobody_out_and_is_said_once(tool_with: Making) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    lms = Lms(tool_with(logins_per_minute=3, redis_url=f"redis://127.0.0.1:{port}/0"))
    with time_machine.travel(NOON, tick=False), capture_logs() as lines:
        codes = [login(lms).status_code for _ in range(4)]
    assert codes == [302] * 3 + [429]  # this process goes on counting by itself
    assert [line["event"] for line in lines].count("limits-not-shared") == 1


def test_redis_that_does_not_answer_holds_up_one_request_and_not_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        counts = Counts(InRedis(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"))
        began = datetime.now(UTC)
        assert [counts.add("a", 1) for _ in range(100)] == list(range(1, 101))
        assert datetime.now(UTC) - began < timedelta(seconds=2)


@pytest.mark.parametrize("value", ["127.0.0.1:6379", "http://127.0.0.1", "redis:", "x"])
def test_an_address_that_is_not_redis_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("IMHCF_REDIS_URL", value)
    with pytest.raises(Misconfigured, match="IMHCF_REDIS_URL"):
        load_settings()


@pytest.mark.parametrize(
    ("settings", "says", "is_well"),
    [
        ({}, "counted in each process", True),
        ({"base_url": "https://tool.example"}, "as one network", False),
        ({"base_url": "https://tool.example", "trusted_proxies": 1}, "each process", True),
        ({"redis_url": "redis://127.0.0.1:1/0"}, "does not answer", False),
    ],
    ids=["plain", "unknown proxy", "known proxy", "no Redis"],
)
def test_the_doctor_says_how_limits_are_counted(
    tool_with: Making, settings: dict[str, object], says: str, is_well: bool
) -> None:
    from lti_tool.cli.doctor import _limits

    found = _limits(tool_with(**settings).runtime)
    assert says in found.says
    assert (not found.mend) == is_well


def test_reading_the_frameworks_is_for_programs_and_not_for_floods(tool_with: Making) -> None:
    tool = tool_with()
    browser = tool.app.test_client()
    at = "/ims/case/v1p1"
    with time_machine.travel(NOON, tick=False):
        answers = [browser.get(f"{at}/CFDocuments") for _ in range(300)]
        assert {one.status_code for one in answers} == {200}
        for path in ("CFDocuments", "CFItems/x", "nothing"):
            refused = browser.get(f"{at}/{path}")
            assert refused.status_code == 429
            assert refused.headers["Retry-After"] == "40"
            (field,) = refused.get_json()["imsx_codeMinor"]["imsx_codeMinorField"]
            assert field["imsx_codeMinorFieldValue"] == "server_busy"
        other = browser.get(f"{at}/CFDocuments", environ_base={"REMOTE_ADDR": "192.0.2.9"})
        assert other.status_code == 200
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert browser.get(f"{at}/CFDocuments").status_code == 200

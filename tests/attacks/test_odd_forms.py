"""Whatever is posted to the pages of portfolios, reviews and the register, no error is ours.

Each route that takes something gets, from whom it is for and from everybody else, forms and JSON of
fields that any page here knows, with values that nobody types. The answer says what is wrong.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from tests.house.belongings import Belongings, give_everything
from tests.house.test_permissions import guard_of
from tests.tool import Tool, Visitor

TEMPLATES = Path(__file__).parents[2] / "templates"
ROOMS = ("portfolios", "submitting", "evidence", "statements", "cases", "reviews", "notifications",
         "register")  # fmt: skip
# What scripts send beside the names of fields.
SENT = ("text", "version", "ticks", "declaration", "left", "sitting", "what", "verdict", "feedback",
        "summary", "notes", "code", "name", "size", "type", "seen", "words")  # fmt: skip
BLUEPRINTS = frozenset({
    "portfolios", "submitting", "submission_rules", "submission_papers", "evidence", "statements",
    "cases", "desk", "decisions", "outcomes", "assessors", "review_rules", "reviews", "review_log",
    "review_figures", "notifications", "mail", "registrar", "recognition",
})  # fmt: skip
ODD: tuple[Any, ...] = (
    "", " ", "\0", "a\0b", "\ud800", "é" * 300, "x" * 25_000, "0", "-1", "1", "1.5", "1e9", "9" * 19,
    "9" * 400, "٣", "null", "true", "yes", "on", "met", "recognised", "more-evidence", "reader",
    "anonymised", "portfolio-1", "1.01", "99.99", "2026-02-30", "9999-12-31", "0000-00-00", "../..",
    "' OR 1=1 --", "<script>", "{{7*7}}", "%(x)s", "{0}", "\u202egnp.exe", "\r\nX: y", "http://[",
    "a@b.example", "127.0.0.1", "65536",
)  # fmt: skip
ODD_JSON: tuple[Any, ...] = (
    *ODD, None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 1.5, [], {}, [[]], [None], ["1"],
    {"0": True}, {"99": True}, {"": ""}, {"a": {"b": []}}, [1] * 300,
)  # fmt: skip
BROKEN = (b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b'{"version": 1e999}', b"[" * 5000)


def field_names() -> list[str]:
    found = set(SENT)
    for room in ROOMS:
        for path in (TEMPLATES / room).glob("*.html"):
            found |= set(re.findall(r'\bname="([a-z][\w.-]*)"', path.read_text()))
    return sorted(found - {"csrf_token"})


def taking(tool: Tool) -> list[tuple[Rule, str]]:
    """Every route of these rooms that takes something, with its method."""
    return [
        (rule, method)
        for rule in sorted(tool.app.url_map.iter_rules(), key=str)
        for method in sorted((rule.methods or set()) & {"POST", "PATCH"})
        if rule.endpoint.partition(".")[0] in BLUEPRINTS
    ]


def address(rule: Rule, hers: Belongings, who: Visitor, odd: str = "") -> str:
    """The address for what is Amina's, through the asker's slot; one value of it odd, if asked."""
    values = {name: hers.values[name] for name in rule.arguments} | {"slot": who.slot}
    if not odd:
        adapter = hers.amina.app.url_map.bind("localhost")
        return str(adapter.build(rule.endpoint, values))
    changeable = sorted(rule.arguments - {"slot"})
    changed = changeable[len(odd) % len(changeable)]
    values[changed] = odd
    return re.sub(r"<(?:[^>]*:)?(\w+)>", lambda m: quote(str(values[m[1]]), safe=""), str(rule))


def bodies(draw: random.Random, names: list[str]) -> Iterator[dict[str, Any]]:
    """Yields what a client may be told to send: forms, JSON, what is neither."""
    for _ in range(2):
        some = draw.sample(names, draw.randint(0, 12))
        yield {"data": {name: draw.choice(ODD) for name in some}}
        yield {"json": {name: draw.choice(ODD_JSON) for name in some}}
    yield {"data": draw.choice(BROKEN), "content_type": "application/json"}
    yield {"data": b"\0" * 10, "content_type": "multipart/form-data; boundary=x"}


def send(who: Visitor, method: str, path: str, body: dict[str, Any]) -> int:
    headers = {"X-CSRFToken": who.csrf_token(), "Accept": "application/json"}
    data = dict(body)
    if isinstance(data.get("data"), dict):
        data["data"] = {
            name: value.encode("utf-8", "surrogatepass") for name, value in data["data"].items()
        }
    elif "json" in data:
        sent = json.dumps(data.pop("json")).encode()
        data |= {"data": sent, "content_type": "application/json"}
    answer = who.client.open(path, method=method, headers=headers, **data)
    if answer.is_json and answer.status_code >= 400:
        assert answer.get_json()["error"]["sentence"], path
    return answer.status_code


def test_whatever_is_posted_the_answer_is_no_error_of_ours(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers = give_everything(tool, monkeypatch)
    draw, names = random.Random(1), field_names()  # noqa: S311 - spreads tests, guards nothing
    routes = taking(tool)
    assert len(routes) > 50
    draw.shuffle(routes)
    everybody = [hers.amina, hers.tara, hers.ada, hers.oriel, hers.anna]
    failed, seen = [], Counter[int]()
    for rule, method in routes:
        whose = hers.for_guard(guard_of(tool, rule))
        for body in bodies(draw, names):
            for who, odd in ((whose, ""), (draw.choice(everybody), ""), (whose, draw.choice(ODD))):
                path = address(rule, hers, who, odd.encode("utf-8", "replace").decode())
                status = send(who, method, path, body)
                seen[status] += 1
                if status >= 500:
                    failed.append((status, method, rule.endpoint, path[-120:], str(body)[:300]))
    assert not failed, "\n".join(map(str, failed))
    # Some of it is taken, and most of it met by the rooms themselves, not at the door.
    assert min(seen[200] + seen[303], seen[400], seen[404]) > 20, seen


@pytest.mark.parametrize("name", ["name", "place", "level", "page", "organisation", "embed"])
def test_whatever_the_public_register_is_asked_it_answers(tool: Tool, name: str) -> None:
    client = tool.app.test_client()
    for number, odd in enumerate(ODD):
        caller = {"REMOTE_ADDR": f"10.0.0.{number + 1}"}
        asked = quote(odd.encode("utf-8", "surrogatepass"))
        for path in ("/register", "/register.json", "/register/embed"):
            answer = client.get(f"{path}?{name}={asked}&name=okafor", environ_overrides=caller)
            assert answer.status_code < 500, (path, odd)


def test_whatever_a_witness_sends_the_answer_is_no_error_of_ours(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_everything(tool, monkeypatch)
    draw, names = random.Random(3), field_names()  # noqa: S311 - as above
    client = tool.app.test_client()
    for number in range(200):
        token = quote(str(draw.choice(ODD)).encode("utf-8", "surrogatepass"), safe="")
        form = {n: str(draw.choice(ODD)).encode("utf-8", "surrogatepass")
                for n in draw.sample(names, 6)}  # fmt: skip
        caller = {"REMOTE_ADDR": f"10.0.{number}.1"}
        answer = client.post(f"/statement/{token}", data=form, environ_overrides=caller)
        assert answer.status_code < 500, (token, form)

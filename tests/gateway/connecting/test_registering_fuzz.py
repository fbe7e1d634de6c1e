"""Whatever an LMS says of itself or answers: a page, and never a failure of ours."""

import json
import random
from typing import Any

import pytest

from tests.gateway.connecting.newcomer import PLATFORM, Newcomer, confirm, registrations
from tests.journeys.conftest import on
from tests.platform import as_json
from tests.tool import Tool

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1e308, "", " ", "x", "\0", "\ud800", "é" * 300, "x" * 5000, [], {}),
    *([None, 1, {}], {"type": []}, {"a": {"b": []}}, ["a"] * 500, "https://", "https://x:99999/"),
    *(
        "javascript:alert(1)",
        "https://moodle.example/\r\nX: y",
        "https://moodle.example/'\";",
        "//x",
    ),
)
ROUNDS = 80


def odd_one(chance: random.Random, found: dict[str, Any]) -> dict[str, Any]:
    """Returns the object with a few of its values, or its platform's, made odd."""
    changed = json.loads(json.dumps(found))
    for _ in range(chance.randint(1, 3)):
        where = changed
        if isinstance(changed.get(PLATFORM), dict) and changed[PLATFORM] and chance.random() < 0.5:
            where = changed[PLATFORM]
        where[chance.choice(sorted(where))] = chance.choice(ODD)
    return dict(changed)


@on("postgresql")
@pytest.mark.parametrize("seed", [1])
def test_odd_configurations_and_answers_end_in_a_page(
    tool: Tool, newcomer: Newcomer, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_tool.web.limits.count", lambda *_, **__: None)
    chance = random.Random(seed)  # noqa: S311 - makes odd objects, guards nothing
    good = newcomer.configuration()
    answered = {"client_id": "c", "scope": "a b", "x": 1}
    for number in range(ROUNDS):
        newcomer.changes = odd_one(chance, good)
        page = newcomer.open(tool.app.test_client())
        assert page.status_code < 500, newcomer.changes
        if page.status_code == 200:
            newcomer.answer = as_json(odd_one(chance, answered | {"client_id": f"c{number}"}))
            tool.http.answers[newcomer.registration_url] = newcomer._registered
            done = confirm(tool.app.test_client(use_cookies=False), page)
            assert done.status_code < 500, (newcomer.changes, newcomer.answer.body)
    assert registrations(tool) == []  # nobody had an invitation

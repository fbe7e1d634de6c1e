"""Steps on the provider's pages of the catalogue, and what people find there."""

import re
from typing import Any

from lti_tool.kernel.actor import Role
from tests.tool import Visitor

ADMIN = frozenset({Role.ADMINISTRATOR})
OFFER = {
    "title": "Reflective practice group",
    "provider": "Willow Training",
    "levels": ["1"],
    "domains": ["6"],
    "results": ["not-started", "working-towards"],
}


def rate(visitor: Visitor, code: str, state: str = "achieved") -> None:
    sent = {"code": code, "state": state, "note": "", "version": 0}
    assert visitor.post_json("ratings", sent).status_code == 200


def add(visitor: Visitor, **fields: Any) -> str:
    answer = visitor.post("catalogue/new", OFFER | fields)
    assert answer.status_code == 303, answer.text
    found = re.search(r"offer=(own:[\w-]+)", answer.location)
    assert found
    return found[1]


def act(visitor: Visitor, key: str, what: str) -> int:
    return visitor.post(f"catalogue/offers/{key}/act", {"act": what}).status_code


def listed(visitor: Visitor) -> list[str]:
    """The titles of the provider's list, section by section, without the archived ones."""
    page = visitor.get("catalogue").text.partition("archived offer")[0]
    return [t.strip() for t in re.findall(r'class="training-title">\s*([^<]*?)\s*<', page)]


def offered(visitor: Visitor) -> list[str]:
    """The titles that a learner finds under "All training", in order."""
    page = visitor.get("training").text
    return re.findall(r'class="training-row-title">([^<]*)<', page)


def recommended(visitor: Visitor) -> list[str]:
    page = visitor.get("training").text.partition("All training")[0]
    return [t.strip() for t in re.findall(r'class="training-title">\s*([^<]*?)\s*<', page)]

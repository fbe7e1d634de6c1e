"""One learner with everything that can be hers, and the values that addresses of it need."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lti_tool.courses.models import Person
from lti_tool.exports.papers import worker as papers_worker
from lti_tool.exports.papers.queries import newest_papers
from lti_tool.exports.papers.rules import Kind
from lti_tool.grades.queries import scores_of_placements
from lti_tool.kernel.actor import Role
from lti_tool.wiring.messages import make_worker
from tests.exports.test_papers import FakePress
from tests.storage import files
from tests.tool import TUTOR, Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
SECRET = "A secret of Amina's"
SEEN = b"secret of Amina"
GOAL, ENTRY = "aminas-goal-0001", "aminas-entry-001"
RATING = {"code": "1.01", "state": "achieved", "note": SECRET, "version": 0}
NEXT_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()

# What belongs to one person. An address with one of these opens for nobody else.
PERSONAL = {"snapshot", "link", "paper", "goal", "record", "brought"}

# Something plausible for every form of the tool: a refusal must come of who asks, not of what.
FORM: dict[str, Any] = {
    "what": "Mine now",
    "by_when": NEXT_MONTH,
    "title": "Mine now",
    "begun_on": "2026-01-01",
    "hours": "1",
    "outcome": "Mine now",
    "version": "1",
    "label": "Mine now",
    "kind": "plan",
    "do": "pdf",
    "parts": ["goals"],
    "previewed": "goals",
    "ends_on": NEXT_MONTH,
    "save": "1",
    "act": "archive",
    "levels": ["1"],
    "domains": ["6"],
    "results": ["not-started"],
    "instrument": "self-assessment-1",
    "grade_rule": "none",
    "knowledge": "Mine now",
    "ability": "Mine now",
    "wording": "corrected",
    "reason": "Mine now",
    "seen": "1",
    "edition": "0",
    "state-1.01": "not-started",
    "version-1.01": "1",
    "note-1.01": "Mine now",
}


@dataclass(frozen=True)
class Belongings:
    """Amina, her tutor, an administrator of hers, and the values of addresses of what is hers."""

    amina: Visitor
    tara: Visitor
    ada: Visitor
    values: dict[str, Any]

    def for_guard(self, guard: str) -> Visitor:
        """Returns who a route with this guard is for."""
        return {"tutor": self.tara, "administrator": self.ada}.get(guard, self.amina)


def give_everything(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Belongings:
    """Signs Amina in, with a goal, training, a snapshot, a link, a paper, and a record brought."""
    monkeypatch.setattr(papers_worker, "press_for", lambda _name: FakePress())
    amina = tool.sign_in("amina")
    tara = tool.sign_in("tara", roles=TUTOR)
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    assert amina.post_json("ratings", RATING).status_code == 200
    _send(amina, "goals/new", FORM | {"what": SECRET, "once": GOAL})
    certificate = (io.BytesIO(files.PDF), "certificate.pdf")
    _send(
        amina,
        "training-record/new",
        FORM | {"title": SECRET, "once": ENTRY, "certificate": certificate},
    )
    _send(amina, "snapshots", {"label": SECRET})
    _send(amina, "sharing/new", FORM | {"label": SECRET})
    _send(amina, "papers", FORM)
    make_worker(tool.runtime).drain()
    brought = _send(
        amina,
        "my-record/import",
        {"record": (io.BytesIO(amina.get("my-record/zip").data), "record.zip")},
    )
    offer = _send(tara, "catalogue/new", FORM | {"title": "Tara's offer"})
    _send(ada, "wording/self-assessment-1/1.01", FORM | {"seen": "0"})
    found = {
        "snapshot": _only(r"/snapshots/([\w-]+)/name", amina.get("change").text),
        "link": _only(r"/sharing/([\w-]+)/withdraw", amina.get("sharing").text),
        "brought": brought.rpartition("/")[2],
        "offer": _only(r"offer=(own:[\w-]+)", offer),
        "goal": GOAL,
        "record": ENTRY,
    }
    return Belongings(amina, tara, ada, _known(tool, amina) | found)


def _send(who: Visitor, path: str, form: dict[str, Any]) -> str:
    """Posts a form that is taken; returns where it leads."""
    answer = who.post(path, form)
    assert answer.status_code == 303, (path, answer.text)
    return str(answer.location)


def _only(pattern: str, text: str) -> str:
    (found,) = set(re.findall(pattern, text))
    return str(found)


def _known(tool: Tool, amina: Visitor) -> dict[str, Any]:
    """Returns what is no personal secret, and what no page of hers says."""
    with tool.database.transaction(write=False) as session:
        person = session.get_one(Person, amina.actor.person_id).public_id
        (score,) = scores_of_placements(session, [amina.placement_id])
        papers = newest_papers(session, amina.actor.person_id, amina.placement_id)
    return {
        "slot": amina.slot,
        "placement": amina.placement,
        "number": 1,
        "person": person,
        "score": score.id,
        "instrument": "self-assessment-1",
        "code": "1.01",
        "paper": papers[Kind.PLAN].public_id,
    }

"""One learner with everything that can be hers, and the values that addresses of it need."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Person
from lti_tool.courses.queries import placement_for, placement_of_course
from lti_tool.exports.papers import worker as papers_worker
from lti_tool.exports.papers.queries import newest_papers
from lti_tool.exports.papers.rules import Kind
from lti_tool.gateway.reconciling.queries import columns_of
from lti_tool.gateway.reconciling.services import store_column
from lti_tool.grades.queries import scores_of_placements
from lti_tool.kernel.actor import Role
from lti_tool.portfolios.cases.rules import evidence_item
from lti_tool.portfolios.cases.services import report
from lti_tool.portfolios.evidence.queries import evidence_of_person
from lti_tool.portfolios.evidence.rules import Told
from lti_tool.portfolios.evidence.services import change_evidence
from lti_tool.portfolios.queries import chosen_portfolio
from lti_tool.portfolios.rules import Declaration
from lti_tool.portfolios.submitting.queries import submission_by_id, submission_in_organisation
from lti_tool.reviews.assessors.queries import conflicts_of
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.services import appoint, declare_conflict
from lti_tool.reviews.desk.phrases import add_phrase
from lti_tool.reviews.queries import assessor_of, review_of
from lti_tool.reviews.rules import Verdict
from lti_tool.wiring.messages import make_worker
from tests.exports.test_papers import FakePress
from tests.gateway.picking.begun import DRAFT, pick_for
from tests.notifications.telling import tell_visitor, told
from tests.portfolios.handing_in import Handing
from tests.register.entries import recognised
from tests.reviews.deciding import let_go
from tests.reviews.offices import Reader
from tests.storage import files, media
from tests.tool import TUTOR, Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
OBSERVER = frozenset({Role.OBSERVER})
SECRET = "A secret of Amina's"
SEEN = b"secret of Amina"
GOAL, ENTRY = "aminas-goal-0001", "aminas-entry-001"
RATING = {"code": "1.01", "state": "achieved", "note": SECRET, "version": 0}
NEXT_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()

# What belongs to one person. An address with one of these opens for nobody else.
PERSONAL = {
    "snapshot",
    "link",
    "paper",
    "goal",
    "record",
    "brought",
    "recognition",
    "portfolio",
    "evidence",
    "statement",
    "upload",
    "notice",
}

# Something plausible for every form of the tool: a refusal must come of who asks, not of what.
FORM: dict[str, Any] = {
    "name": "Mine now",
    "policy": "known",
    "deployment": "1",
    "understood": "y",
    "change": "1",
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
    """Amina, her tutor, an administrator, her mentor, her assessor, and values of addresses."""

    amina: Visitor
    tara: Visitor
    ada: Visitor
    oriel: Visitor
    anna: Visitor
    values: dict[str, Any]

    def for_guard(self, guard: str) -> Visitor:
        """Returns who a route with this guard is for."""
        others = {
            "tutor": self.tara,
            "administrator": self.ada,
            "observer": self.oriel,
            "assessor": self.anna,
        }
        return others.get(guard, self.amina)


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
    anna = tool.sign_in("anna")
    office = _office(tool, ada, anna, tara)
    desk = _portfolio(amina)
    entry = recognised(tool, amina, shown=False, name=SECRET, place=SECRET).public_id
    found = {
        "snapshot": _only(r"/snapshots/([\w-]+)/name", amina.get("change").text),
        "link": _only(r"/sharing/([\w-]+)/withdraw", amina.get("sharing").text),
        "brought": brought.rpartition("/")[2],
        "offer": _only(r"offer=(own:[\w-]+)", offer),
        "goal": GOAL,
        "record": ENTRY,
        "pick": pick_for(tool, tara),
        "draft": DRAFT,
        "portfolio": desk,
        **_evidence(amina, desk),
        "statement": _statement(amina, desk),
        **_handed_in(tool, amina),
        **office,
        "review": _review(tool, anna),
        "recognition": entry,
        "entry": entry,
    }
    oriel = tool.sign_in("oriel", roles=OBSERVER, sees=("amina",))
    found["case"] = _case(tool, tara, found)
    found["merge"] = _join_two(tool, ada)
    tell_visitor(tool, amina, params={"title": SECRET})
    found["notice"] = told(tool, amina)[-1].public_id
    return Belongings(amina, tara, ada, oriel, anna, _known(tool, amina) | found)


def _case(tool: Tool, reader: Visitor, found: dict[str, Any]) -> str:
    """Reports her picture, as an assessor would; returns the case's name."""
    with tool.database.transaction() as session:
        organisation = reader.actor.organisation_id
        submission = submission_in_organisation(session, organisation, found["submission"])
        item = evidence_item(found["piece"])
        return report(session, reader.actor, submission, item, SECRET).public_id


def _join_two(tool: Tool, ada: Visitor) -> str:
    """Joins two people who are in no course of Amina's; returns the join's name."""
    both = [tool.sign_in(name, course="course-9") for name in ("dora-then", "dora-now")]
    with tool.database.transaction(write=False) as session:
        names = [session.get_one(Person, one.actor.person_id).public_id for one in both]
    return _send(ada, "people/join", {"who": names, "stays": names[0]}).rpartition("/")[2]


def _portfolio(amina: Visitor) -> str:
    """Begins a portfolio with one text in it; returns its name."""
    _send(amina, "portfolio/level", {"instrument": "portfolio-1"})
    (found,) = set(re.findall(r"/portfolio/([\w-]{12,})/task/1\.01", amina.get("portfolio/").text))
    text = {"text": SECRET, "version": 0}
    assert amina.post_json(f"portfolio/{found}/task/1.01/text", text).status_code == 200
    return str(found)


def _statement(amina: Visitor, desk: str) -> str:
    """Invites a witness to a task; returns the invitation's name."""
    at = f"portfolio/{desk}/task/1.01/statements"
    answer = amina.post(at, FORM | {"invited_name": SECRET})
    assert answer.status_code == 200, answer.text
    return _only(r'id="statement-([\w-]+)"', amina.get(at).text)


def _evidence(amina: Visitor, desk: str) -> dict[str, str]:
    """Adds a picture to a task, and begins an upload; returns the names of both."""
    at = f"portfolio/{desk}/task/1.01/evidence"
    name = SECRET.replace('"', "")  # which a browser would not send as it is
    _send(amina, at, {"files": [(io.BytesIO(media.photo()), f"{name}.jpg")]})
    (piece,) = set(re.findall(r'id="piece-([\w-]+)"', amina.get(at).text))
    begun = amina.post_json(f"{at}/uploads", {"name": f"{SECRET}.mp4", "size": 5, "type": ""})
    return {"evidence": str(piece), "upload": begun.get_json()["upload"]}


def _handed_in(tool: Tool, amina: Visitor) -> dict[str, Any]:
    """Hands her portfolio in, with all that it lacks; returns the names of what was frozen."""
    with tool.database.transaction() as session:
        place = placement_for(session, amina.actor, amina.placement)
        portfolio = chosen_portfolio(session, amina.actor, place.id)
        assert portfolio
        asked = instruments_for(session, amina.actor.organisation_id)[portfolio.instrument]
        (piece,) = evidence_of_person(session, amina.actor.person_id)
        said = Told(SECRET, SECRET, Declaration.ANONYMISED)
        change_evidence(session, amina.actor, piece.public_id, said, seen=piece.mark)
    hers = Handing(tool, amina, portfolio, asked, place)
    for code in hers.codes:
        hers.write(code, SECRET)
    submission = hers.hand_in()
    make_worker(tool.runtime).drain()
    (frozen,) = hers.frozen(submission.id).tasks[0].evidence
    return {"submission": submission.public_id, "piece": frozen.id}


def _office(tool: Tool, ada: Visitor, anna: Visitor, tara: Visitor) -> dict[str, str]:
    """Appoints Anna, who must not read what is Tara's, and has a phrase of her own."""
    with tool.database.transaction() as session:
        anna_id, tara_id = (
            session.get_one(Person, one.actor.person_id).public_id for one in (anna, tara)
        )
        assessor = appoint(session, ada.actor, anna_id, Appointment((1,), 5))
        declare_conflict(session, ada.actor, assessor, tara_id, SECRET)
        (conflict,) = conflicts_of(session, assessor.id)
        phrase = add_phrase(session, assessor, "Say what came of it.")
    return {
        "assessor": assessor.public_id,
        "conflict": conflict.public_id,
        "phrase": phrase.public_id,
    }


def _review(tool: Tool, anna: Visitor) -> str:
    """Reads what Amina handed in, and releases that more is wanted; returns the reading's name."""
    found = _only(r"/desk/([\w-]{16})\"", anna.get("desk").text)
    with tool.database.transaction(write=False) as session:
        assessor = assessor_of(session, anna.actor)
        assert assessor
        review = review_of(session, assessor, found)
        submission = submission_by_id(session, review.submission_id)
        assert submission
    reader = Reader(tool, anna, assessor)
    reader.read(submission, {"1.02": Verdict.PARTLY})
    let_go(tool, reader, submission)
    return found


def _send(who: Visitor, path: str, form: dict[str, Any]) -> str:
    """Posts a form that is taken; returns where it leads."""
    answer = who.post(path, form)
    assert answer.status_code == 303, (path, answer.text)
    return str(answer.location)


def _only(pattern: str, text: str) -> str:
    (found,) = set(re.findall(pattern, text))
    return str(found)


def _column_of(tool: Tool, amina: Visitor) -> int:
    """Returns the number of her activity's column, as if this tool had made it."""
    with tool.database.transaction() as session:
        place = placement_of_course(session, amina.placement_id)
        store_column(session, place.id, "", url=place.line_item, state="ready", made=True)
        (column,) = columns_of(session, place.id)
    return column.id


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
        "registration": 1,
        "score": score.id,
        "column": _column_of(tool, amina),
        "instrument": "self-assessment-1",
        "code": "1.01",
        "paper": papers[Kind.PLAN].public_id,
    }

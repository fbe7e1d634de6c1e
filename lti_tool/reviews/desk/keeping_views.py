"""What the desk's script saves by itself: a finding, the conclusion, the notes, a phrase."""

from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput
from lti_tool.kernel.text import N_
from lti_tool.reviews.desk.phrases import add_phrase
from lti_tool.reviews.desk.rules import (
    LONGEST_FEEDBACK,
    LONGEST_NOTES,
    LONGEST_PHRASE,
    LONGEST_SUMMARY,
    Conclusion,
    Note,
    parse_overall,
    parse_text,
    parse_verdict,
    parse_version,
)
from lti_tool.reviews.desk.showing import conclusion_facts, finding_facts
from lti_tool.reviews.desk.writing import (
    ConclusionChanged,
    FindingChanged,
    save_conclusion,
    save_finding,
    save_notes,
)
from lti_tool.reviews.opening import Assessing, AtDesk, assessor, desk, open_review
from lti_tool.web.errors import error_answer
from lti_tool.web.requests import db


@desk.post("/<review>/keep")
@assessor
def keep(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Confirms what is stored; where it was changed elsewhere, returns what is on record."""
    at = open_review(who, placement, review)
    sent = _sent()
    try:
        # Verdict as a whole and notes have no moment of their own on record: saved is now.
        return jsonify({"changed_at": clock.now().isoformat()} | _kept(at, sent))
    except FindingChanged as error:
        return _conflict(error, finding_facts(error.finding))
    except ConclusionChanged as error:
        return _conflict(error, _other(sent, error))


@desk.post("/<review>/keep-phrase")
@assessor
def keep_phrase(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Keeps a sentence among the assessor's phrases."""
    open_review(who, placement, review)
    phrase = add_phrase(db(), who.assessor, parse_text(_sent().get("text"), LONGEST_PHRASE))
    return jsonify(text=phrase.text)


def _kept(at: AtDesk, sent: dict[str, Any]) -> dict[str, Any]:
    what, seen = sent.get("what"), parse_version(sent.get("version"))
    if what == "finding":
        verdict = parse_verdict(_word(sent, "verdict"))
        feedback = parse_text(sent.get("feedback"), LONGEST_FEEDBACK)
        note = Note(_word(sent, "code"), verdict, feedback, seen)
        return finding_facts(save_finding(db(), at.assessor, at.review, note))
    if what == "conclusion":
        overall = parse_overall(_word(sent, "verdict"))
        summary = parse_text(sent.get("summary"), LONGEST_SUMMARY)
        wish = Conclusion(overall, summary, seen)
        return conclusion_facts(save_conclusion(db(), at.assessor, at.review, wish))
    if what == "notes":
        text = parse_text(sent.get("notes"), LONGEST_NOTES)
        notes, version = save_notes(db(), at.assessor, at.review, text, seen)
        return {"code": "notes", "notes": notes, "version": version}
    raise InvalidInput(N_("What was sent does not say what it is."), code="unknown-part")


def _other(sent: dict[str, Any], error: ConclusionChanged) -> dict[str, Any]:
    if sent.get("what") == "notes":
        return {"code": "notes", "notes": error.text, "version": error.version}
    return {
        "code": "conclusion",
        "verdict": error.verdict,
        "summary": error.text,
        "version": error.version,
    }


def _conflict(error: Conflict, current: dict[str, Any]) -> Response:
    answer = error_answer(error, 409)
    if answer.is_json:
        facts: dict[str, Any] = answer.get_json()
        answer.data = jsonify(facts | {"current": current}).data
    return answer


def _sent() -> dict[str, Any]:
    sent = request.get_json()
    if not isinstance(sent, dict):
        raise InvalidInput(N_("What was sent cannot be read."), code="not-an-object")
    return sent


def _word(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    return value[:40] if isinstance(value, str) else "?"  # which nothing is called

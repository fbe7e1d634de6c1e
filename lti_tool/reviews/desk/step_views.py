"""The steps of a reading: finished, thought over, handed back; and a report of what tells names."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import as_kept
from lti_tool.portfolios.cases.rules import parse_item
from lti_tool.portfolios.cases.services import report
from lti_tool.reviews import log
from lti_tool.reviews.desk.reading_views import check_begun, reading_page, to_task
from lti_tool.reviews.desk.rules import LONGEST_REASON, parse_text
from lti_tool.reviews.desk.services import Unfinished, as_by, finish, hand_back, think_again
from lti_tool.reviews.desk.showing import head_of
from lti_tool.reviews.desk.wording import lack_words
from lti_tool.reviews.opening import Assessing, assessor, desk, open_review, page
from lti_tool.reviews.rules import Act
from lti_tool.reviews.services import hold_review
from lti_tool.web.errors import status_of
from lti_tool.web.requests import db


@desk.post("/<review>/finish")
@assessor
def finish_reading(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Marks the reading as done, or lists what is missing."""
    at = open_review(who, placement, review)
    try:
        finish(db(), at.assessor, at.review)
    except Unfinished as error:
        missing = [(lack, lack_words(lack)) for lack in error.missing]
        return reading_page(at, step="conclusion", missing=missing), status_of(error)
    return redirect(url_for("decisions.decision", review=review, done="finished"), 303)


@desk.post("/<review>/think-again")
@assessor
def think_over(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Opens a reading that was done."""
    at = open_review(who, placement, review)
    think_again(db(), at.assessor, at.review)
    return redirect(url_for("desk.reading", review=review, step="conclusion"), 303)


@desk.route("/<review>/hand-back", methods=["GET", "POST"])
@assessor
def give_back(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Why can I not read this one?"""
    at = open_review(who, placement, review)
    reason = as_kept(request.form.get("reason", ""))
    if request.method == "GET":
        return page("hand_back", at.here, **head_of(at), reason="", problem=None)
    try:
        reason = parse_text(reason, LONGEST_REASON)
        hand_back(db(), at.assessor, at.review, reason)
    except (InvalidInput, TooLarge) as error:
        shown = page("hand_back", at.here, **head_of(at), reason=reason, problem=error)
        return shown, status_of(error)
    return redirect(url_for("desk.queue", done="handed-back"), 303)


@desk.post("/<review>/report")
@assessor
def report_item(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Reports that somebody can be known by a text, a file or a statement: it is hidden at once."""
    at = open_review(who, placement, review)
    check_begun(at)
    form = request.form
    code = as_kept(request.values.get("code", ""))[:10]
    words = form.get("words", "")
    submission, now = hold_review(db(), at.review)
    try:
        item = parse_item(form.get("item", ""))
        case = report(db(), who.actor, submission, item, words)
    except (InvalidInput, TooLarge) as error:
        problem = {
            "for": f"report {form.get('item', '')}",
            "error": error,
            "typed": {"words": words},
        }
        return reading_page(at, task=code, problem=problem), status_of(error)
    _note_case(submission.id, now, who, case.public_id)
    return redirect(to_task(review, code, reported=1), 303)


def _note_case(submission_id: int, review: Any, who: Assessing, case: str) -> None:
    lines = log.lines_of(db(), submission_id)
    if any(line.act == Act.CASE_OPENED and line.details.get("case") == case for line in lines):
        return
    log.write(
        db(),
        submission_id,
        Act.CASE_OPENED,
        as_by(review),
        person_id=who.actor.person_id,
        details={"case": case, "review": review.public_id},
    )

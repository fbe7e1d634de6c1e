"""The queue: what do I read next?"""

from dataclasses import dataclass

from flask import request
from flask.typing import ResponseReturnValue

from lti_tool.kernel import clock
from lti_tool.reviews.desk.queries import QueueLine, queue_of, released_of
from lti_tool.reviews.desk.wording import age_words, due_words, who_is
from lti_tool.reviews.opening import Assessing, Here, assessor, desk, open_place, page
from lti_tool.reviews.queries import terms_of
from lti_tool.reviews.rules import ReviewState, Terms
from lti_tool.web.requests import db

A_PAGE = 20
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """A reading as the queue shows it, in words."""

    line: QueueLine
    whose: str
    title: str
    age: str
    due: str
    is_overdue: bool


@desk.get("")
@assessor
def queue(who: Assessing, placement: str) -> ResponseReturnValue:
    """What waits for me, what have I begun, what have I done?"""
    here = open_place(who.actor, placement)
    terms = terms_of(db(), who.actor.organisation_id)
    lines = queue_of(db(), who.assessor)
    number = _page_number(request.args.get("page", ""))
    released, has_more = released_of(db(), who.assessor, limit=A_PAGE, page=number)
    groups: dict[str, list[Row]] = {"to-read": [], "begun": [], "waiting": [], "ready": []}
    for line in lines:
        groups[_group(line)].append(_row(here, terms, line))
    return page(
        "queue",
        here,
        assessor=who.assessor,
        groups=groups,
        released=[_row(here, terms, line) for line in released],
        number=number,
        has_more=has_more,
        done=request.args.get("done", ""),
    )


def _group(line: QueueLine) -> str:
    if line.review.state is ReviewState.ALLOCATED:
        return "to-read"
    if line.review.state is ReviewState.BEGUN:
        return "begun"
    return "waiting" if line.others_open else "ready"


def _row(here: Here, terms: Terms, line: QueueLine) -> Row:
    today = clock.now().date()
    asked = here.library.get(line.instrument)
    review = line.review
    return Row(
        line,
        who_is(terms, line.name, review.organisation_id, line.portfolio_id),
        asked.title if asked else line.instrument,
        age_words(line.submitted_at.date(), today),
        due_words(review.due_on, today),
        review.is_open and review.due_on < today,
    )


def _page_number(typed: str) -> int:
    is_page = typed.isascii() and typed.isdigit() and len(typed) <= 4
    return min(max(int(typed), 1), _MOST_PAGES) if is_page else 1

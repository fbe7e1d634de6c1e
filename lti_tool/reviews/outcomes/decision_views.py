"""The decision: what the learner will get, the two readings side by side, and the release."""

from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.portfolios.submitting.queries import frozen_content
from lti_tool.reviews.desk.queries import name_of
from lti_tool.reviews.desk.services import think_again
from lti_tool.reviews.desk.wording import who_is
from lti_tool.reviews.opening import Assessing, AtDesk, assessor, open_review, page
from lti_tool.reviews.outcomes.matters import Matter, matter_of, seal_of
from lti_tool.reviews.outcomes.queries import answers_of
from lti_tool.reviews.outcomes.releasing import SeenOtherwise, release
from lti_tool.reviews.outcomes.rules import Step, Whose
from lti_tool.reviews.outcomes.services import send_to_moderator
from lti_tool.reviews.outcomes.wording import OVERALLS, VERDICTS, WHOSE
from lti_tool.reviews.queries import assessors_by_id
from lti_tool.reviews.rules import Part, ReviewState
from lti_tool.web.errors import status_of
from lti_tool.web.requests import db

blueprint = Blueprint(
    "decisions", __name__, url_prefix="/at/<slot>/p/<placement>/desk/<review>/decision"
)


@blueprint.url_defaults
def stay(endpoint: str, values: dict[str, Any]) -> None:
    """Fills the reading, too, from the address of this request."""
    stay_here(endpoint, values)
    here = request.view_args or {}
    if "review" in here:
        values.setdefault("review", here["review"])


@blueprint.get("")
@assessor
def decision(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """How do the readings stand, and what will the learner get?"""
    return _page(open_review(who, placement, review), _whose(request.args.get("words", "")))


@blueprint.post("")
@assessor
def let_go(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Releases what the page showed."""
    at = open_review(who, placement, review)
    whose = _whose(request.form.get("words", ""))
    try:
        release(db(), at.assessor, at.review, seen=request.form.get("seen", ""), whose=whose)
    except SeenOtherwise as error:
        return _page(at, whose, problem=error), status_of(error)
    return redirect(url_for(".decision", done="released"), 303)


@blueprint.post("/moderator")
@assessor
def moderator(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Sends what two readers differ on to a moderator."""
    at = open_review(who, placement, review)
    send_to_moderator(db(), at.assessor, at.review)
    return redirect(url_for(".decision", done="sent"), 303)


@blueprint.post("/think-again")
@assessor
def again(who: Assessing, placement: str, review: str) -> ResponseReturnValue:
    """Takes a reading up again, and leads to it."""
    at = open_review(who, placement, review)
    think_again(db(), at.assessor, at.review)
    return redirect(url_for("desk.reading", review=review), 303)


def _whose(typed: str) -> Whose:
    return Whose(typed) if typed in set(Whose) else Whose.BOTH


def _page(at: AtDesk, whose: Whose, *, problem: SeenOtherwise | None = None) -> str:
    matter = matter_of(db(), at.submission)
    tasks = frozen_content(db(), at.submission).tasks
    found = None
    if matter.may_release(at.review):
        found = matter.comes_to(at.review, whose)
    released = matter.outcome or (matter.outcomes[-1] if matter.outcomes else None)
    return page(
        "decision",
        at.here,
        at=at,
        whose=who_is(
            at.terms, _learner(at), at.submission.organisation_id, at.submission.portfolio_id
        ),
        matter=matter,
        step=matter.step.value,
        topics={task.code: task.wording for task in tasks},
        found=found,
        seal=seal_of(found) if found else "",
        chosen=whose,
        offers_words=found is not None and matter.decider is None and len(matter.readers) > 1,
        released=released if matter.step is Step.RELEASED else None,
        earlier=matter.outcomes[0] if matter.is_appealed and matter.outcomes else None,
        answers=answers_of(db(), released.id) if released else {},
        columns=_columns(at, matter),
        may_change=_may_change(at, matter),
        problem=problem,
        done=request.args.get("done", ""),
        verdicts=VERDICTS,
        overalls=OVERALLS,
        words=WHOSE,
    )


def _learner(at: AtDesk) -> str:
    return name_of(db(), at.submission.person_id)


def _may_change(at: AtDesk, matter: Matter) -> bool:
    """Whether second thoughts are possible still; `think_again` decides."""
    review = at.review
    if review.state is not ReviewState.DONE or matter.step is Step.RELEASED:
        return False
    return matter.decider is None or matter.decider.id == review.id


def _columns(at: AtDesk, matter: Matter) -> list[dict[str, Any]]:
    """The readings side by side: who reads now first, and the other once both have decided."""
    review = at.review
    if review.part is Part.READER:
        other = matter.other(review)
        shown = [review, other] if other is not None else []
    else:
        mine = [review] if review.state is ReviewState.DONE else []
        shown = [*mine, *(one for one in matter.readers if one.state is ReviewState.DONE)]
    names = assessors_by_id(db(), [one.assessor_id for one in shown])
    return [
        {
            "name": names[one.assessor_id].name,
            "is_mine": one.id == review.id,
            "reading": matter.found[one.id],
        }
        for one in shown
    ]

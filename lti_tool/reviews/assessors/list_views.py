"""The office's pages of submissions: the list, and who reads one of them."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict
from lti_tool.portfolios.submitting.rules import LIVE, State, SubmissionView
from lti_tool.reviews.assessors.allocation import allocate, missing_parts
from lti_tool.reviews.assessors.giving import AGAINST, give_by_hand, open_review_in, take_away
from lti_tool.reviews.assessors.listing import (
    MOST_PAGES,
    Wanted,
    Wish,
    counts_of,
    readers_of,
    submissions_listed,
)
from lti_tool.reviews.assessors.queries import assessors_of, reasons_against
from lti_tool.reviews.assessors.rules import LEVELS, is_away, parse_reason
from lti_tool.reviews.desk.queries import name_of
from lti_tool.reviews.desk.wording import age_words, due_words
from lti_tool.reviews.opening import Here, open_place, open_submission, page, reviews
from lti_tool.reviews.outcomes.wording import PARTS, STATES
from lti_tool.reviews.rules import AssessorView
from lti_tool.web.errors import status_of
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db


@reviews.get("")
@administrator
def submissions(actor: Actor, placement: str) -> ResponseReturnValue:
    """What was handed in, who reads it, and what waits for me?"""
    here = open_place(actor, placement)
    wanted = _wanted()
    found, has_more = submissions_listed(db(), actor, wanted)
    return page(
        "submissions",
        here,
        lines=found,
        has_more=has_more,
        wanted=wanted,
        query=_query(wanted),
        counts=counts_of(db(), actor),
        levels=LEVELS,
        wishes=_wishes(),
        library=here.library,
        today=clock.now().date(),
        age_words=age_words,
        due_words=due_words,
        states=state_words(),
        reading_states=STATES,
        reading_parts=PARTS,
    )


@reviews.get("/<submission>/readers")
@administrator
def readers(actor: Actor, placement: str, submission: str) -> ResponseReturnValue:
    """Who reads this, who could, and what keeps others from it?"""
    here, found = open_submission(actor, placement, submission)
    return _readers_page(here, found)


@reviews.post("/<submission>/readers")
@administrator
def give(actor: Actor, placement: str, submission: str) -> ResponseReturnValue:
    """Gives it to an assessor whom the office chose, or to the next by the rules."""
    here, found = open_submission(actor, placement, submission)
    chosen = request.form.get("assessor", "")
    try:
        if chosen:
            give_by_hand(db(), actor, found, chosen)
            done = "given"
        else:
            done = "given" if allocate(db(), found.id) else "nobody"
    except Conflict as error:
        return _readers_page(here, found, error=error), status_of(error)
    return redirect(url_for("reviews.readers", submission=submission, done=done), 303)


@reviews.post("/<submission>/readers/<review>/take")
@administrator
def take(actor: Actor, placement: str, submission: str, review: str) -> ResponseReturnValue:
    """Takes a reading away from its assessor, with a reason."""
    here, found = open_submission(actor, placement, submission)
    reading = open_review_in(db(), found, review)
    reason, problem = parse_reason(request.form.get("reason", ""))
    to = request.form.get("assessor", "")
    if problem:
        taking = {"review": review, "reason": reason, "problem": problem, "to": to}
        return _readers_page(here, found, taking=taking), 400
    try:
        got = take_away(db(), actor, reading, reason, to=to)
    except Conflict as error:
        taking = {"review": review, "reason": reason, "problem": "", "to": to}
        return _readers_page(here, found, error=error, taking=taking), status_of(error)
    done = "replaced" if got else "taken"
    return redirect(url_for("reviews.readers", submission=submission, done=done), 303)


def state_words() -> dict[State, str]:
    """Returns how a submission stands, in words for the office."""
    return {
        State.SUBMITTED: _("Handed in"),
        State.WITHDRAWN: _("Taken back"),
        State.IN_REVIEW: _("In review"),
        State.RETURNED: _("More evidence wanted"),
        State.RECOGNISED: _("Recognised"),
        State.NOT_RECOGNISED: _("Not recognised"),
    }


def _readers_page(
    here: Here,
    submission: SubmissionView,
    *,
    error: Conflict | None = None,
    taking: dict[str, Any] | None = None,
) -> str:
    today = clock.now().date()
    asked = here.library.get(submission.instrument)
    missing = missing_parts(db(), submission) if submission.state in LIVE else []
    return page(
        "readers",
        here,
        submission=submission,
        title=asked.title if asked else submission.instrument,
        name=name_of(db(), submission.person_id),
        is_own=submission.person_id == here.actor.person_id,
        readers=readers_of(db(), [submission.id]).get(submission.id, ()),
        missing=missing,
        choices=_choices(here, submission),
        age=age_words(submission.submitted_at.date(), today),
        today=today,
        due_words=due_words,
        states=state_words(),
        reading_states=STATES,
        parts=PARTS,
        error=error,
        taking=taking,
        done=request.args.get("done", ""),
    )


def _choices(here: Here, submission: SubmissionView) -> list[tuple[AssessorView, str, bool]]:
    """Each assessor, what is to be said of them, and whether they can be chosen."""
    against = reasons_against(db(), submission)
    today = clock.now().date()
    found = []
    for one in assessors_of(db(), here.actor.organisation_id):
        if not one.active or submission.level not in one.levels:
            continue
        reason = against.get(one.id)
        if reason:
            found.append((one, str(_(AGAINST[reason])), False))
            continue
        words = [_("%(load)s of %(most)s reviews open", load=one.load, most=one.capacity)]
        if one.moderates:
            words.append(_("moderator"))
        if is_away(one.away_until, today):
            words.append(_("away"))
        found.append((one, ", ".join(words), True))
    return sorted(found, key=lambda choice: not choice[2])


def _wishes() -> dict[Wish, str]:
    return {
        Wish.ALL: _("All"),
        Wish.NOBODY: _("Waiting for an assessor"),
        Wish.WAITING: _("Not begun"),
        Wish.IN_REVIEW: _("In review"),
        Wish.OVERDUE: _("Overdue"),
        Wish.DECIDED: _("Decided"),
        Wish.WITHDRAWN: _("Taken back"),
    }


def _wanted() -> Wanted:
    level, number = request.args.get("level", ""), request.args.get("page", "")
    wish = request.args.get("show", "")
    is_page = number.isascii() and number.isdigit() and len(number) <= 4
    return Wanted(
        level=int(level) if level in {"1", "2", "3"} else None,
        wish=Wish(wish) if wish in set(Wish) else Wish.ALL,
        page=min(max(int(number), 1), MOST_PAGES) if is_page else 1,
    )


def _query(wanted: Wanted) -> dict[str, Any]:
    kept = {"level": wanted.level, "show": wanted.wish.value}
    return {name: value for name, value in kept.items() if value}

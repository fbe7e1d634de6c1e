"""Handing in, the receipt, taking back: the owner's pages."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError
from lti_tool.kernel.text import as_kept
from lti_tool.portfolios.choosing import begin_round
from lti_tool.portfolios.evidence.wording import lack_words
from lti_tool.portfolios.opening import Desk, open_portfolio
from lti_tool.portfolios.queries import accounts_of
from lti_tool.portfolios.rules import text_mark
from lti_tool.portfolios.submitting import reading_views
from lti_tool.portfolios.submitting.opening import blueprint, handing_in, open_submission, page
from lti_tool.portfolios.submitting.queries import standing_of, submissions_of
from lti_tool.portfolios.submitting.rules import LONGEST_FEE_REFERENCE
from lti_tool.portfolios.submitting.services import (
    AlreadyHandedIn,
    FeeReferenceWanted,
    NotReady,
    look_at_readiness,
    submit,
    withdraw,
)
from lti_tool.web.errors import status_of
from lti_tool.web.guards import learner, live_session
from lti_tool.web.requests import db

__all__ = ["blueprint", "reading_views"]


@blueprint.get("/<portfolio>/hand-in")
@learner
def hand_in(actor: Actor, placement: str, portfolio: str) -> ResponseReturnValue:
    """What is missing, what will be frozen, and who will see it?"""
    desk = open_portfolio(actor, placement, portfolio)
    standing = standing_of(db(), desk.portfolio.id)
    if standing.is_closed:
        return page("closed", desk, submission=standing.decisive)
    return _hand_in_page(desk)


@blueprint.post("/<portfolio>/hand-in")
@learner
def hand_in_now(actor: Actor, placement: str, portfolio: str) -> ResponseReturnValue:
    """Hands the portfolio in, or shows again what is missing, with everything as it was typed."""
    desk = open_portfolio(actor, placement, portfolio)
    if request.form.get("understood") != "yes":
        return _hand_in_page(
            desk, problem=("understood", _("Tick that you want to hand it in."))
        ), 400
    try:
        found = submit(db(), actor, handing_in(desk, request.form.get("fee_reference", "")))
    except AlreadyHandedIn as error:
        # The second of two clicks, or a page of an hour ago: it is handed in, and here is where.
        found = error.submission
    except (NotReady, FeeReferenceWanted) as error:
        return _hand_in_page(desk, problem=_problem(error)), status_of(error)
    return redirect(url_for(".receipt", submission=found.public_id, new=1), 303)


@blueprint.get("/<portfolio>/submissions")
@learner
def submissions(actor: Actor, placement: str, portfolio: str) -> ResponseReturnValue:
    """Every submission of this portfolio, and how each stands."""
    desk = open_portfolio(actor, placement, portfolio)
    return page("submissions", desk, submissions=submissions_of(db(), desk.portfolio.id))


@blueprint.get("/<portfolio>/submissions/<submission>")
@learner
def receipt(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """The receipt, and what happens next."""
    desk, found = open_submission(actor, placement, portfolio, submission)
    standing = standing_of(db(), desk.portfolio.id)
    return page(
        "receipt",
        desk,
        submission=found,
        is_newest=standing.submission == found,
        standing=standing,
        is_new="new" in request.args,
        is_back="back" in request.args,
    )


@blueprint.post("/<portfolio>/submissions/<submission>/withdraw")
@learner
def take_back(actor: Actor, placement: str, portfolio: str, submission: str) -> ResponseReturnValue:
    """Takes a submission back, as long as nobody reads it."""
    desk, found = open_submission(actor, placement, portfolio, submission)
    withdraw(db(), actor, desk.portfolio, found.public_id, desk.asked.title)
    return redirect(url_for(".receipt", back=1), 303)


@blueprint.post("/<portfolio>/new-round")
@learner
def new_round(actor: Actor, placement: str, portfolio: str) -> ResponseReturnValue:
    """Begins the portfolio anew after recognition; the recognised one stays as it is."""
    desk = open_portfolio(actor, placement, portfolio)
    begin_round(db(), actor, desk.here.place, desk.portfolio)
    return redirect(url_for("portfolios.overview", chosen=1), 303)


def _problem(error: ImhcfError) -> tuple[str, str]:
    field = "missing" if isinstance(error, NotReady) else "fee_reference"
    return field, f"{_(error.sentence)} {_(error.advice)}"


def _hand_in_page(desk: Desk, problem: tuple[str, str] | None = None) -> str:
    actor = desk.here.actor
    found = look_at_readiness(db(), actor, handing_in(desk))
    return page(
        "hand_in",
        desk,
        found=found,
        problem=problem,
        lack_words=lack_words,
        fee_reference=as_kept(request.form.get("fee_reference", ""))[: LONGEST_FEE_REFERENCE * 4],
        understood=request.form.get("understood") == "yes",
        script=drafts_script(desk),
    )


def drafts_script(desk: Desk) -> dict[str, Any]:
    """What the script needs that offers what was typed and never saved."""
    live = live_session()
    accounts = accounts_of(db(), desk.portfolio.id)
    return {
        "slot": live.slot if live else "",
        "instrument": f"portfolio-{desk.portfolio.public_id}",
        "task": url_for("portfolios.task", portfolio=desk.portfolio.public_id, code="0.00"),
        "marks": {code: text_mark(one.text) for code, one in accounts.items()},
    }

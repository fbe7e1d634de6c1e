"""The overview of a portfolio, and the page on which a person chooses their level."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.portfolios import task_views, version_views
from lti_tool.portfolios.cases.queries import notices_of
from lti_tool.portfolios.choosing import carry_over, choose_portfolio, fitting
from lti_tool.portfolios.levels import (
    QUESTIONS,
    answers_in,
    portfolios_in,
    suggestion,
)
from lti_tool.portfolios.opening import (
    Desk,
    Here,
    blueprint,
    desk_of,
    open_place,
    open_portfolio,
    page,
    scope_of,
)
from lti_tool.portfolios.queries import accounts_of, chosen_portfolio, portfolios_of
from lti_tool.portfolios.rules import overview as overview_of
from lti_tool.portfolios.rules import text_mark
from lti_tool.portfolios.sources import evidence_of
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.rules import State
from lti_tool.web.guards import learner, live_session, participant
from lti_tool.web.requests import db

__all__ = ["blueprint", "task_views", "version_views"]


@blueprint.get("/")
@participant
def overview(actor: Actor, placement: str) -> ResponseReturnValue:
    """What is ready, what is missing, what comes next? For a tutor, what learners are asked."""
    here = open_place(actor, placement)
    if not actor.is_learner:
        return _preview(here)
    portfolio = chosen_portfolio(db(), actor, here.place.id)
    if portfolio is None:
        return redirect(url_for(".level"), 303)
    return _overview(desk_of(here, portfolio))


@blueprint.get("/level")
@learner
def level(actor: Actor, placement: str) -> ResponseReturnValue:
    """Which level is mine? The descriptions, four questions, and a choice."""
    here = open_place(actor, placement)
    portfolios = portfolios_in(here.library)
    answers = answers_in(request.args)
    return page(
        "level",
        here,
        here.library.get(here.place.set_up.instrument),
        portfolios=portfolios,
        questions=QUESTIONS,
        answers=answers,
        asked_all="ask" in request.args,
        suggestion=suggestion(answers),
        mine={
            one.instrument: (begun, words)
            for one, begun, words in portfolios_of(db(), actor.person_id)
        },
        chosen=chosen_portfolio(db(), actor, here.place.id),
    )


@blueprint.post("/level")
@learner
def choose(actor: Actor, placement: str) -> ResponseReturnValue:
    """Begins the portfolio that was chosen, or goes back to it."""
    here = open_place(actor, placement)
    wanted = request.form.get("instrument", "")
    choose_portfolio(db(), actor, here.place, here.library, wanted)
    return redirect(url_for(".overview", chosen=1), 303)


@blueprint.post("/<portfolio>/carry")
@learner
def carry(actor: Actor, placement: str, portfolio: str) -> ResponseReturnValue:
    """Copies what fits from another portfolio of the learner."""
    desk = open_portfolio(actor, placement, portfolio)
    source = request.form.get("source", "")
    count = carry_over(db(), actor, desk.portfolio, desk.here.library, source)
    return redirect(url_for(".overview", carried=count), 303)


def _overview(desk: Desk) -> str:
    accounts = accounts_of(db(), desk.portfolio.id)
    found = overview_of(desk.scope, accounts, evidence_of(db(), desk.portfolio.id))
    actor, live = desk.here.actor, live_session()
    standing = standing_of(db(), desk.portfolio.id)
    decisive = standing.decisive
    asks_to_carry = ("chosen" in request.args or not found.begun) and not standing.is_closed
    return page(
        "overview",
        desk.here,
        desk.asked,
        portfolio=desk.portfolio,
        overview=found,
        standing=standing,
        case_notices=notices_of(db(), desk.portfolio.id),
        reopened=decisive.reopened if decisive and decisive.state is State.RETURNED else (),
        fitting=fitting(db(), actor, desk.portfolio, desk.here.library) if asks_to_carry else [],
        carried=request.args.get("carried", type=int),
        wanted=_wanted_level(desk),
        script={
            "slot": live.slot if live else "",
            "instrument": f"portfolio-{desk.portfolio.public_id}",
            "task": url_for(".task", portfolio=desk.portfolio.public_id, code="0.00"),
            "marks": {code: text_mark(one.text) for code, one in accounts.items()},
        },
    )


def _wanted_level(desk: Desk) -> str:
    """The title of the portfolio that the course asks for, where it is another one."""
    wanted = desk.here.library.get(desk.here.place.set_up.instrument)
    is_other = wanted in portfolios_in(desk.here.library) and wanted is not desk.asked
    return wanted.title if wanted and is_other else ""


def _preview(here: Here) -> str:
    """What learners are asked: of the placement's level, else of the first."""
    portfolios = portfolios_in(here.library)
    asked = next((p for p in portfolios if p.id == here.place.set_up.instrument), portfolios[0])
    return page("preview", here, asked, scope=scope_of(here.place, asked))

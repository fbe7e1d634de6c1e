"""How the views of this room begin: where they stand, and which portfolio and task are meant."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, render_template, request

from lti_tool.competencies.models import Domain, Instrument, Kind
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.queries import PortfolioView, portfolio_of
from lti_tool.portfolios.services import Task
from lti_tool.web.requests import db

blueprint = Blueprint("portfolios", __name__, url_prefix="/at/<slot>/p/<placement>/portfolio")
PLACE = ("slot", "placement", "portfolio", "code")


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, object]) -> None:
    """Fills slot, placement, portfolio and task from the address of this request."""
    here = request.view_args or {}
    for name in PLACE:
        if name in here:
            values.setdefault(name, here[name])


class Here(NamedTuple):
    """Where a page stands: who, in which placement, with which instruments."""

    actor: Actor
    place: PlacementView
    library: Mapping[str, Instrument]


class Desk(NamedTuple):
    """A portfolio that is open: where, whose and what it asks for."""

    here: Here
    portfolio: PortfolioView
    asked: Instrument
    scope: tuple[Domain, ...]


def open_place(actor: Actor, placement: str) -> Here:
    """Returns where a page stands; raises `NotFound` outside the course."""
    place = placement_for(db(), actor, placement)
    return Here(actor, place, instruments_for(db(), actor.organisation_id))


def open_portfolio(actor: Actor, placement: str, portfolio: str) -> Desk:
    """Returns a portfolio of the actor; raises `NotFound` for any other."""
    here = open_place(actor, placement)
    return desk_of(here, portfolio_of(db(), actor, portfolio))


def desk_of(here: Here, portfolio: PortfolioView) -> Desk:
    """Returns an open portfolio; raises `NotFound` where its instrument is no longer there."""
    asked = here.library.get(portfolio.instrument)
    if asked is None:
        raise NotFound(
            N_("This tool no longer holds the framework of this portfolio."),
            code="instrument-unknown",
            advice=N_("What you wrote is kept, and stands in “Everything about you”."),
        )
    return Desk(here, portfolio, asked, scope_of(here.place, asked))


def scope_of(place: PlacementView, asked: Instrument) -> tuple[Domain, ...]:
    """Returns the domains that a placement asks for; of another level than its own, all."""
    is_its_own = place.set_up.instrument == asked.id
    return asked.scope(place.set_up.domains) if is_its_own else asked.domains


def task_of(desk: Desk, code: str) -> Task:
    """Returns a task of a portfolio; raises `NotFound` for a code that it does not have."""
    if code not in desk.asked.by_code:
        raise NotFound(N_("This portfolio has no such task."), code="code-unknown")
    return Task(desk.portfolio, desk.asked, code)


def page(
    view: str,
    here: Here,
    asked: Instrument | None,
    *,
    folder: str = "portfolios",
    **context: object,
) -> str:
    """Returns a page of this room, from the folder of templates of one of its packages."""
    wanted = here.library.get(here.place.set_up.instrument)
    return render_template(
        f"{folder}/{view}.html",
        actor=here.actor,
        placement=here.place,
        instrument=asked,
        in_portfolio=True,
        asks_portfolio=wanted is not None and wanted.kind is Kind.PORTFOLIO,
        **context,
    )

"""How the views of handing in begin: where they stand, and which submission is meant."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, request
from flask_babel import gettext as _
from markupsafe import Markup

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.codes import grouped
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.formatting import formatted
from lti_tool.portfolios.opening import Desk, open_portfolio
from lti_tool.portfolios.opening import page as page_of_portfolio
from lti_tool.portfolios.submitting.queries import submission_of
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.portfolios.submitting.services import HandIn
from lti_tool.web.requests import db
from lti_tool.web.text import day

blueprint = Blueprint("submitting", __name__, url_prefix="/at/<slot>/p/<placement>/portfolio")
blueprint.add_app_template_filter(formatted, "account_html")
blueprint.add_app_template_filter(grouped, "grouped_code")
_PLACE = ("slot", "placement", "portfolio", "submission")


@blueprint.app_template_filter("frozen_day")
def frozen_day(written: str) -> Markup:
    """Returns the day of a moment that was frozen as text."""
    return day(datetime.fromisoformat(written))


@blueprint.app_template_global("submission_words")
def state_words(state: State) -> str:
    """Returns how a submission stands, in a few words."""
    words = {
        State.SUBMITTED: _("Handed in, waiting for an assessor"),
        State.WITHDRAWN: _("Taken back"),
        State.IN_REVIEW: _("Being read"),
        State.RETURNED: _("More evidence is wanted"),
        State.RECOGNISED: _("Recognised"),
        State.NOT_RECOGNISED: _("Not recognised"),
    }
    return str(words[state])


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, object]) -> None:
    """Fills slot, placement, portfolio and submission from the address of this request."""
    here = request.view_args or {}
    for name in _PLACE:
        if name in here:
            values.setdefault(name, here[name])


class Handed(NamedTuple):
    """A submission that is open to its owner, with its portfolio."""

    desk: Desk
    submission: SubmissionView


def open_submission(actor: Actor, placement: str, portfolio: str, submission: str) -> Handed:
    """Returns a submission of a portfolio of the actor's; raises `NotFound` for any other."""
    desk = open_portfolio(actor, placement, portfolio)
    found = submission_of(db(), actor, submission)
    if found.portfolio_id != desk.portfolio.id:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return Handed(desk, found)


def handing_in(desk: Desk, fee_reference: str = "") -> HandIn:
    """Returns what would be handed in: the whole portfolio, whatever the placement asks for."""
    return HandIn(desk.portfolio, desk.asked, desk.here.place, fee_reference)


def page(view: str, desk: Desk, **context: Any) -> str:
    """Returns a page of this room."""
    facts = {"portfolio": desk.portfolio} | context
    return page_of_portfolio(view, desk.here, desk.asked, folder="submitting", **facts)

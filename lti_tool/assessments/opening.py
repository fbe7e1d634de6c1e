"""How the views of this room begin: the placement of the address and what it asks for."""

from zoneinfo import ZoneInfo

from lti_tool.assessments.pages import asked_for, is_portfolio
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.web.requests import db, runtime


def open_placement(actor: Actor, placement: str) -> tuple[PlacementView, Instrument]:
    """Returns the placement of an address with its self-assessment; raises `NotFound`."""
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    asked = asked_for(instruments, place.set_up.instrument)
    if is_portfolio(instruments, place.set_up.instrument):
        raise NotFound(
            N_("This page belongs to a self-assessment, and this activity is a portfolio."),
            code="not-a-self-assessment",
            advice=N_("Go to the start of this activity, and on from there."),
        )
    if asked is None:
        raise NotFound(
            N_("This activity is not set up yet."),
            code="not-set-up",
            advice=N_("Your tutor chooses what it asks for. Open it again from your course later."),
        )
    return place, asked


def zone() -> ZoneInfo:
    """Returns the time zone of the installation: its days begin and end there."""
    return ZoneInfo(runtime().settings.timezone)

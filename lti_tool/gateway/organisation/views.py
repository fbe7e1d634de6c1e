"""An organisation's connections: is everything connected, and what mends what is not?"""

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.assessments.addresses import stay_here
from lti_tool.courses.queries import placement_for
from lti_tool.gateway.organisation.asking import ask_for_test
from lti_tool.gateway.organisation.findings import TITLES
from lti_tool.gateway.organisation.pages import (
    facts_of,
    is_late,
    number_of,
    page,
    settings_page,
    spoken,
)
from lti_tool.gateway.organisation.queries import connection_of, connections_of
from lti_tool.gateway.organisation.rules import TestState
from lti_tool.gateway.organisation.services import open_settings
from lti_tool.kernel.actor import Actor
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db

blueprint = Blueprint("connections", __name__, url_prefix="/at/<slot>/p/<placement>/connections")
blueprint.url_defaults(stay_here)


@blueprint.get("")
@administrator
def overview(actor: Actor, placement: str) -> ResponseReturnValue:
    """Which LMSs are connected, and does anything need me?"""
    place = placement_for(db(), actor, placement)
    found = connections_of(db(), actor.organisation_id)
    return page("connections", actor, place, connections=found, own=place.registration_id)


@blueprint.get("/<registration>")
@administrator
def connection(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """One connection: what works, what does not, and its settings."""
    place = placement_for(db(), actor, placement)
    found = connection_of(db(), actor.organisation_id, number_of(registration))
    return settings_page(actor, place, found)


@blueprint.post("/<registration>/test")
@administrator
def test(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Asks for a test; while one is under way, that one answers."""
    placement_for(db(), actor, placement)
    settings = open_settings(db(), actor, number_of(registration))
    ask_for_test(settings)
    return redirect(url_for(".connection", registration=registration, _anchor="test"), 303)


@blueprint.get("/<registration>/test")
@administrator
def tested(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """How the test stands, for the page's script."""
    placement_for(db(), actor, placement)
    found = connection_of(db(), actor.organisation_id, number_of(registration))
    html = render_template(
        "gateway/organisation/_test.html",
        connection=found,
        facts=facts_of(found),
        is_late=is_late(found.test),
        spoken=spoken,
        step_titles=TITLES,
    )
    said = ""
    if found.test.state is TestState.DONE:
        said = (
            _("The test has ended: there is something to mend.")
            if found.test.has_failed
            else _("The test has ended: all is well.")
        )
    services = render_template("gateway/organisation/_services.html", connection=found)
    return jsonify(state=found.test.state.value, html=html, services=services, said=said)

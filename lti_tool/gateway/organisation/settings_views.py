"""The forms of a connection's page: name, policy, deployments, on and off, grades, undo."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import row_number, stay_here
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.gateway.organisation.connections import Connection, DeploymentView
from lti_tool.gateway.organisation.pages import is_own_way, number_of, page, settings_page
from lti_tool.gateway.organisation.queries import connection_of, people_signed_in
from lti_tool.gateway.organisation.rules import must_tick
from lti_tool.gateway.organisation.services import (
    Settings,
    decide,
    deployment_unknown,
    open_settings,
    rename,
    resend,
    set_policy,
    switch,
)
from lti_tool.gateway.organisation.services import undo as take_back
from lti_tool.gateway.rules import DeploymentPolicy, DeploymentStatus, RegistrationStatus
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, ImhcfError, InvalidInput
from lti_tool.kernel.text import N_
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db

blueprint = Blueprint(
    "connection_settings",
    __name__,
    url_prefix="/at/<slot>/p/<placement>/connections/<registration>",
)
blueprint.url_defaults(stay_here)


@blueprint.post("/name")
@administrator
def name(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Stores what the organisation calls this connection."""
    place, settings = _open(actor, placement, registration)
    typed = request.form.get("name", "")
    try:
        return _done(settings, rename(settings, typed))
    except InvalidInput as error:
        found = connection_of(db(), actor.organisation_id, settings.row.id)
        return settings_page(actor, place, found, error, typed_name=typed), 400


@blueprint.post("/policy")
@administrator
def policy(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Stores whether deployments that come for the first time are let in."""
    _place, settings = _open(actor, placement, registration)
    try:
        chosen = DeploymentPolicy(request.form.get("policy", ""))
    except ValueError:
        raise InvalidInput(
            N_("What was sent does not say what happens to new deployments."),
            code="policy-missing",
        ) from None
    return _done(settings, set_policy(settings, chosen))


@blueprint.post("/accept")
@administrator
def accept(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Lets launches of a deployment in."""
    _place, settings = _open(actor, placement, registration)
    number = _deployment_number(request.form.get("deployment", ""))
    return _done(settings, decide(settings, number, DeploymentStatus.ACCEPTED))


@blueprint.post("/on")
@administrator
def on(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Lets people in through this connection again."""
    _place, settings = _open(actor, placement, registration)
    return _done(settings, switch(settings, RegistrationStatus.ACTIVE))


@blueprint.get("/off")
@administrator
def ask_off(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """What happens when this connection, or one deployment of it, is shut?"""
    place = placement_for(db(), actor, placement)
    found = connection_of(db(), actor.organisation_id, number_of(registration))
    return _off_page(actor, place, found, _chosen(found, request.args.get("deployment")))


@blueprint.post("/off")
@administrator
def off(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Shuts it; whoever shuts the door that they came through must say that they know."""
    place, settings = _open(actor, placement, registration)
    found = connection_of(db(), actor.organisation_id, settings.row.id)
    chosen = _chosen(found, request.form.get("deployment"))
    is_own = is_own_way(actor, place, found.id, chosen.deployment if chosen else None)
    if is_own and not request.form.get("understood"):
        return _off_page(actor, place, found, chosen, must_tick()), 400
    if chosen:
        change = decide(settings, chosen.id, DeploymentStatus.REFUSED)
    else:
        change = switch(settings, RegistrationStatus.DISABLED)
    if not is_own:
        return _done(settings, change)
    # The session has ended with the others: no page of this slot opens any more.
    command = f"imhcf platform enable {found.id}"
    if chosen:
        command = f"imhcf platform approve {found.id} --deployment {chosen.deployment}"
    return render_template(
        "gateway/organisation/shut.html", connection=found, deployment=chosen, command=command
    )


@blueprint.post("/grades")
@administrator
def grades(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Sends the grades again that failed."""
    _place, settings = _open(actor, placement, registration)
    return _done(settings, resend(settings))


@blueprint.post("/undo")
@administrator
def undo(actor: Actor, placement: str, registration: str) -> ResponseReturnValue:
    """Takes one change back, unless it was changed again since."""
    place, settings = _open(actor, placement, registration)
    try:
        number = row_number(request.form.get("change", ""))
    except ValueError:
        raise InvalidInput(
            N_("What was sent does not say which change."), code="change-missing"
        ) from None
    try:
        return _done(settings, take_back(settings, number))
    except Conflict as error:
        found = connection_of(db(), actor.organisation_id, settings.row.id)
        return settings_page(actor, place, found, error), 409


def _open(actor: Actor, placement: str, registration: str) -> tuple[PlacementView, Settings]:
    place = placement_for(db(), actor, placement)
    return place, open_settings(db(), actor, number_of(registration))


def _done(settings: Settings, change: int | None) -> ResponseReturnValue:
    address = url_for(
        "connections.connection", registration=settings.row.id, done=change or "nothing"
    )
    return redirect(address, 303)


def _deployment_number(text: str) -> int:
    try:
        return row_number(text)
    except ValueError:
        raise deployment_unknown() from None


def _chosen(found: Connection, sent: str | None) -> DeploymentView | None:
    """Returns the deployment that is meant, or None for the whole connection."""
    if not sent:
        return None
    chosen = found.deployment(_deployment_number(sent))
    if chosen is None:
        raise deployment_unknown()
    return chosen


def _off_page(
    actor: Actor,
    place: PlacementView,
    found: Connection,
    chosen: DeploymentView | None,
    problem: ImhcfError | None = None,
) -> str:
    name = chosen.deployment if chosen else None
    return page(
        "off",
        actor,
        place,
        connection=found,
        deployment=chosen,
        traffic=(chosen or found).traffic,
        signed_in=people_signed_in(db(), found.id, name),
        is_own=is_own_way(actor, place, found.id, name),
        problem=problem,
    )

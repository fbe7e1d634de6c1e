"""Appointments: who assesses here, at which levels, how much, and whom they must not read."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict
from lti_tool.reviews.assessors.queries import (
    MOST_FOUND,
    assessor_of_organisation,
    assessors_of,
    conflicts_of,
    people_found,
    person_of_organisation,
)
from lti_tool.reviews.assessors.rules import (
    LEVELS,
    Appointment,
    Typed,
    as_typed,
    is_away,
    parse_appointment,
    parse_reason,
)
from lti_tool.reviews.assessors.services import (
    appoint,
    change_appointment,
    declare_conflict,
    end_appointment,
    withdraw_conflict,
)
from lti_tool.reviews.opening import Here, assessors, open_place, page
from lti_tool.reviews.rules import AssessorView
from lti_tool.web.errors import status_of
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db

_USUAL = Appointment((), 5)


@assessors.get("")
@administrator
def listed(actor: Actor, placement: str) -> ResponseReturnValue:
    """Who assesses here, how much have they to do, and whom do I look for?"""
    here = open_place(actor, placement)
    found = assessors_of(db(), actor.organisation_id)
    return page(
        "assessors",
        here,
        assessors=[one for one in found if one.active],
        ended=[one for one in found if not one.active],
        **_search(here),
        by_person={one.person_id: one for one in found},
        is_away=is_away,
        today=clock.now().date(),
        done=request.args.get("done", ""),
    )


@assessors.route("/new", methods=["GET", "POST"])
@administrator
def new(actor: Actor, placement: str) -> ResponseReturnValue:
    """For what shall this person be appointed?"""
    here = open_place(actor, placement)
    person_id = request.values.get("person", "")
    person = person_of_organisation(db(), actor.organisation_id, person_id)
    today = clock.now().date()
    typed, error = as_typed(_USUAL, today), None
    if request.method == "POST":
        typed, wish = parse_appointment(request.form, request.form.getlist("levels"), today)
        if wish is not None:
            try:
                appoint(db(), actor, person_id, wish)
                return redirect(url_for("assessors.listed", done="appointed"), 303)
            except Conflict as refused:
                error = refused
    shown = page(
        "appoint", here, person=person, form=typed, error=error, levels=LEVELS, today=today
    )
    wrong = 400 if typed.problems else 200
    return shown, status_of(error) if error else wrong


@assessors.get("/<assessor>")
@administrator
def one(actor: Actor, placement: str, assessor: str) -> ResponseReturnValue:
    """For what is this person appointed, and whom must they not read?"""
    here, found = _open(actor, placement, assessor)
    return _one_page(here, found)


@assessors.post("/<assessor>")
@administrator
def change(actor: Actor, placement: str, assessor: str) -> ResponseReturnValue:
    """Changes an appointment."""
    here, found = _open(actor, placement, assessor)
    today = clock.now().date()
    typed, wish = parse_appointment(request.form, request.form.getlist("levels"), today)
    if wish is None:
        return _one_page(here, found, form=typed), 400
    try:
        change_appointment(db(), actor, found, wish)
    except Conflict as error:
        return _one_page(here, found, form=typed, error=error), status_of(error)
    return redirect(url_for("assessors.one", assessor=assessor, done="changed"), 303)


@assessors.post("/<assessor>/end")
@administrator
def end(actor: Actor, placement: str, assessor: str) -> ResponseReturnValue:
    """Ends an appointment; what is open goes to others."""
    _here, found = _open(actor, placement, assessor)
    end_appointment(db(), actor, found)
    return redirect(url_for("assessors.listed", done="ended"), 303)


@assessors.post("/<assessor>/conflicts")
@administrator
def declare(actor: Actor, placement: str, assessor: str) -> ResponseReturnValue:
    """Declares a conflict of interest for an assessor."""
    here, found = _open(actor, placement, assessor)
    person = request.form.get("person", "")
    reason, problem = parse_reason(request.form.get("reason", ""))
    if problem:
        shown = _one_page(here, found, person=person, reason=reason, problem=problem)
        return shown, 400
    declare_conflict(db(), actor, found, person, reason)
    return redirect(url_for("assessors.one", assessor=assessor, done="declared"), 303)


@assessors.post("/<assessor>/conflicts/<conflict>/withdraw")
@administrator
def withdraw(actor: Actor, placement: str, assessor: str, conflict: str) -> ResponseReturnValue:
    """Takes a declared conflict back."""
    _here, found = _open(actor, placement, assessor)
    withdraw_conflict(db(), actor, found, conflict)
    return redirect(url_for("assessors.one", assessor=assessor, done="withdrawn"), 303)


def _open(actor: Actor, placement: str, assessor: str) -> tuple[Here, AssessorView]:
    here = open_place(actor, placement)
    return here, assessor_of_organisation(db(), actor.organisation_id, assessor)


def _one_page(
    here: Here,
    found: AssessorView,
    *,
    form: Typed | None = None,
    error: Conflict | None = None,
    person: str = "",
    reason: str = "",
    problem: str = "",
) -> str:
    today = clock.now().date()
    as_it_stands = Appointment(found.levels, found.capacity, found.moderates, found.away_until)
    person = person or request.args.get("person", "")
    organisation = here.actor.organisation_id
    return page(
        "assessor",
        here,
        assessor=found,
        form=form or as_typed(as_it_stands, today),
        error=error,
        levels=LEVELS,
        today=today,
        conflicts=conflicts_of(db(), found.id),
        **_search(here),
        chosen=person_of_organisation(db(), organisation, person) if person else None,
        reason=reason,
        problem=problem,
        done=request.args.get("done", ""),
    )


def _search(here: Here) -> dict[str, Any]:
    words = " ".join(request.args.get("name", "").replace("\0", "").split())[:100]
    found = people_found(db(), here.actor.organisation_id, words) if words else []
    return {"words": words, "found": found[:MOST_FOUND], "has_more": len(found) > MOST_FOUND}

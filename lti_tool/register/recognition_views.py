"""My recognition: my entries, who sees them, the certificate, the credential, the renewal."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.codes import grouped
from lti_tool.kernel.errors import Conflict, NotFound
from lti_tool.kernel.text import N_
from lti_tool.register.public_views import today
from lti_tool.register.qr import qr_picture
from lti_tool.register.queries import (
    EntryView,
    entries_of_person,
    events_of,
    newest_credential,
    own_entry,
    terms_of,
)
from lti_tool.register.rules import (
    LONGEST_NAME,
    LONGEST_PLACE,
    State,
    Terms,
    Typed,
    has_enough,
    parse_showing,
    reminder_day,
)
from lti_tool.register.services import ask_renewal, show
from lti_tool.register.wording import ACTS, AUTHORS, STANDINGS
from lti_tool.storage.rules import content_disposition
from lti_tool.training.plans.queries import records_of
from lti_tool.web.guards import participant
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("recognition", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


@blueprint.get("/recognition")
@participant
def mine(actor: Actor, placement: str) -> ResponseReturnValue:
    """Am I on the register, who can see it, until when?"""
    return _page(actor, placement)


@blueprint.post("/recognition/<recognition>")
@participant
def change(actor: Actor, placement: str, recognition: str) -> ResponseReturnValue:
    """Shows or hides the entry, under the name and in the place that its owner wants."""
    placement_for(db(), actor, placement)
    own_entry(db(), actor, recognition)
    typed, showing = parse_showing(request.form)
    if showing is None:
        return _page(actor, placement, typed={recognition: typed}), 400
    show(db(), actor, recognition, showing)
    return _back(recognition, "changed")


@blueprint.post("/recognition/<recognition>/renewal")
@participant
def renewal(actor: Actor, placement: str, recognition: str) -> ResponseReturnValue:
    """Asks the organisation for renewal, with the hours of training since."""
    placement_for(db(), actor, placement)
    found = own_entry(db(), actor, recognition)
    taken = training_since(db(), actor, found)
    ask_renewal(db(), actor, recognition, taken, today=today())
    return _back(recognition, "asked")


@blueprint.get("/recognition/<recognition>/credential.jwt")
@participant
def credential(actor: Actor, placement: str, recognition: str) -> ResponseReturnValue:
    """The Open Badges 3.0 credential, as it was signed."""
    placement_for(db(), actor, placement)
    found = own_entry(db(), actor, recognition)
    if found.state is State.SUSPENDED:
        raise Conflict(
            N_("Your entry is suspended, and its badge with it."),
            code="entry-suspended",
            advice=N_("Your recognition page says why, and who can restore it."),
        )
    newest = newest_credential(db(), found.id)
    if newest is None:
        raise NotFound(
            N_("No badge was issued for this entry: it had ended when it was added."),
            code="credential-unknown",
            advice=N_("A renewal brings a badge."),
        )
    response = Response(newest.signed, mimetype="application/vc+jwt")
    name = f"imh-recognition-level-{found.level}.jwt"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


def training_since(session: Session, actor: Actor, entry: EntryView) -> tuple[int, int]:
    """Returns how many trainings ended since the last recognition, and their quarter hours."""
    since = entry.renewed_on or entry.recognised_on
    taken = [one for one in records_of(session, actor.person_id) if one.ended_on > since]
    return len(taken), sum(one.quarter_hours for one in taken)


def _page(actor: Actor, placement: str, *, typed: dict[str, Typed] | None = None) -> str:
    place = placement_for(db(), actor, placement)
    found = instruments_for(db(), actor.organisation_id)
    terms = terms_of(db(), actor.organisation_id)
    entries = entries_of_person(db(), actor)
    return render_template(
        "register/mine.html",
        actor=actor,
        placement=place,
        instrument=asked_for(found, place.set_up.instrument),
        cards=[_card(actor, entry, terms, (typed or {}).get(entry.public_id)) for entry in entries],
        terms=terms,
        standings=STANDINGS,
        acts=ACTS,
        authors=AUTHORS,
        longest_name=LONGEST_NAME,
        longest_place=LONGEST_PLACE,
        done=request.args.get("done", ""),
        about=request.args.get("about", ""),
    )


def _card(actor: Actor, entry: EntryView, terms: Terms, typed: Typed | None) -> dict[str, Any]:
    address = runtime().settings.base_url + url_for("register.verify", code=entry.code)
    count, quarter_hours = training_since(db(), actor, entry)
    opens = reminder_day(entry.valid_until, terms.remind_months)
    on: date = today()
    return {
        "entry": entry,
        "standing": entry.standing(on),
        "form": typed or _as_typed(entry),
        "address": address,
        "code": grouped(entry.code),
        "qr": qr_picture(address),
        "has_badge": newest_credential(db(), entry.id) is not None,
        "opens": opens,
        "is_due": on >= opens,
        "trainings": count,
        "hours": Decimal(quarter_hours) / 4,
        "is_enough": has_enough(quarter_hours, count, terms),
        "events": events_of(db(), entry.id),
    }


def _as_typed(entry: EntryView) -> Typed:
    shown = "yes" if entry.shown else "no"
    return Typed({"name": entry.name, "place": entry.place, "shown": shown})


def _back(recognition: str, done: str) -> ResponseReturnValue:
    anchor = f"entry-{recognition}"
    return redirect(url_for(".mine", done=done, about=recognition, _anchor=anchor), 303)

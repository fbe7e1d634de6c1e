"""The provider's pages of the catalogue: its list, what is done to an offer, gaps left over."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import placement_for
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import InvalidInput, NotFound
from lti_tool.kernel.text import N_
from lti_tool.training.offers.counting import unserved_in_course, unserved_in_organisation
from lti_tool.training.offers.decisions import move_offer, show_offer, undo_decision
from lti_tool.training.offers.links import links_checked
from lti_tool.training.offers.listing import listing, rule_facts
from lti_tool.training.offers.managing import own_facts, own_facts_of, version_of
from lti_tool.training.offers.offer_forms import terms_for
from lti_tool.training.offers.queries import all_offers, offer_by_key
from lti_tool.training.offers.rules import SHIPPED
from lti_tool.training.offers.services import archive_offer, restore_offer, undo_change
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db

blueprint = Blueprint("catalogue", __name__, url_prefix="/at/<slot>/p/<placement>/catalogue")
blueprint.url_defaults(stay_here)

# What undoes each act.
UNDO = {
    "hide": "show",
    "show": "hide",
    "archive": "restore",
    "restore": "archive",
    "up": "down",
    "down": "up",
    "added": "archive",
    "saved": "revert",
    "revert": "revert",
}


@blueprint.get("")
@tutor
def offers(actor: Actor, placement: str) -> ResponseReturnValue:
    """What do my learners find here, in which order, and what is out of date?"""
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    shared, own = all_offers(db(), actor.organisation_id), own_facts(db(), actor)
    addresses = {offer.address for offer in (*shared, *(one.offer for one in own))}
    shown = listing(
        shared,
        own,
        links_checked(db(), addresses),
        today=clock.now().date(),
        course_id=actor.course_id,
        manages_all=actor.is_administrator,
    )
    done = request.args.get("did", "")
    key = request.args.get("offer", "")
    return render_template(
        "training/catalogue.html",
        actor=actor,
        placement=place,
        instrument=asked_for(instruments, place.set_up.instrument),
        tutor_page=True,
        listing=shown,
        done=done if done in {*UNDO, "imported"} else "",
        undo=UNDO.get(done),
        touched=offer_by_key(db(), actor.organisation_id, key) if key else None,
        version=version_of(db(), actor, key),
        rule_facts=lambda rule: rule_facts(rule, instruments),
    )


@blueprint.post("/offers/<offer>/act")
@tutor
def act(actor: Actor, placement: str, offer: str) -> ResponseReturnValue:
    """Hides, shows, moves, archives or brings back one offer; the list then offers to undo it."""
    placement_for(db(), actor, placement)
    wanted = request.form.get("act", "")
    match wanted:
        case "hide" | "show":
            show_offer(db(), actor, offer, shown=wanted == "show")
        case "up" | "down":
            move_offer(db(), actor, offer, steps=-1 if wanted == "up" else 1)
        case "archive":
            archive_offer(db(), actor, offer)
        case "restore":
            restore_offer(db(), actor, offer)
        case "revert":
            _undo_edit(actor, offer)
        case _:
            raise InvalidInput(N_("The form came back damaged."), code="act-unknown")
    anchor = offer.replace(":", "-")
    where = f"offer-{anchor}" if wanted in {"up", "down"} else "done"
    return redirect(url_for(".offers", did=wanted, offer=offer, _anchor=where), 303)


def _undo_edit(actor: Actor, key: str) -> None:
    seen = request.form.get("version", default=-1, type=int)
    if key.startswith(SHIPPED):
        undo_decision(db(), actor, key, seen_version=seen)
        return
    course_id = own_facts_of(db(), actor, key).offer.course_id
    undo_change(db(), actor, key, terms=terms_for(actor, course_id), seen_version=seen)


@blueprint.get("/gaps")
@tutor
def unserved(actor: Actor, placement: str) -> ResponseReturnValue:
    """Which gaps does nothing serve, and how many people have them?"""
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    asked = asked_for(instruments, place.set_up.instrument)
    if asked is None:
        raise NotFound(
            N_("This activity is not set up yet."),
            code="not-set-up",
            advice=N_("Open its course page and set it up first."),
        )
    everywhere = actor.is_administrator
    return render_template(
        "training/unserved.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=True,
        in_course=unserved_in_course(db(), actor, place, asked),
        in_organisation=unserved_in_organisation(db(), actor, asked) if everywhere else None,
    )

"""A learner's shared links: the list, making, changing, withdrawing."""

from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.opening import open_placement
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.exports.sharing.content import Reading, reading_of
from lti_tool.exports.sharing.queries import LinkView, SharedView, link_of, links_of, sharer
from lti_tool.exports.sharing.rules import (
    LONGEST_LABEL,
    Part,
    Terms,
    TypedTerms,
    as_typed,
    parse_day,
    parse_terms,
    today_in,
    usual_terms,
)
from lti_tool.exports.sharing.services import change_link, make_link, token_of, withdraw_link
from lti_tool.exports.sharing.wording import CHANGE_WORDS, HINTS, NAMES
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.web.guards import learner
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("sharing", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


@blueprint.get("/sharing")
@learner
def links(actor: Actor, placement: str) -> ResponseReturnValue:
    """Who can see my plan now, and who has looked?"""
    place, asked = _here(actor, placement)
    found = links_of(db(), actor, _today())
    return _page(
        "links",
        actor,
        place,
        asked,
        links=found,
        addresses={link.public_id: _address_of(link) for link in found},
        made=request.args.get("made", ""),
        done=request.args.get("done", ""),
    )


@blueprint.route("/sharing/new", methods=["GET", "POST"])
@learner
def new_link(actor: Actor, placement: str) -> ResponseReturnValue:
    """What shall they see, and until when? Shown first as the reader will see it."""
    place, asked = open_placement(actor, placement)
    here = (place.id, asked.id)
    if request.method == "GET":
        return _form(actor, place, asked, here, usual_terms(_today()))
    typed, terms = _typed()
    if terms is None or not _is_agreed(terms):
        return _form(actor, place, asked, here, typed)
    made = make_link(db(), actor, runtime().secrets, place, terms)
    return redirect(url_for(".links", made=made), 303)


@blueprint.route("/sharing/<link>", methods=["GET", "POST"])
@learner
def link(actor: Actor, placement: str, link: str) -> ResponseReturnValue:
    """Changes a link: what it shows, its last day, its name."""
    place, asked = _here(actor, placement)
    found = link_of(db(), actor, link, _today())
    there = (found.placement_id, found.instrument)
    if request.method == "GET":
        return _form(actor, place, asked, there, as_typed(found.terms), link=found)
    typed, terms = _typed()
    if terms is None or not _is_agreed(terms):
        return _form(actor, place, asked, there, typed, link=found)
    change_link(db(), actor, link, terms, today=_today())
    return redirect(url_for(".links", done="changed") + f"#link-{link}", 303)


@blueprint.route("/sharing/<link>/withdraw", methods=["GET", "POST"])
@learner
def withdraw(actor: Actor, placement: str, link: str) -> ResponseReturnValue:
    """Asks in words, since a withdrawn link never opens again; then closes it at once."""
    place, asked = _here(actor, placement)
    found = link_of(db(), actor, link, _today())
    if request.method == "GET":
        return _page("withdraw", actor, place, asked, link=found)
    withdraw_link(db(), actor, link, today=_today())
    return redirect(url_for(".links", done="withdrawn"), 303)


def _here(actor: Actor, placement: str) -> tuple[PlacementView, Instrument | None]:
    place = placement_for(db(), actor, placement)
    found = instruments_for(db(), actor.organisation_id)
    return place, asked_for(found, place.set_up.instrument)


def _today() -> date:
    return today_in(runtime().settings.timezone, clock.now())


def _typed() -> tuple[TypedTerms, Terms | None]:
    form = request.form
    return parse_terms(
        form.get("label", ""), form.getlist("parts"), form.get("ends_on", ""), _today()
    )


def _is_agreed(terms: Terms) -> bool:
    """Says whether the link shall be made, and shows just what the preview on the page showed."""
    previewed = request.form.get("previewed", "").split()
    return "save" in request.form and previewed == [part.value for part in terms.parts]


def _form(
    actor: Actor,
    place: PlacementView,
    asked: Instrument | None,
    of: tuple[int, str],
    typed: TypedTerms,
    *,
    link: LinkView | None = None,
) -> ResponseReturnValue:
    page = _page(
        "form",
        actor,
        place,
        asked,
        form=typed,
        link=link,
        parts=list(Part),
        hints=HINTS,
        longest=LONGEST_LABEL,
        reading=_preview(actor, of, typed),
        # The parts of the preview were not those that were ticked when "make" was pressed.
        is_news="save" in request.form and not typed.problems,
    )
    return page, 400 if typed.problems else 200


def _preview(actor: Actor, of: tuple[int, str], typed: TypedTerms) -> Reading | None:
    """The reader's page for what is ticked, or nothing while the ticks make no page."""
    if "parts" in typed.problems:
        return None
    name, organisation = sharer(db(), actor)
    return reading_of(
        db(),
        SharedView(
            id=0,
            person_id=actor.person_id,
            person_name=name,
            organisation_id=actor.organisation_id,
            organisation_name=organisation,
            placement_id=of[0],
            instrument=of[1],
            parts=frozenset(typed.parts),
            ends_on=parse_day(typed.ends_on) or _today(),
        ),
    )


def _address_of(link: LinkView) -> str | None:
    """The link to copy, or None where it can no longer be shown."""
    token = token_of(runtime().secrets, link.token_sealed)
    if token is None:
        return None
    return runtime().settings.base_url + url_for("shared.plan", token=token)


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument | None, **context: Any
) -> str:
    return render_template(
        f"sharing/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        names=NAMES,
        words=CHANGE_WORDS,
        now=clock.now(),
        **context,
    )

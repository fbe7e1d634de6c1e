"""The administrator's pages on wording: what people read, one statement corrected, its history."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.models import Competency, Instrument
from lti_tool.competencies.queries import instrument as shipped
from lti_tool.competencies.queries import instrument_for, instruments_for
from lti_tool.competencies.wordings.queries import edition_of, history_of
from lti_tool.competencies.wordings.rules import Spoken, spoken
from lti_tool.competencies.wordings.services import ReworkedMeanwhile, Wish, correct, go_back
from lti_tool.competencies.wordings.typed import (
    LONGEST_PART,
    Typed,
    as_typed,
    parts_for,
    read,
    typed_in,
)
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.dashboards.wording_pages import counts_of, names_of
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotFound, TooLarge
from lti_tool.kernel.text import N_
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db

blueprint = Blueprint("wordings", __name__, url_prefix="/at/<slot>/p/<placement>/wording")
blueprint.url_defaults(stay_here)

_HIGHEST_EDITION = 2**31 - 1


@blueprint.get("")
@administrator
def wording(actor: Actor, placement: str) -> ResponseReturnValue:
    """Which words do our people read, and in which version?"""
    place = placement_for(db(), actor, placement)
    found = instruments_for(db(), actor.organisation_id)
    lines = [(one, counts_of(one)) for one in found.values()]
    return _page("wording", actor, place, lines=lines)


@blueprint.get("/<instrument>")
@administrator
def instrument(actor: Actor, placement: str, instrument: str) -> ResponseReturnValue:
    """Every statement of an instrument: whose words it is in, and the way to correct it."""
    place = placement_for(db(), actor, placement)
    shown = instrument_for(db(), actor.organisation_id, instrument)
    return _page("wording_instrument", actor, place, shown=shown, counts=counts_of(shown))


@blueprint.get("/<instrument>/<code>")
@administrator
def statement(actor: Actor, placement: str, instrument: str, code: str) -> ResponseReturnValue:
    """One statement, to be read, corrected or put back."""
    place = placement_for(db(), actor, placement)
    shown, competency = _statement(actor, instrument, code)
    seen = edition_of(db(), actor.organisation_id, instrument, code)
    return _form(actor, place, shown, competency, as_typed(competency, seen))


@blueprint.post("/<instrument>/<code>")
@administrator
def rework(actor: Actor, placement: str, instrument: str, code: str) -> ResponseReturnValue:
    """Shows the words that were typed beside the present ones, or stores them as a new edition."""
    place = placement_for(db(), actor, placement)
    shown, competency = _statement(actor, instrument, code)
    typed = typed_in(request.form)
    found = read(typed, shown.kind)
    if found.words is None:
        too_large = any(isinstance(one, TooLarge) for one in found.problems.values())
        page = _form(actor, place, shown, competency, typed, problems=found.problems)
        return page, 413 if too_large else 400
    wish = Wish(instrument, code, found.wording, found.words)
    if "preview" in request.form:
        after = spoken(competency, Spoken(found.wording, found.words, typed.seen))
        return _form(actor, place, shown, competency, typed, after=after)
    try:
        made = correct(db(), actor, wish, seen=typed.seen, sentence=typed.reason)
    except ReworkedMeanwhile as error:
        return _conflict(actor, place, shown, competency, typed, error)
    return redirect(url_for(".statement", instrument=instrument, code=code, saved=_said(made)), 303)


@blueprint.post("/<instrument>/<code>/back")
@administrator
def back(actor: Actor, placement: str, instrument: str, code: str) -> ResponseReturnValue:
    """Puts a statement back to an earlier edition, or to this tool's own words."""
    place = placement_for(db(), actor, placement)
    shown, competency = _statement(actor, instrument, code)
    typed = typed_in(request.form)
    edition = request.form.get("edition", "", type=str)
    if not (edition.isascii() and edition.isdigit() and len(edition) < 11):
        raise InvalidInput(N_("What was sent does not say which wording."), code="edition-missing")
    number = min(int(edition), _HIGHEST_EDITION)
    try:
        made = go_back(db(), actor, instrument, code, edition=number, seen=typed.seen)
    except ReworkedMeanwhile as error:
        present = as_typed(competency, typed.seen)
        return _conflict(actor, place, shown, competency, present, error)
    return redirect(url_for(".statement", instrument=instrument, code=code, saved=_said(made)), 303)


def _said(made: object) -> str:
    return "1" if made else "same"


def _statement(actor: Actor, instrument_id: str, code: str) -> tuple[Instrument, Competency]:
    shown = instrument_for(db(), actor.organisation_id, instrument_id)
    if code not in shown.by_code:
        raise NotFound(N_("There is no such competency in this instrument."), code="code-unknown")
    return shown, shown.by_code[code]


def _conflict(
    actor: Actor,
    place: PlacementView,
    shown: Instrument,
    competency: Competency,
    typed: Typed,
    error: ImhcfError,
) -> ResponseReturnValue:
    """Keeps what was typed, shows what it says now, and builds the next save on that."""
    seen = edition_of(db(), actor.organisation_id, shown.id, competency.code)
    shown, competency = _statement(actor, shown.id, competency.code)
    fields = {name: getattr(typed, name) for name in Typed.__dataclass_fields__}
    anew = Typed(**(fields | {"seen": seen}))
    return _form(actor, place, shown, competency, anew, problems={"": error}), 409


def _form(
    actor: Actor,
    place: PlacementView,
    shown: Instrument,
    competency: Competency,
    typed: Typed,
    **context: object,
) -> str:
    history = history_of(db(), actor.organisation_id, shown.id, competency.code)
    people = [said.actor_id for said in history if said.actor_id]
    return _page(
        "wording_statement",
        actor,
        place,
        shown=shown,
        competency=competency,
        ours=shipped(shown.id).by_code[competency.code],
        typed=typed,
        parts=parts_for(shown.kind),
        history=history,
        names=names_of(db(), actor.organisation_id, people) if people else {},
        limit=LONGEST_PART,
        saved=request.args.get("saved", ""),
        **context,
    )


def _page(view: str, actor: Actor, place: PlacementView, **context: object) -> str:
    asked = asked_for(instruments_for(db(), actor.organisation_id), place.set_up.instrument)
    return render_template(
        f"dashboards/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=True,
        **context,
    )

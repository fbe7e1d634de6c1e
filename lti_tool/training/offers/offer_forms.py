"""The provider's forms: an own offer, new or changed, and what is decided about a shipped one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import placement_for
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.text import as_kept
from lti_tool.training.offers.decisions import Decided, decide
from lti_tool.training.offers.fields import split_list
from lti_tool.training.offers.managing import (
    activities_of,
    decision_on,
    own_facts_of,
    shipped_offer,
)
from lti_tool.training.offers.raw import raw_of
from lti_tool.training.offers.rules import SHIPPED, Format
from lti_tool.training.offers.services import add_offer, change_offer, check_scope
from lti_tool.training.offers.terms import Terms, level_name, self_assessments
from lti_tool.training.offers.wishes import (
    RULES,
    Mistake,
    parse_wish,
    text_mistake,
)
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db

blueprint = Blueprint("catalogue_forms", __name__, url_prefix="/at/<slot>/p/<placement>/catalogue")
blueprint.url_defaults(stay_here)

FRESH = {"shown": "yes", "results": "not-started working-towards"}
_HIGHEST_VERSION = 2**31 - 1


@blueprint.get("/new")
@tutor
def new(actor: Actor, placement: str) -> ResponseReturnValue:
    """An empty form for an own offer."""
    typed = FRESH | {"checked": clock.now().date().isoformat()}
    return _own_page(actor, placement, terms_for(actor, actor.course_id), typed)


@blueprint.post("/new")
@tutor
def add(actor: Actor, placement: str) -> ResponseReturnValue:
    """Adds an own offer, or shows the form again with all that was typed."""
    placement_for(db(), actor, placement)
    scope = scope_asked(actor)
    check_scope(actor, scope)
    typed = _typed()
    terms = terms_for(actor, scope)
    wish, mistakes = parse_wish(typed, terms, clock.now().date())
    error: Conflict | None = None
    if wish:
        try:
            key = add_offer(db(), actor, wish, course_id=scope)
            return _done("added", key)
        except Conflict as conflict:
            error = conflict
    shown = terms_for(actor, actor.course_id)
    page = _own_page(actor, placement, shown, typed, mistakes=mistakes, error=error)
    return page, 409 if error else 400


@blueprint.get("/offers/<offer>")
@tutor
def edit(actor: Actor, placement: str, offer: str) -> ResponseReturnValue:
    """One offer, to be changed: an own one whole, a shipped one as far as a provider decides."""
    if offer.startswith(SHIPPED):
        placement_for(db(), actor, placement)
        check_scope(actor, None)
        return _shipped_page(actor, placement, offer, _decided_texts(actor, offer))
    placement_for(db(), actor, placement)
    facts = own_facts_of(db(), actor, offer)
    terms = terms_for(actor, facts.offer.course_id)
    typed = raw_of(facts, terms) | {"version": str(facts.version)}
    return _own_page(actor, placement, terms, typed, key=offer)


@blueprint.post("/offers/<offer>")
@tutor
def save(actor: Actor, placement: str, offer: str) -> ResponseReturnValue:
    """Saves a changed offer, or shows the form again with all that was typed."""
    placement_for(db(), actor, placement)
    if offer.startswith(SHIPPED):
        return _save_decision(actor, placement, offer)
    facts = own_facts_of(db(), actor, offer)
    terms = terms_for(actor, facts.offer.course_id)
    typed = _typed()
    wish, mistakes = parse_wish(typed, terms, clock.now().date())
    error: Conflict | None = None
    if wish:
        try:
            change_offer(db(), actor, offer, wish, seen_version=_version(typed))
            return _done("saved", offer)
        except Conflict as conflict:
            error = conflict
            typed |= {"version": str(facts.version)}
    page = _own_page(actor, placement, terms, typed, key=offer, mistakes=mistakes, error=error)
    return page, 409 if error else 400


def terms_for(actor: Actor, course_id: int | None) -> Terms:
    """Returns what offers of a scope may be tied to; None means the whole organisation."""
    instruments = instruments_for(db(), actor.organisation_id)
    activities = activities_of(db(), course_id) if course_id is not None else {}
    return Terms(self_assessments(instruments), activities)


def scope_asked(actor: Actor) -> int | None:
    """Returns the course that a form or an address names, or None: for everyone.

    What a tutor adds is for their course, whatever is asked.
    """
    if not actor.is_administrator:
        return actor.course_id
    return actor.course_id if request.values.get("scope") == "course" else None


def _save_decision(actor: Actor, placement: str, key: str) -> ResponseReturnValue:
    typed = _typed()
    mistakes = [text_mistake(name, typed.get(name, "")) for name in ("note", "cost", "address")]
    wrong = [mistake for mistake in mistakes if mistake]
    error: Conflict | None = None
    if not wrong:
        texts = {name: typed.get(name, "") for name in ("note", "cost", "address")}
        decided = Decided(essential=typed.get("essential") == "yes", **texts)
        try:
            decide(db(), actor, key, decided, seen_version=_version(typed))
            return _done("saved", key)
        except Conflict as conflict:
            error = conflict
            typed |= {"version": _decided_texts(actor, key)["version"]}
    check_scope(actor, None)
    page = _shipped_page(actor, placement, key, typed, mistakes=wrong, error=error)
    return page, 409 if error else 400


def _decided_texts(actor: Actor, key: str) -> dict[str, str]:
    found = decision_on(db(), actor.organisation_id, key.removeprefix(SHIPPED))
    if found is None:
        return {"version": "0"}
    return {
        "note": found.note,
        "cost": found.cost,
        "address": found.address,
        "essential": "yes" if found.essential else "no",
        "version": str(found.version),
    }


def _typed() -> dict[str, str]:
    """What came, cleaned; what is ticked several times is one list."""
    return {name: as_kept(" ".join(given)) for name, given in request.form.lists()}


def _version(typed: Mapping[str, str]) -> int:
    """The version that the form builds on; a damaged one is no version that there is."""
    text = typed.get("version", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    return number if number <= _HIGHEST_VERSION else -1


def _done(what: str, key: str) -> ResponseReturnValue:
    return redirect(url_for("catalogue.offers", did=what, offer=key, _anchor="done"), 303)


def _own_page(
    actor: Actor, placement: str, terms: Terms, typed: Mapping[str, str], **context: Any
) -> str:
    domains = {
        number: domain.title
        for one in reversed(list(terms.instruments.values()))
        for number, domain in one.by_number.items()
    }
    levels = {level_name(terms.instruments, i): one.title for i, one in terms.instruments.items()}
    own = {
        "terms": terms,
        "levels": levels,
        "domains": dict(sorted(domains.items())),
        "formats": list(Format),
        "suffixes": RULES,
        "key": "",
    }
    return _page("offer_form", actor, placement, typed, own | context)


def _shipped_page(
    actor: Actor, placement: str, key: str, typed: Mapping[str, str], **context: Any
) -> str:
    return _page("shipped_form", actor, placement, typed, {"offer": shipped_offer(key)} | context)


def _page(
    view: str, actor: Actor, placement: str, typed: Mapping[str, str], context: dict[str, Any]
) -> str:
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    mistakes: list[Mistake] = context.get("mistakes", [])
    return render_template(
        f"training/{view}.html",
        **{"error": None, "mistakes": mistakes, **context},
        actor=actor,
        placement=place,
        instrument=asked_for(instruments, place.set_up.instrument),
        tutor_page=True,
        typed=typed,
        wrong={mistake.name: mistake for mistake in reversed(mistakes)},
        picked=lambda name: split_list(typed.get(name, "")),
    )

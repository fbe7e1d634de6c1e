"""Cases of identifiable data: an administrator's list and pages, and the owner's own page."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, ImhcfError, InvalidInput, NotAllowed, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.cases import history, services
from lti_tool.portfolios.cases.hiding import Erasure
from lti_tool.portfolios.cases.items import file_of_case, is_still_there, item_of
from lti_tool.portfolios.cases.queries import (
    case_of_organisation,
    case_of_owner,
    cases_of_organisation,
    counts_of_organisation,
    owner_of,
)
from lti_tool.portfolios.cases.rules import LONGEST_WORDS, STANDS, CaseState, CaseView
from lti_tool.portfolios.cases.services import Decision
from lti_tool.portfolios.cases.wording import ACTS, AUTHORS, KINDS, STATES
from lti_tool.portfolios.formatting import formatted
from lti_tool.portfolios.opening import open_portfolio, page
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.downloads import hand_out, show_preview
from lti_tool.web.errors import status_of
from lti_tool.web.guards import administrator, learner
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("cases", __name__, url_prefix="/at/<slot>/p/<placement>")
_HERE = ("slot", "placement", "portfolio", "case")
_MOST_PAGES = 1000


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, object]) -> None:
    """Fills slot, placement, portfolio and case from the address of this request."""
    here = request.view_args or {}
    for name in _HERE:
        if name in here:
            values.setdefault(name, here[name])


@blueprint.get("/cases")
@administrator
def listed(actor: Actor, placement: str) -> ResponseReturnValue:
    """What was reported, and what waits for me?"""
    place = placement_for(db(), actor, placement)
    state, number = request.args.get("state", ""), request.args.get("page", "")
    wanted = CaseState(state) if state in {known.value for known in CaseState} else None
    is_page = number.isascii() and number.isdigit() and len(number) <= 4
    shown = min(max(int(number), 1), _MOST_PAGES) if is_page else 1
    found, has_more = cases_of_organisation(db(), actor, wanted, shown)
    return _page(
        "listed",
        actor,
        place,
        cases=found,
        has_more=has_more,
        number=shown,
        wanted=wanted,
        counts=counts_of_organisation(db(), actor),
        titles={key: one.title for key, one in _library(actor).items()},
        ages={one.case.id: (clock.now() - one.case.opened_at).days for one in found},
    )


@blueprint.get("/cases/<case>")
@administrator
def case(actor: Actor, placement: str, case: str) -> ResponseReturnValue:
    """What was reported, what happened since, and what may I decide?"""
    return _case_page(actor, placement, case)


@blueprint.get("/cases/<case>/file")
@administrator
def file(actor: Actor, placement: str, case: str) -> ResponseReturnValue:
    """The file that was reported, for the one who decides about it."""
    placement_for(db(), actor, placement)
    found = file_of_case(db(), case_of_organisation(db(), actor, case))
    answer: Callable[..., Response] = hand_out
    if "preview" in request.args:
        answer = show_preview
    elif "show" in request.args:
        answer = partial(hand_out, inline=True)
    blobs = open_blobs(runtime().settings)
    close_transaction()  # the store may be a server elsewhere, and a file takes a while
    return answer(blobs, found, is_owner=False, may_see=True)


@blueprint.post("/cases/<case>/note")
@administrator
def add_note(actor: Actor, placement: str, case: str) -> ResponseReturnValue:
    """Adds the administrator's words to the history."""
    placement_for(db(), actor, placement)
    words = request.form.get("words", "")
    try:
        services.note(db(), actor, case, words)
    except (InvalidInput, TooLarge) as error:
        return _case_page(actor, placement, case, noted=words, error=error), status_of(error)
    return redirect(url_for(".case", done="noted", _anchor="history"), 303)


@blueprint.post("/cases/<case>/settle")
@administrator
def settle(actor: Actor, placement: str, case: str) -> ResponseReturnValue:
    """Settles a case; what is erased for good is asked for twice."""
    place = placement_for(db(), actor, placement)
    form = request.form
    words = form.get("words", "")
    try:
        decision = _decision(case_of_organisation(db(), actor, case))
        if decision.state is CaseState.ERASED and form.get("sure") != "yes" and as_kept(words):
            found = case_of_organisation(db(), actor, case)
            return _page("erase", actor, place, case=found, words=words)
        services.settle(db(), actor, case, decision)
    except (Conflict, InvalidInput, TooLarge, NotAllowed) as error:
        return _case_page(actor, placement, case, settled=words, error=error), status_of(error)
    return redirect(url_for(".case", done=decision.state.value), 303)


@blueprint.get("/portfolio/<portfolio>/cases/<case>")
@learner
def mine(actor: Actor, placement: str, portfolio: str, case: str) -> ResponseReturnValue:
    """What of mine was reported, why, and what shall I do?"""
    return _mine(actor, placement, portfolio, case)


@blueprint.post("/portfolio/<portfolio>/cases/<case>")
@learner
def answer(actor: Actor, placement: str, portfolio: str, case: str) -> ResponseReturnValue:
    """Adds the owner's words to the history."""
    desk = open_portfolio(actor, placement, portfolio)
    words = request.form.get("words", "")
    try:
        services.answer(db(), actor, desk.portfolio, case, words)
    except (InvalidInput, TooLarge) as error:
        return _mine(actor, placement, portfolio, case, words, error), status_of(error)
    return redirect(url_for(".mine", done="answered", _anchor="history"), 303)


def _decision(case: CaseView) -> Decision:
    form = request.form
    states = {known.value for known in CaseState}
    wished, seen = form.get("decision", ""), form.get("seen", "")
    if wished not in states or seen not in states:
        raise InvalidInput(
            N_("Choose what becomes of it."),
            code="decision-missing",
            advice=N_("What you typed is still in the box."),
        )
    day = format_date(clock.now(), "d MMMM y")
    words = _(
        "Erased on %(day)s, since somebody could be known by it. The SHA-256 digest of what stood"
        " here is %(digest)s.",
        day=day,
        digest=case.digest,
    )
    instead = Erasure(_("Erased"), words)
    return Decision(CaseState(wished), form.get("words", ""), CaseState(seen), instead)


def _case_page(
    actor: Actor,
    placement: str,
    public_id: str,
    *,
    noted: str = "",
    settled: str = "",
    error: ImhcfError | None = None,
) -> str:
    place = placement_for(db(), actor, placement)
    found = case_of_organisation(db(), actor, public_id)
    owner, instrument = owner_of(db(), found)
    titles = _library(actor)
    return _page(
        "case",
        actor,
        place,
        case=found,
        owner=owner,
        title=titles[instrument].title if instrument in titles else "",
        is_own=found.person_id == actor.person_id,
        noted=noted,
        settled=settled,
        chosen=request.form.get("decision", ""),
        error=error,
        **_facts(found),
    )


def _mine(
    actor: Actor,
    placement: str,
    portfolio: str,
    public_id: str,
    words: str = "",
    error: ImhcfError | None = None,
) -> str:
    desk = open_portfolio(actor, placement, portfolio)
    found = case_of_owner(db(), desk.portfolio.id, public_id)
    return page(
        "mine",
        desk.here,
        desk.asked,
        folder="cases",
        portfolio=desk.portfolio,
        case=found,
        is_open=standing_of(db(), desk.portfolio.id).is_open(found.code),
        words=words,
        error=error,
        **_words(),
        **_facts(found),
    )


def _facts(case: CaseView) -> dict[str, Any]:
    item = item_of(db(), case)
    return {
        "item": item,
        "shown": formatted(item.text) if item.kind == "account" else None,
        "is_there": is_still_there(db(), case),
        "lines": history.lines_of(db(), case.id),
        "is_whole": history.is_whole(db(), case.id),
    }


def _words() -> dict[str, Any]:
    return {
        "kinds": KINDS,
        "states": STATES,
        "acts": ACTS,
        "authors": AUTHORS,
        "longest": LONGEST_WORDS,
        "done": request.args.get("done", ""),
    }


def _library(actor: Actor) -> Mapping[str, Instrument]:
    return instruments_for(db(), actor.organisation_id)


def _page(view: str, actor: Actor, place: PlacementView, **context: Any) -> str:
    asked = _library(actor).get(place.set_up.instrument)
    return render_template(
        f"cases/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=True,
        standing_states=STANDS,
        **_words(),
        **context,
    )

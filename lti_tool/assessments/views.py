"""The learner's pages: start, a domain, saving, summary, history. Tutors see what learners see."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import row_number, stay_here
from lti_tool.assessments.answers import read_wish, shown
from lti_tool.assessments.domain_form import Problem, read_form, save_form
from lti_tool.assessments.pages import asked_for, neighbours, note_mark, overview, standings
from lti_tool.assessments.queries import history as history_of
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import Rated, progress
from lti_tool.assessments.services import ChangedElsewhere, progress_of, rate
from lti_tool.assessments.wording import answer_facts, progress_facts, script_messages
from lti_tool.competencies.models import Domain, Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.web.errors import error_answer
from lti_tool.web.guards import learner, live_session, member
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("assessments", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

CHANGES_A_PAGE = 50


@blueprint.get("/")
@member
def start(actor: Actor, placement: str) -> ResponseReturnValue:
    """Where am I, and what is the one next step?"""
    place = placement_for(db(), actor, placement)
    asked = asked_for(instruments_for(db(), actor.organisation_id), place.set_up.instrument)
    if asked is None:
        return _page("not_set_up", actor, place, None)
    ratings = _ratings(actor, asked)
    return _page(
        "start",
        actor,
        place,
        asked,
        overview=overview(asked.scope(place.set_up.domains), ratings),
        script=_script(place, asked) | {"answers": _marks(ratings)},
    )


@blueprint.get("/domain/<int:number>")
@member
def domain(actor: Actor, placement: str, number: int) -> ResponseReturnValue:
    """One domain, to be answered; for a tutor, to be looked at."""
    place, asked = _open(actor, placement)
    return _domain_page(actor, place, asked, _domain(place, asked, number))


@blueprint.post("/domain/<int:number>")
@learner
def save_domain(actor: Actor, placement: str, number: int) -> ResponseReturnValue:
    """The plain form: saves what was changed, and shows again what could not be saved."""
    place, asked = _open(actor, placement)
    here = _domain(place, asked, number)
    typed = read_form(here, request.form)
    outcome = save_form(db(), actor, place, typed, delay=runtime().grade_delay)
    if outcome.problems:
        page = _domain_page(
            actor, place, asked, here, problems=outcome.problems, saved=outcome.saved
        )
        return page, outcome.status
    _before, after = neighbours(asked.scope(place.set_up.domains), here)
    if "next" in request.form:
        return redirect(_after(after), 303)
    return redirect(url_for(".domain", number=number, saved=outcome.saved), 303)


@blueprint.post("/ratings")
@learner
def save(actor: Actor, placement: str) -> ResponseReturnValue:
    """One answer from the page's script: confirmed once it is stored, or refused in words."""
    place, asked = _open(actor, placement)
    wish = read_wish(request.get_json())
    try:
        rated = rate(db(), actor, place, wish, delay=runtime().grade_delay)
    except ChangedElsewhere as error:
        return _conflict(error)
    ratings = _ratings(actor, asked)
    here = next(d for d in asked.domains if wish.code in d.codes)
    return jsonify(
        saved_at=rated.changed_at.isoformat() if rated.changed_at else None,
        version=rated.version,
        state=rated.answer.state,
        note=rated.answer.note,
        progress={
            "number": here.number,
            "domain": progress_facts(progress(here, ratings)),
            "overall": progress_facts(progress_of(place, ratings)),
        },
    )


@blueprint.get("/summary")
@learner
def summary(actor: Actor, placement: str) -> ResponseReturnValue:
    """What am I strong in, and what is missing?"""
    place, asked = _open(actor, placement)
    ratings = _ratings(actor, asked)
    scope = asked.scope(place.set_up.domains)
    return _page(
        "summary",
        actor,
        place,
        asked,
        overview=overview(scope, ratings),
        standings=standings(scope, ratings),
        ratings=ratings,
        with_notes="notes" in request.args,
        now=clock.now(),
    )


@blueprint.get("/history")
@learner
def history(actor: Actor, placement: str) -> ResponseReturnValue:
    """Every change that the learner made, newest first."""
    place, asked = _open(actor, placement)
    before = request.args.get("before", type=row_number)
    changes, older = history_of(
        db(), actor.person_id, asked.id, limit=CHANGES_A_PAGE, before=before
    )
    return _page("history", actor, place, asked, changes=changes, older=older, before=before)


def _open(actor: Actor, placement: str) -> tuple[PlacementView, Instrument]:
    place = placement_for(db(), actor, placement)
    asked = asked_for(instruments_for(db(), actor.organisation_id), place.set_up.instrument)
    if asked is None:
        raise NotFound(
            N_("This activity is not set up yet."),
            code="not-set-up",
            advice=N_("Your tutor chooses what it asks for. Open it again from your course later."),
        )
    return place, asked


def _domain(place: PlacementView, asked: Instrument, number: int) -> Domain:
    for found in asked.scope(place.set_up.domains):
        if found.number == number:
            return found
    raise NotFound(N_("This activity does not ask for that domain."), code="domain-unknown")


def _ratings(actor: Actor, asked: Instrument) -> dict[str, Rated]:
    """A tutor who looks at the learner's page has nothing of their own to show there."""
    return ratings_of(db(), actor.person_id, asked.id) if actor.is_learner else {}


def _domain_page(
    actor: Actor,
    place: PlacementView,
    asked: Instrument,
    here: Domain,
    *,
    problems: Mapping[str, Problem] | None = None,
    saved: int | None = None,
) -> str:
    problems = problems or {}
    ratings = _ratings(actor, asked)
    before, after = neighbours(asked.scope(place.set_up.domains), here)
    script = {
        "answers": {code: answer_facts(ratings.get(code)) for code in here.codes},
        "problems": list(problems),
        "messages": script_messages(),
    }
    return _page(
        "domain",
        actor,
        place,
        asked,
        domain=here,
        progress=progress(here, ratings),
        before=before,
        after=after,
        answers={code: shown(code, ratings, problems.get(code)) for code in here.codes},
        problems=problems,
        saved=request.args.get("saved", saved, type=int),
        script=_script(place, asked) | script,
    )


def _script(place: PlacementView, asked: Instrument) -> dict[str, Any]:
    """What the page's scripts need: where to save, and under which name to keep drafts."""
    live = live_session()
    return {
        "save": url_for(".save"),
        "domain": url_for(".domain", number=0),
        "slot": live.slot if live else "",
        "instrument": asked.id,
        "domains": {d.number: list(d.codes) for d in asked.scope(place.set_up.domains)},
    }


def _marks(ratings: Mapping[str, Rated]) -> dict[str, list[object]]:
    return {
        code: [rated.version, rated.answer.state, note_mark(rated.answer.note)]
        for code, rated in ratings.items()
    }


def _conflict(error: ChangedElsewhere) -> Response:
    response = error_answer(error, 409)
    if response.is_json:
        facts: dict[str, Any] = response.get_json()
        response.data = jsonify(facts | {"current": answer_facts(error.rated)}).data
    return response


def _after(next_domain: Domain | None) -> str:
    return url_for(".domain", number=next_domain.number) if next_domain else url_for(".summary")


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument | None, **context: object
) -> str:
    return render_template(
        f"assessments/{view}.html", actor=actor, placement=place, instrument=asked, **context
    )

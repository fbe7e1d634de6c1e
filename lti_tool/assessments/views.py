"""The learner's pages: start, a domain, saving, history. Tutors see what learners see."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import row_number, stay_here
from lti_tool.assessments.answers import read_wish, shown
from lti_tool.assessments.domain_form import Problem, read_form, save_form
from lti_tool.assessments.looking_back import is_asked, start_of_looking_back
from lti_tool.assessments.opening import open_placement, zone
from lti_tool.assessments.pages import asked_for, is_portfolio, neighbours, note_mark, overview
from lti_tool.assessments.queries import history as history_of
from lti_tool.assessments.queries import history_elsewhere, ratings_of
from lti_tool.assessments.rewordings import moved_answers
from lti_tool.assessments.rules import Rated, progress
from lti_tool.assessments.services import ChangedElsewhere, progress_of, rate, reaffirm
from lti_tool.assessments.wording import answer_facts, progress_facts, script_messages
from lti_tool.competencies.models import Domain, Instrument
from lti_tool.competencies.presentation import provenance_counts
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.grades.queries import overridden_scores
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.web.errors import error_answer
from lti_tool.web.guards import learner, live_session, participant
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("assessments", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

CHANGES_A_PAGE = 25
# Of what was brought from another installation; the zip of one's record has all of it.
MOST_ELSEWHERE = 200


@blueprint.get("/")
@participant
def start(actor: Actor, placement: str) -> ResponseReturnValue:
    """Where am I, and what is the one next step?"""
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    if is_portfolio(instruments, place.set_up.instrument):
        return redirect(url_for("portfolios.overview"), 303)
    asked = asked_for(instruments, place.set_up.instrument)
    if asked is None:
        return _page("not_set_up", actor, place, None)
    ratings = _ratings(actor, asked)
    return _page(
        "start",
        actor,
        place,
        asked,
        overview=overview(asked.scope(place.set_up.domains), ratings),
        asks_looking_back=_asks_looking_back(actor, place, asked, ratings),
        script=_script(place, asked) | {"answers": _marks(ratings)},
        now=clock.now(),
        overridden=overridden_scores(db(), place.id, actor.person_id),
    )


@blueprint.get("/domain/<int:number>")
@participant
def domain(actor: Actor, placement: str, number: int) -> ResponseReturnValue:
    """One domain, to be answered; for a tutor, to be looked at."""
    place, asked = open_placement(actor, placement)
    return _domain_page(actor, place, asked, _domain(place, asked, number))


@blueprint.post("/domain/<int:number>")
@learner
def save_domain(actor: Actor, placement: str, number: int) -> ResponseReturnValue:
    """The plain form: saves what was changed, and shows again what could not be saved."""
    place, asked = open_placement(actor, placement)
    here = _domain(place, asked, number)
    typed = read_form(here, request.form)
    outcome = save_form(db(), actor, place, typed, delay=runtime().grade_delay)
    if outcome.problems:
        page = _domain_page(
            actor, place, asked, here, problems=outcome.problems, saved=outcome.saved
        )
        return page, outcome.status
    if held := request.form.get("holds"):
        reaffirm(db(), actor, place, held)
        return redirect(url_for(".domain", number=number, _anchor=f"c-{held}"), 303)
    _before, after = neighbours(asked.scope(place.set_up.domains), here)
    if "next" in request.form:
        return redirect(_after(after), 303)
    return redirect(url_for(".domain", number=number, saved=outcome.saved), 303)


@blueprint.post("/ratings")
@learner
def save(actor: Actor, placement: str) -> ResponseReturnValue:
    """One answer from the page's script: confirmed once it is stored, or refused in words."""
    place, asked = open_placement(actor, placement)
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


@blueprint.get("/history")
@learner
def history(actor: Actor, placement: str) -> ResponseReturnValue:
    """Every change that the learner made, newest first."""
    place, asked = open_placement(actor, placement)
    before = request.args.get("before", type=row_number)
    changes, older = history_of(
        db(), actor.person_id, asked.id, limit=CHANGES_A_PAGE, before=before
    )
    elsewhere = history_elsewhere(db(), actor.person_id, asked.id, limit=MOST_ELSEWHERE)
    return _page(
        "history",
        actor,
        place,
        asked,
        changes=changes,
        older=older,
        before=before,
        elsewhere=elsewhere if not older else [],
    )


def _domain(place: PlacementView, asked: Instrument, number: int) -> Domain:
    for found in asked.scope(place.set_up.domains):
        if found.number == number:
            return found
    raise NotFound(N_("This activity does not ask for that domain."), code="domain-unknown")


def _ratings(actor: Actor, asked: Instrument) -> dict[str, Rated]:
    """A tutor who looks at the learner's page has nothing of their own to show there."""
    return ratings_of(db(), actor.person_id, asked.id) if actor.is_learner else {}


def _asks_looking_back(
    actor: Actor, place: PlacementView, asked: Instrument, ratings: Mapping[str, Rated]
) -> bool:
    """Whether the start page offers it: not any more once all is answered."""
    if not actor.is_learner or not place.milestones.asks_looking_back:
        return False
    baseline, answered = start_of_looking_back(db(), actor.person_id, asked.id)
    total = sum(len(domain.codes) for domain in asked.scope(place.set_up.domains))
    return answered < total and is_asked(place, baseline, ratings, zone())


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
        moved=moved_answers(db(), actor.organisation_id, asked, ratings, here.codes),
        provenance_counts=provenance_counts(asked),
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
    if next_domain is None:
        return url_for("training.summary")
    return url_for(".domain", number=next_domain.number)


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument | None, **context: object
) -> str:
    return render_template(
        f"assessments/{view}.html", actor=actor, placement=place, instrument=asked, **context
    )

"""The tutor's pages: the course, one learner, and a grade sent again."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import HIGHEST_ROW, row_number, stay_here
from lti_tool.assessments.pages import asked_for, overview, standings
from lti_tool.assessments.queries import history, ratings_of
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, learner_of_course, placement_for
from lti_tool.dashboards.queries import learner_line, learners_with_progress
from lti_tool.dashboards.rules import arranged, concerns, facts, matter_named
from lti_tool.grades.queries import score_of
from lti_tool.grades.rules import REASONS
from lti_tool.grades.services import retry_one
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.training.plans.pages import today
from lti_tool.training.plans.tutoring import plans_seen, sight_of
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db

blueprint = Blueprint("dashboards", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

CHANGES_A_PAGE = 20


@blueprint.get("/course")
@tutor
def course(actor: Actor, placement: str) -> ResponseReturnValue:
    """Who needs me? Every learner who has come, and the three facts to act on."""
    place = placement_for(db(), actor, placement)
    asked = asked_for(instruments_for(db(), actor.organisation_id), place.set_up.instrument)
    if asked is None:
        return redirect(url_for("placing.set_up"), 303)
    now = clock.now()
    lines = learners_with_progress(db(), actor, place, asked, today())
    order = request.args.get("sort", "name")
    matter = matter_named(request.args.get("show", ""))
    shown = [line for line in lines if matter is None or concerns(matter, line, now)]
    return _page(
        "course",
        actor,
        place,
        asked,
        scope=asked.scope(place.set_up.domains),
        lines=arranged(shown, order),
        everyone=len(lines),
        facts=facts(lines, now),
        matter=matter,
        order=order,
    )


@blueprint.get("/learners/<person>")
@tutor
def learner(actor: Actor, placement: str, person: str) -> ResponseReturnValue:
    """Where does this learner stand, and since when? To be read, never changed."""
    place, asked = _open(actor, placement)
    found = learner_of_course(db(), actor, person)
    ratings = ratings_of(db(), found.person_id, asked.id)
    score = score_of(db(), place.id, found.person_id)
    scope = asked.scope(place.set_up.domains)
    before = request.args.get("before", type=row_number)
    changes, older = history(
        db(),
        found.person_id,
        asked.id,
        limit=CHANGES_A_PAGE,
        before=before,
        codes=[code for domain in scope for code in domain.codes],
    )
    return _page(
        "learner",
        actor,
        place,
        asked,
        line=learner_line(found, ratings, score, place, asked),
        last_seen=found.last_seen_at,
        plans=plans_seen(db(), found.person_id, sight_of(place, asked), today()),
        overview=overview(scope, ratings),
        standings=standings(scope, ratings),
        ratings=ratings,
        changes=changes,
        older=older,
        before=before,
    )


@blueprint.post(f"/scores/<int(max={HIGHEST_ROW}):score>/retry")
@tutor
def retry_score(actor: Actor, placement: str, score: int) -> ResponseReturnValue:
    """Sends a grade again, and goes back to the page that asked for it."""
    place = placement_for(db(), actor, placement)
    retry_one(db(), {place.id}, score)
    person = request.form.get("learner", "")
    if person:
        return redirect(url_for(".learner", person=person, retried=1), 303)
    return redirect(url_for(".course", retried=1), 303)


def _open(actor: Actor, placement: str) -> tuple[PlacementView, Instrument]:
    place = placement_for(db(), actor, placement)
    asked = asked_for(instruments_for(db(), actor.organisation_id), place.set_up.instrument)
    if asked is None:
        raise NotFound(
            N_("This activity is not set up yet."),
            code="not-set-up",
            advice=N_("Open its course page and set it up first."),
        )
    return place, asked


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument, **context: object
) -> str:
    return render_template(
        f"dashboards/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=True,
        reasons=REASONS,
        retried="retried" in request.args,
        **context,
    )

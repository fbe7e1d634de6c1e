"""The learner's pages of gaps and training: the summary, and the training that serves the gaps."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.opening import open_placement
from lti_tool.assessments.pages import overview, standings
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rewordings import moved_answers
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.presentation import provenance_counts
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.training.offers.browsing import browse, levels_in
from lti_tool.training.offers.queries import offers_for
from lti_tool.training.offers.rules import NOTHING, for_all_of, gaps_in, training_for
from lti_tool.training.plans.queries import goals_of
from lti_tool.training.plans.rules import GoalView
from lti_tool.web.guards import learner
from lti_tool.web.requests import db

blueprint = Blueprint("training", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

# What is shown before "more": of the recommendations on the page, and of a gap in the summary.
FIRST = 6
FOR_A_GAP = 2
FOR_A_DOMAIN = 3


@blueprint.get("/summary")
@learner
def summary(actor: Actor, placement: str) -> ResponseReturnValue:
    """What am I strong in, what is missing, and what shall I do about it?"""
    place, asked = open_placement(actor, placement)
    ratings = ratings_of(db(), actor.person_id, asked.id)
    scope = asked.scope(place.set_up.domains)
    done = overview(scope, ratings)
    gaps = gaps_in(asked.id, scope, ratings) if done.progress.rated else []
    found = offers_for(db(), actor.organisation_id, actor.course_id) if gaps else []
    training = training_for(found, gaps)
    in_domain = {domain.number: {g.code for g in gaps} & set(domain.codes) for domain in scope}
    return _page(
        "summary",
        actor,
        place,
        asked,
        overview=done,
        standings=standings(scope, ratings),
        ratings=ratings,
        provenance_counts=provenance_counts(asked),
        moved=moved_answers(
            db(),
            actor.organisation_id,
            asked,
            ratings,
            [code for domain in scope for code in domain.codes],
        ),
        with_notes="notes" in request.args,
        now=clock.now(),
        training=training,
        shared={number: for_all_of(training, codes) for number, codes in in_domain.items()},
        goals=_open_goals(actor, asked),
        for_a_gap=FOR_A_GAP,
        for_a_domain=FOR_A_DOMAIN,
    )


@blueprint.get("/training")
@learner
def offers(actor: Actor, placement: str) -> ResponseReturnValue:
    """Which training serves my gaps and why, and what else is there?"""
    place, asked = open_placement(actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    ratings = ratings_of(db(), actor.person_id, asked.id)
    scope = asked.scope(place.set_up.domains)
    done = overview(scope, ratings).progress
    found = offers_for(db(), actor.organisation_id, actor.course_id)
    gaps = gaps_in(asked.id, scope, ratings)
    level = request.args.get("level", type=int)
    domain = request.args.get("domain", type=int)
    return _page(
        "offers",
        actor,
        place,
        asked,
        done=done,
        training=training_for(found, gaps) if done.rated else NOTHING,
        goals=_open_goals(actor, asked),
        first=FIRST,
        everything=len(found),
        levels=levels_in(instruments, found),
        level=level,
        domain=domain,
        browsed=browse(found, instruments, level=level, domain=domain),
    )


def _open_goals(actor: Actor, asked: Instrument) -> dict[str, GoalView]:
    """A learner's open goals by competency, the one that is due first where there are several."""
    mine = goals_of(db(), actor.person_id, asked.id)
    return {goal.code: goal for goal in reversed(mine) if goal.is_open}


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument, **context: object
) -> str:
    return render_template(
        f"training/{view}.html", actor=actor, placement=place, instrument=asked, **context
    )

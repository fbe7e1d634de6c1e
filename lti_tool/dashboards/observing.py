"""The page of an observer, a learner's mentor or parent: how those stand whom they may see."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for, is_portfolio, overview
from lti_tool.assessments.queries import states_of_people
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.observers import learners_seen
from lti_tool.courses.queries import placement_for
from lti_tool.dashboards.portfolio_pages import observed_portfolios
from lti_tool.kernel.actor import Actor
from lti_tool.web.guards import observer
from lti_tool.web.requests import db

blueprint = Blueprint("observing", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


@blueprint.get("/observe")
@observer
def observed(actor: Actor, placement: str) -> ResponseReturnValue:
    """How far have they come? Progress by domain alone: no notes, no goals, no diaries."""
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    asked = asked_for(instruments, place.set_up.instrument)
    seen = learners_seen(db(), actor)
    if is_portfolio(instruments, place.set_up.instrument):
        return observed_portfolios(actor, place, instruments, seen)
    scope = asked.scope(place.set_up.domains) if asked else ()
    answers = states_of_people(db(), [one.person_id for one in seen], [asked.id]) if asked else {}
    return render_template(
        "dashboards/observed.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=False,
        learners=[
            (one, overview(scope, answers.get((one.person_id, asked.id), {}) if asked else {}))
            for one in seen
        ],
    )

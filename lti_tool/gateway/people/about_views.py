"""Pages that messages about a person open: what is held about them, and that they never came."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.courses.queries import placement_for
from lti_tool.gateway.people.holdings import holdings_of
from lti_tool.gateway.people.queries import person_of_organisation
from lti_tool.kernel.actor import Actor
from lti_tool.web.guards import administrator, tutor
from lti_tool.web.requests import db

blueprint = Blueprint("about", __name__, url_prefix="/at/<slot>/about")
reviewing = Blueprint("reviewing", __name__, url_prefix="/at/<slot>/p/<placement>")
reviewing.url_defaults(stay_here)


@blueprint.get("/<person>")
@administrator
def held(actor: Actor, person: str) -> ResponseReturnValue:
    """Which kinds of data are held about this person: in counts and dates, without content."""
    found = person_of_organisation(db(), actor, person)
    return render_template(
        "gateway/people/about.html", person=found, holdings=holdings_of(db(), found.id)
    )


@blueprint.get("/nobody")
@administrator
def nobody(_actor: Actor) -> ResponseReturnValue:
    """The LMS named somebody whom this tool does not know."""
    return render_template("gateway/people/about.html", person=None, holdings=[])


@reviewing.get("/nobody")
@tutor
def not_here(actor: Actor, placement: str) -> ResponseReturnValue:
    """A submission review of somebody who never came to this course, or is not in it."""
    return render_template(
        "gateway/people/nobody.html",
        actor=actor,
        placement=placement_for(db(), actor, placement),
        instrument=None,
        tutor_page=True,
    )

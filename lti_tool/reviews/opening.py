"""How the views of this room begin: who may come in, and where a page stands."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, render_template

from lti_tool.assessments.addresses import stay_here
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.portfolios.submitting.queries import submission_in_organisation
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.queries import (
    assessor_of,
    is_assessor,
    review_of,
    submission_of,
    terms_of,
)
from lti_tool.reviews.rules import AssessorView, ReviewView, Terms
from lti_tool.web.guards import guard_for
from lti_tool.web.requests import db

_HERE = "/at/<slot>/p/<placement>"
desk = Blueprint("desk", __name__, url_prefix=f"{_HERE}/desk")
assessors = Blueprint("assessors", __name__, url_prefix=f"{_HERE}/assessors")
reviews = Blueprint("reviews", __name__, url_prefix=f"{_HERE}/reviews")
rules_page = Blueprint("review_rules", __name__, url_prefix=f"{_HERE}/review-rules")
for one in (desk, assessors, reviews, rules_page):
    one.url_defaults(stay_here)


class Assessing(NamedTuple):
    """Who comes in by the guard `assessor`: the person of this session, as assessor."""

    actor: Actor
    assessor: AssessorView


class Here(NamedTuple):
    """Where a page stands: who, in which placement, with which instruments."""

    actor: Actor
    place: PlacementView
    library: Mapping[str, Instrument]


class AtDesk(NamedTuple):
    """A reading that is open on its assessor's desk."""

    here: Here
    assessor: AssessorView
    review: ReviewView
    submission: SubmissionView
    terms: Terms


def _assessing(actor: Actor) -> Assessing | None:
    found = assessor_of(db(), actor)
    return Assessing(actor, found) if found else None


# Lets in whom the organisation appointed as assessor, from any course that they launch from; the
# view gets an `Assessing`.
assessor = guard_for("assessor", _assessing)


def open_place(actor: Actor, placement: str) -> Here:
    """Returns where a page stands; raises `NotFound` outside the actor's course."""
    place = placement_for(db(), actor, placement)
    return Here(actor, place, instruments_for(db(), actor.organisation_id))


def open_review(who: Assessing, placement: str, review: str) -> AtDesk:
    """Returns a reading on the assessor's own desk; raises `NotFound` for any other."""
    here = open_place(who.actor, placement)
    found = review_of(db(), who.assessor, review)
    terms = terms_of(db(), who.actor.organisation_id)
    return AtDesk(here, who.assessor, found, submission_of(db(), found), terms)


def open_submission(actor: Actor, placement: str, submission: str) -> tuple[Here, SubmissionView]:
    """Returns a submission of the organisation, for its administrators; raises `NotFound`."""
    here = open_place(actor, placement)
    return here, submission_in_organisation(db(), actor.organisation_id, submission)


def page(view: str, here: Here, /, **context: object) -> str:
    """Returns a page of this room."""
    return render_template(
        f"reviews/{view}.html",
        actor=here.actor,
        placement=here.place,
        instrument=here.library.get(here.place.set_up.instrument),
        tutor_page=here.actor.is_tutor,
        **context,
    )


@desk.app_template_global("sits_at_desk")
def sits_at_desk(actor: Actor) -> bool:
    """Says whether the menu shows the desk."""
    return is_assessor(db(), actor)

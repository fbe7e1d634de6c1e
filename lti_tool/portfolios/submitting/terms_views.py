"""The organisation's rules for handing in; for administrators."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.courses.queries import placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.portfolios.submitting.queries import terms_of
from lti_tool.portfolios.submitting.terms import TypedTerms, change_terms, parse_terms
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db

blueprint = Blueprint("submission_rules", __name__, url_prefix="/at/<slot>/p/<placement>")


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, object]) -> None:
    """Fills slot and placement from the address of this request."""
    here = request.view_args or {}
    for name in ("slot", "placement"):
        if name in here:
            values.setdefault(name, here[name])


@blueprint.route("/submission-rules", methods=["GET", "POST"])
@administrator
def terms(actor: Actor, placement: str) -> ResponseReturnValue:
    """Is a fee's reference number asked for, and what are people told of it?"""
    place = placement_for(db(), actor, placement)
    typed = TypedTerms(terms_of(db(), actor.organisation_id), {})
    status = 200
    if request.method == "POST":
        typed = parse_terms(request.form)
        if not typed.problems:
            change_terms(db(), actor, typed.terms)
            return redirect(url_for(".terms", done=1), 303)
        status = 400
    return (
        render_template(
            "submitting/terms.html",
            actor=actor,
            placement=place,
            instrument=None,
            tutor_page=True,
            typed=typed,
            done="done" in request.args,
        ),
        status,
    )

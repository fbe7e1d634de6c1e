"""An organisation's rules for reviews."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.reviews.assessors.rules import LEVELS, parse_terms, terms_as_typed
from lti_tool.reviews.assessors.terms import change_terms
from lti_tool.reviews.opening import open_place, page, rules_page
from lti_tool.reviews.queries import terms_of
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db


@rules_page.route("", methods=["GET", "POST"])
@administrator
def terms(actor: Actor, placement: str) -> ResponseReturnValue:
    """How many read, do they see names, how long may it take, what does the gradebook get?"""
    here = open_place(actor, placement)
    form = terms_as_typed(terms_of(db(), actor.organisation_id))
    if request.method == "POST":
        form, wish = parse_terms(request.form)
        if wish is not None:
            change_terms(db(), actor, wish)
            return redirect(url_for("review_rules.terms", done="changed"), 303)
    done = request.args.get("done", "")
    shown = page("terms", here, form=form, levels=LEVELS, done=done)
    return shown, 400 if form.problems else 200

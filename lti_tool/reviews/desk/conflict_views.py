"""My conflicts: whose portfolio must I not read?"""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.reviews.assessors.queries import (
    MOST_FOUND,
    conflicts_of,
    people_found,
    person_of_organisation,
)
from lti_tool.reviews.assessors.rules import parse_reason
from lti_tool.reviews.assessors.services import declare_conflict, withdraw_conflict
from lti_tool.reviews.opening import Assessing, assessor, desk, open_place, page
from lti_tool.web.requests import db

SHORTEST_SEARCH = 2


@desk.get("/conflicts")
@assessor
def conflicts(who: Assessing, placement: str) -> ResponseReturnValue:
    """Whom did I name, and whom do I look for?"""
    return _page(who, placement, request.args.get("person", ""))


@desk.post("/conflicts")
@assessor
def declare(who: Assessing, placement: str) -> ResponseReturnValue:
    """Declares a conflict of interest; what is open of that person goes to somebody else."""
    open_place(who.actor, placement)
    person = request.form.get("person", "")
    reason, problem = parse_reason(request.form.get("reason", ""))
    if problem:
        return _page(who, placement, person, reason=reason, problem=problem), 400
    declare_conflict(db(), who.actor, who.assessor, person, reason)
    return redirect(url_for("desk.conflicts", done="declared"), 303)


@desk.post("/conflicts/<conflict>/withdraw")
@assessor
def withdraw(who: Assessing, placement: str, conflict: str) -> ResponseReturnValue:
    """Takes a declared conflict back."""
    open_place(who.actor, placement)
    withdraw_conflict(db(), who.actor, who.assessor, conflict)
    return redirect(url_for("desk.conflicts", done="withdrawn"), 303)


def _page(
    who: Assessing, placement: str, person: str, *, reason: str = "", problem: str = ""
) -> str:
    here = open_place(who.actor, placement)
    words = " ".join(request.args.get("name", "").replace("\0", "").split())[:100]
    organisation = who.actor.organisation_id
    found = people_found(db(), organisation, words) if len(words) >= SHORTEST_SEARCH else []
    return page(
        "conflicts",
        here,
        conflicts=conflicts_of(db(), who.assessor.id),
        words=words,
        is_short=0 < len(words) < SHORTEST_SEARCH,
        found=[one for one in found if one.id != who.assessor.person_id][:MOST_FOUND],
        has_more=len(found) > MOST_FOUND,
        chosen=person_of_organisation(db(), organisation, person) if person else None,
        reason=reason,
        problem=problem,
        done=request.args.get("done", ""),
    )

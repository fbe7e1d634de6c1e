"""An administrator's pages of people: finding who is there twice, joining them, undoing it."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.gateway.people.holdings import holdings_of
from lti_tool.gateway.people.queries import (
    Found,
    Someone,
    is_joined_since,
    merge_of,
    merges_of,
    people_found,
    person_of_organisation,
)
from lti_tool.gateway.people.services import join_people
from lti_tool.gateway.people.undoing import undo_join
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_, as_kept
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("people", __name__, url_prefix="/at/<slot>/p/<placement>/people")
blueprint.url_defaults(stay_here)

_LONGEST_SEARCH = 200
_MOST_DIGITS = 6


@blueprint.get("")
@administrator
def search(actor: Actor, placement: str) -> ResponseReturnValue:
    """Who is there twice? Found by name, pseudonym or identifier, two are chosen one by one."""
    place = placement_for(db(), actor, placement)
    words = as_kept(request.args.get("words", ""))[:_LONGEST_SEARCH]
    chosen = request.args.get("with", "")
    first = person_of_organisation(db(), actor, chosen) if chosen else None
    found = _found(actor, words, first) if words else None
    return _page(
        "people",
        actor,
        place,
        words=words,
        first=first,
        found=found,
        joins=merges_of(db(), actor),
    )


@blueprint.get("/compare")
@administrator
def compare(actor: Actor, placement: str) -> ResponseReturnValue:
    """What has each of the two, and who is to stay? Nothing changes yet."""
    place = placement_for(db(), actor, placement)
    both = [person_of_organisation(db(), actor, one) for one in _two(request.args.getlist("who"))]
    return _page(
        "compare",
        actor,
        place,
        both=[(one, holdings_of(db(), one.id)) for one in both],
        stays=_suggested(actor, both),
        me=actor.person_id,
    )


@blueprint.post("/join")
@administrator
def join(actor: Actor, placement: str) -> ResponseReturnValue:
    """Gives all that is one person's to the other, who was said to stay."""
    placement_for(db(), actor, placement)
    both = _two(request.form.getlist("who"))
    stays = request.form.get("stays", "")
    if stays not in both:
        raise InvalidInput(
            N_("It was not said which of the two stays."),
            code="merge-unclear",
            advice=N_("Go back, and choose the person who stays."),
        )
    (goes,) = (one for one in both if one != stays)
    name = join_people(
        db(),
        actor,
        person_of_organisation(db(), actor, stays),
        person_of_organisation(db(), actor, goes),
        delay=runtime().grade_delay,
    )
    return redirect(url_for(".joined", merge=name), 303)


@blueprint.get("/joins/<merge>")
@administrator
def joined(actor: Actor, placement: str, merge: str) -> ResponseReturnValue:
    """Who was joined to whom, and can it be undone?"""
    place = placement_for(db(), actor, placement)
    found = merge_of(db(), actor, merge)
    return _page(
        "joined", actor, place, joined=found, joined_since=is_joined_since(db(), found.merge)
    )


@blueprint.post("/joins/<merge>/undo")
@administrator
def undo(actor: Actor, placement: str, merge: str) -> ResponseReturnValue:
    """Takes a join back."""
    placement_for(db(), actor, placement)
    found = merge_of(db(), actor, merge)
    undo_join(db(), actor, found.merge, delay=runtime().grade_delay)
    return redirect(url_for(".joined", merge=merge), 303)


def _found(actor: Actor, words: str, first: Someone | None) -> Found:
    """The page of the address; the first one where there is none of its number."""
    typed = request.args.get("page", "")
    page = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS else 1
    without = first.id if first else None
    found = people_found(db(), actor, words, page=max(page, 1), without=without)
    if page > 1 and not found.people:
        return people_found(db(), actor, words, without=without)
    return found


def _two(names: list[str]) -> list[str]:
    if len(set(names)) != 2:
        raise InvalidInput(
            N_("Two different people are needed."),
            code="merge-same",
            advice=N_("Go back to the list of people and choose two."),
        )
    return list(dict.fromkeys(names))


def _suggested(actor: Actor, both: list[Someone]) -> str:
    """Suggests oneself, or else who is known for longer: links of theirs may be out in the world."""
    mine = [one for one in both if one.id == actor.person_id]
    oldest = min(both, key=lambda one: (one.known_since, one.id))
    return (mine or [oldest])[0].public_id


def _page(view: str, actor: Actor, place: PlacementView, **context: Any) -> str:
    return render_template(
        f"gateway/people/{view}.html",
        actor=actor,
        placement=place,
        instrument=None,
        tutor_page=True,
        **context,
    )

"""What I was told: the list, what is read, and whether I want e-mail."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.notifications.opening import line_of, open_place, page, stay_here
from lti_tool.notifications.queries import (
    address_of,
    mail_state,
    notice_of,
    notices_of,
    wants_mail,
)
from lti_tool.notifications.rules import PAGE_SIZE
from lti_tool.notifications.services import mark_all_read, mark_read, wish_mail
from lti_tool.web.guards import member
from lti_tool.web.requests import db

blueprint = Blueprint(
    "notifications", __name__, url_prefix="/at/<slot>/p/<placement>/notifications"
)
blueprint.url_defaults(stay_here)

_MOST_DIGITS = 4


@blueprint.get("")
@member
def notices(actor: Actor, placement: str) -> ResponseReturnValue:
    """What is new, and where does it lead?"""
    place = open_place(actor, placement)
    number = _page_number()
    found = notices_of(db(), actor.person_id, page=number, size=PAGE_SIZE)
    state = mail_state(db(), actor.organisation_id)
    return page(
        "notices",
        actor,
        place,
        lines=[line_of(one, actor) for one in found[:PAGE_SIZE]],
        number=number,
        has_more=len(found) > PAGE_SIZE,
        mail_is_sent=state is not None and state.enabled,
        address=address_of(db(), actor.person_id),
        wants_mail=wants_mail(db(), actor.person_id),
        done=request.args.get("done", ""),
    )


@blueprint.post("/<notice>/open")
@member
def follow(actor: Actor, placement: str, notice: str) -> ResponseReturnValue:
    """Goes to the page that a notice tells of; it is read then."""
    open_place(actor, placement)
    found = notice_of(db(), actor, notice)
    mark_read(db(), actor, notice)
    return redirect(line_of(found, actor).address or url_for(".notices"), 303)


@blueprint.post("/<notice>/read")
@member
def read(actor: Actor, placement: str, notice: str) -> ResponseReturnValue:
    """Marks one as read, without going anywhere."""
    open_place(actor, placement)
    mark_read(db(), actor, notice)
    return redirect(url_for(".notices", page=_page_number()), 303)


@blueprint.post("/read")
@member
def read_all(actor: Actor, placement: str) -> ResponseReturnValue:
    """Marks everything as read that was there when the page was shown."""
    open_place(actor, placement)
    mark_all_read(db(), actor, request.form.get("newest", ""))
    return redirect(url_for(".notices", done="read"), 303)


@blueprint.post("/e-mail")
@member
def wish(actor: Actor, placement: str) -> ResponseReturnValue:
    """Says whether I want e-mail."""
    open_place(actor, placement)
    wish_mail(db(), actor, wanted=request.form.get("wanted") == "yes")
    return redirect(url_for(".notices", done="mail"), 303)


def _page_number() -> int:
    typed = request.values.get("page", "")
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS
    return max(int(typed), 1) if is_number else 1

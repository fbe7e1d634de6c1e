"""The picker: what do I want in my course? Put together here, sent to the LMS, placed by it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.assessments.opening import zone
from lti_tool.competencies.models import Instrument, Kind
from lti_tool.competencies.queries import instruments_for
from lti_tool.gateway.picking.queries import OpenPick, open_pick
from lti_tool.gateway.picking.rules import (
    Draft,
    Typed,
    first_draft,
    moved,
    read_draft,
    takes_links,
    typed_from,
    with_draft,
)
from lti_tool.gateway.picking.services import answer_pick, keep_drafts
from lti_tool.gateway.protocol import protocol
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.web.guards import tutor
from lti_tool.web.headers import post_to
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("picking", __name__, url_prefix="/at/<slot>/pick/<pick>")
LONGEST_ID = 32
DATES = ("available_from", "available_until", "submission_from", "due_at")


@blueprint.url_defaults
def stay_here(_endpoint: str, values: dict[str, Any]) -> None:
    """Fills slot and pick from the address of this request."""
    here = request.view_args or {}
    for name in ("slot", "pick"):
        if name in here:
            values.setdefault(name, here[name])


@blueprint.get("/")
@tutor
def choose(actor: Actor, pick: str) -> ResponseReturnValue:
    """What is on the list, and what else there is."""
    # The first key is made here, where no lock is held, if nobody has asked for one yet.
    protocol().key_ring.signing_key()
    return _list_page(actor, _opened(actor, pick))


@blueprint.get("/add/<instrument>")
@tutor
def add(actor: Actor, pick: str, instrument: str) -> ResponseReturnValue:
    """One activity more, as it would be without a change."""
    here = _opened(actor, pick)
    known = _offered(actor, instrument)
    draft = first_draft(new_public_id(), known, here.settings)
    return _item_page(actor, here, known, draft.id, typed_from(draft, known, zone()))


@blueprint.post("/add/<instrument>")
@tutor
def add_item(actor: Actor, pick: str, instrument: str) -> ResponseReturnValue:
    """Puts one activity more on the list. Sent twice, it is still one."""
    here = _opened(actor, pick, to_change=True)
    name = request.form.get("once", "")[:LONGEST_ID] or new_public_id()
    return _keep(actor, here, _offered(actor, instrument), name)


@blueprint.get("/items/<draft>")
@tutor
def item(actor: Actor, pick: str, draft: str) -> ResponseReturnValue:
    """One activity of the list, to be changed."""
    here = _opened(actor, pick)
    found = here.draft(draft)
    known = _offered(actor, found.set_up.instrument)
    return _item_page(actor, here, known, found.id, typed_from(found, known, zone()))


@blueprint.post("/items/<draft>")
@tutor
def change_item(actor: Actor, pick: str, draft: str) -> ResponseReturnValue:
    """Keeps what was changed."""
    here = _opened(actor, pick, to_change=True)
    found = here.draft(draft)
    return _keep(actor, here, _offered(actor, found.set_up.instrument), found.id)


@blueprint.post("/items/<draft>/move")
@tutor
def move_item(actor: Actor, pick: str, draft: str) -> ResponseReturnValue:
    """Changes the order in which the LMS is told."""
    here = _opened(actor, pick, to_change=True)
    steps = -1 if request.form.get("to") == "up" else 1
    keep_drafts(db(), here, moved(here.drafts, here.draft(draft).id, steps))
    return redirect(url_for(".choose", done="moved", _anchor="chosen"), 303)


@blueprint.post("/items/<draft>/remove")
@tutor
def remove_item(actor: Actor, pick: str, draft: str) -> ResponseReturnValue:
    """Takes one activity off the list."""
    here = _opened(actor, pick, to_change=True)
    gone = here.draft(draft).id
    keep_drafts(db(), here, [one for one in here.drafts if one.id != gone])
    return redirect(url_for(".choose", done="removed", _anchor="chosen"), 303)


@blueprint.post("/send")
@tutor
def send(actor: Actor, pick: str) -> ResponseReturnValue:
    """Sends the list to the LMS, or one activity of it; empty, the page says what is missing."""
    here = _opened(actor, pick, to_change=True)
    only = request.form.get("only", "")
    drafts = (here.draft(only),) if only else here.drafts
    if not drafts or (len(drafts) > 1 and not here.settings.accept_multiple):
        return redirect(url_for(".choose", done="nothing" if not drafts else "one"), 303)
    return _answer(actor, here, drafts)


@blueprint.post("/cancel")
@tutor
def cancel(actor: Actor, pick: str) -> ResponseReturnValue:
    """Answers the LMS that nothing was chosen; where nothing could be, it is told why."""
    here = _opened(actor, pick, to_change=True)
    problem = "" if takes_links(here.settings) else _("This tool places activities, nothing else.")
    return _answer(actor, here, (), problem=problem)


def _opened(actor: Actor, pick: str, *, to_change: bool = False) -> OpenPick:
    return open_pick(db(), actor, pick, runtime().secrets, to_change=to_change)


def _offered(actor: Actor, name: str) -> Instrument:
    known = instruments_for(db(), actor.organisation_id).get(name)
    if known is None:
        raise NotFound(
            N_("There is no such activity to choose."),
            code="instrument-unknown",
            advice=N_("Go back to the list and choose another."),
        )
    return known


def _keep(actor: Actor, here: OpenPick, known: Instrument, name: str) -> ResponseReturnValue:
    """Stores what was typed, and goes on to the LMS or back to the list."""
    typed = _typed()
    read = read_draft(name, known, typed, zone())
    if read.draft is None:
        return _item_page(actor, here, known, name, typed, read.problems), 400
    drafts = with_draft(here.drafts, read.draft)
    keep_drafts(db(), here, drafts)
    if request.form.get("then") != "send":
        return redirect(url_for(".choose", done="kept", _anchor="chosen"), 303)
    return _answer(actor, here, drafts if here.settings.accept_multiple else (read.draft,))


def _typed() -> Typed:
    form = request.form
    return Typed(
        title=form.get("title", ""),
        text=form.get("text", ""),
        domains=tuple(form.getlist("domains")),
        grade_rule=form.get("grade_rule", ""),
        points=form.get("points", ""),
        dates={name: form.get(name, "") for name in DATES},
        grade_parts=form.get("grade_parts", ""),
    )


def _answer(
    actor: Actor, here: OpenPick, drafts: Sequence[Draft], problem: str = ""
) -> ResponseReturnValue:
    key = protocol().key_ring.signing_key()
    answer = answer_pick(db(), actor, here, drafts, key, problem=problem)
    post_to(answer.origin)
    return render_template("gateway/picking/answer.html", pick=here, answer=answer)


def _list_page(actor: Actor, here: OpenPick) -> str:
    known = instruments_for(db(), actor.organisation_id)
    return render_template(
        "gateway/picking/choose.html",
        pick=here,
        known=known,
        kinds=[[one for one in known.values() if one.kind is kind] for kind in Kind],
        can_send=takes_links(here.settings),
        done=request.args.get("done", ""),
    )


def _item_page(
    actor: Actor,
    here: OpenPick,
    known: Instrument,
    name: str,
    typed: Typed,
    problems: Any = None,
) -> str:
    return render_template(
        "gateway/picking/item.html",
        actor=actor,
        pick=here,
        instrument=known,
        draft=name,
        is_new=all(one.id != name for one in here.drafts),
        others=len([one for one in here.drafts if one.id != name]),
        typed=typed,
        problems=problems or {},
        zone=str(zone()),
    )

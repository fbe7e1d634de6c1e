"""Pieces of evidence: all of them, one of them, its file; what is said of it, what it serves."""

from collections.abc import Callable

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, NotFound
from lti_tool.portfolios.evidence import upload_views
from lti_tool.portfolios.evidence.answering import (
    body,
    done,
    piece_page,
    refused,
    said_in_address,
    where,
    whole_page,
)
from lti_tool.portfolios.evidence.opening import blueprint, open_task
from lti_tool.portfolios.evidence.panels import Typed, piece_of
from lti_tool.portfolios.evidence.queries import evidence_of
from lti_tool.portfolios.evidence.rules import EvidenceView, told
from lti_tool.portfolios.evidence.services import (
    EvidenceChanged,
    change_evidence,
    link,
    remove,
    restore,
    unlink,
)
from lti_tool.portfolios.opening import Desk, open_portfolio, task_of
from lti_tool.portfolios.services import Task
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.downloads import hand_out, show_preview
from lti_tool.web.errors import wants_json
from lti_tool.web.guards import learner
from lti_tool.web.requests import close_transaction, db, runtime

__all__ = ["blueprint", "upload_views"]


@blueprint.get("/evidence")
@learner
def overview(actor: Actor, placement: str, portfolio: str) -> ResponseReturnValue:
    """What have I got, what does it serve, what does it lack, and how much room is left?"""
    desk = open_portfolio(actor, placement, portfolio)
    if wants_json():
        return jsonify(html=body(desk, ""))
    return whole_page(desk, "", notice=said_in_address())


@blueprint.get("/task/<code>/evidence")
@learner
def of_task(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """The evidence of one task, on a page of its own, or as its script asks for it."""
    desk, _task = open_task(actor, placement, portfolio, code)
    if wants_json():
        return jsonify(html=body(desk, code))
    return whole_page(desk, code, notice=said_in_address())


@blueprint.get("/evidence/<evidence>")
@learner
def piece(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """One piece, as large as there is room for."""
    desk = open_portfolio(actor, placement, portfolio)
    found = evidence_of(db(), actor.person_id, evidence)
    back = request.args.get("task", "")
    return piece_page(
        desk,
        piece=piece_of(db(), desk, found),
        task=desk.asked.by_code.get(back),
    )


@blueprint.get("/evidence/<evidence>/file")
@learner
def file(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """The file: a picture or a recording in place, anything else to be saved."""
    open_portfolio(actor, placement, portfolio)
    found = evidence_of(db(), actor.person_id, evidence)
    close_transaction()
    blobs = open_blobs(runtime().settings)
    inline = "save" not in request.args
    return hand_out(blobs, found.file, is_owner=True, may_see=True, inline=inline)


@blueprint.get("/evidence/<evidence>/preview")
@learner
def preview(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """A small picture of a picture."""
    open_portfolio(actor, placement, portfolio)
    found = evidence_of(db(), actor.person_id, evidence)
    close_transaction()
    blobs = open_blobs(runtime().settings)
    return show_preview(blobs, found.file, is_owner=True, may_see=True)


@blueprint.post("/evidence/<evidence>")
@learner
def change(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """Keeps title, words and declaration of a piece; what cannot be kept is shown again."""
    desk = open_portfolio(actor, placement, portfolio)
    form = request.form
    title, alt = form.get("title", ""), form.get("alt", "")
    declaration = form.get("declaration", "")
    typed = Typed(evidence, title, alt, declaration, is_changed=True)
    try:
        wish = told(title, alt, declaration)
        change_evidence(db(), actor, evidence, wish, seen=form.get("seen", ""))
    except EvidenceChanged as error:
        return refused(desk, error, typed)
    except NotFound:
        raise
    except ImhcfError as error:
        return refused(desk, error, typed)
    return done(desk, "changed")


@blueprint.post("/evidence/<evidence>/link")
@learner
def serve(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """Lets a piece serve one more task."""
    return _linked(actor, placement, portfolio, evidence, link, "linked")


@blueprint.post("/evidence/<evidence>/unlink")
@learner
def take_off(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """Takes a piece off a task."""
    return _linked(actor, placement, portfolio, evidence, unlink, "unlinked")


@blueprint.post("/evidence/<evidence>/remove")
@learner
def discard(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """Removes a piece; for a day it can be had back."""
    return _done_to(actor, placement, portfolio, evidence, remove, "removed")


@blueprint.post("/evidence/<evidence>/restore")
@learner
def have_back(actor: Actor, placement: str, portfolio: str, evidence: str) -> ResponseReturnValue:
    """Brings a removed piece back."""
    return _done_to(actor, placement, portfolio, evidence, restore, "restored")


def _linked(
    actor: Actor,
    placement: str,
    portfolio: str,
    evidence: str,
    act: Callable[[Session, Actor, str, Task], EvidenceView],
    did: str,
) -> ResponseReturnValue:
    desk = open_portfolio(actor, placement, portfolio)
    code = request.form.get("code", "")
    task = task_of(desk, code)
    try:
        act(db(), actor, evidence, task)
    except ImhcfError as error:
        return _refused(desk, error)
    return done(desk, did, evidence, code)


def _done_to(
    actor: Actor,
    placement: str,
    portfolio: str,
    evidence: str,
    act: Callable[[Session, Actor, str], EvidenceView],
    did: str,
) -> ResponseReturnValue:
    desk = open_portfolio(actor, placement, portfolio)
    try:
        act(db(), actor, evidence)
    except ImhcfError as error:
        return _refused(desk, error)
    return done(desk, did, evidence)


def _refused(desk: Desk, error: ImhcfError) -> ResponseReturnValue:
    """A piece that is not there is nobody's page; another refusal is said where it was asked for."""
    if isinstance(error, NotFound) or (where() and where() not in desk.asked.by_code):
        raise error
    return refused(desk, error)

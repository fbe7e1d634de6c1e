"""Entries removed and put back; certificates handed out, removed and put back."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.downloads import attachment
from lti_tool.training.plans import recording
from lti_tool.training.plans.pages import blueprint, open_place
from lti_tool.training.plans.queries import record_of
from lti_tool.web.guards import learner
from lti_tool.web.requests import db, runtime


@blueprint.post("/training-record/<record>/remove")
@learner
def remove_record(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """Takes an entry out of the record; it can be put back."""
    open_place(actor, placement)
    recording.remove_record(db(), actor, record)
    return redirect(url_for(".records", record=record, did="removed"), 303)


@blueprint.post("/training-record/<record>/restore")
@learner
def restore_record(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """Puts a removed entry back."""
    open_place(actor, placement)
    recording.restore_record(db(), actor, record)
    return redirect(url_for(".records", record=record, did="restored"), 303)


@blueprint.get("/training-record/<record>/certificate")
@learner
def certificate(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """Hands the certificate out, to be saved."""
    open_place(actor, placement)
    blobs = open_blobs(runtime().settings)
    return attachment(*recording.read_certificate(db(), actor, blobs, record))


@blueprint.post("/training-record/<record>/certificate/remove")
@learner
def remove_certificate(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """Takes the certificate off an entry; for a day it can be put back."""
    open_place(actor, placement)
    file = record_of(db(), actor.person_id, record).certificate
    recording.remove_certificate(db(), actor, record)
    name = file.public_id if file else None
    return redirect(url_for(".records", record=record, did="certificate-removed", file=name), 303)


@blueprint.post("/training-record/<record>/certificate/restore")
@learner
def restore_certificate(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """Puts a removed certificate back."""
    open_place(actor, placement)
    recording.restore_certificate(db(), actor, record, request.form.get("file", ""))
    return redirect(url_for(".records", record=record, did="certificate-restored"), 303)

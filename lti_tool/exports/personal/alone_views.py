"""Everything about me, where there is no activity around: what a data privacy launch opens."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.exports.personal.queries import record_of, taken_records
from lti_tool.exports.personal.views import zip_of
from lti_tool.exports.personal.wording import held_words, taken_words
from lti_tool.kernel.actor import Actor
from lti_tool.web.guards import member
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("personal_alone", __name__, url_prefix="/at/<slot>")


@blueprint.url_defaults
def stay_in_slot(_endpoint: str, values: dict[str, Any]) -> None:
    """Fills the slot from the address of this request."""
    here = request.view_args or {}
    if "slot" in here:
        values.setdefault("slot", here["slot"])


@blueprint.get("/my-record")
@member
def mine(actor: Actor) -> ResponseReturnValue:
    """What does this tool know of me? It needs no course, and no role in one."""
    held = record_of(db(), actor, runtime().settings.base_url)
    return render_template(
        "personal/mine.html",
        actor=actor,
        placement=None,
        record=held.record,
        lines=held_words(held.record),
        taken_words=taken_words,
        bytes=sum(file.size for file in held.record.files),
        brought=taken_records(db(), actor),
        taken="",
        put_away=False,
    )


@blueprint.get("/my-record/zip")
@member
def download(actor: Actor) -> ResponseReturnValue:
    """The zip of everything, complete before its first byte is sent."""
    return zip_of(actor)

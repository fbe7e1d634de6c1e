"""Everything about me: what is held, the zip of it, and bringing such a zip from elsewhere."""

import io
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.exports.personal.archive import Parcel, open_record, write_record
from lti_tool.exports.personal.queries import Brought, brought_record, record_of, taken_records
from lti_tool.exports.personal.rules import MOST_ZIP
from lti_tool.exports.personal.services import (
    Taking,
    findings_of,
    keep_to_look_at,
    put_away,
    take_in,
)
from lti_tool.exports.personal.shapes import Record
from lti_tool.exports.personal.wording import held_words, taken_words
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import Blobs, open_blobs
from lti_tool.storage.rules import check_file
from lti_tool.web.guards import learner, member
from lti_tool.web.requests import close_transaction, db, runtime
from lti_tool.web.uploads import largest_file, takes_up_to

blueprint = Blueprint("personal", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

# A zip up to here is kept in memory while it is written; a larger one goes to a temporary file.
_IN_MEMORY = 4_000_000
_FORM_AROUND = 100_000


@blueprint.get("/my-record")
@member
def mine(actor: Actor, placement: str) -> ResponseReturnValue:
    """What does this tool know of me, and how do I take it with me?"""
    place, asked = _here(actor, placement)
    held = record_of(db(), actor, runtime().settings.base_url)
    return _page(
        "mine",
        actor,
        place,
        asked,
        record=held.record,
        lines=held_words(held.record),
        taken_words=taken_words,
        bytes=sum(file.size for file in held.record.files),
        brought=taken_records(db(), actor),
        taken=request.args.get("taken", ""),
        put_away="put_away" in request.args,
    )


@blueprint.get("/my-record/zip")
@member
def download(actor: Actor, placement: str) -> ResponseReturnValue:
    """The zip of everything, complete before its first byte is sent.

    Made at once and kept nowhere: a copy of somebody's whole record that waits in a store
    would be one more thing to guard.
    """
    placement_for(db(), actor, placement)
    return zip_of(actor)


def zip_of(actor: Actor) -> Response:
    """Returns the zip of everything about the actor, as a download."""
    held = record_of(db(), actor, runtime().settings.base_url)
    known = instruments_for(db(), actor.organisation_id)
    close_transaction()  # files may come from a store elsewhere
    page = partial(_readable, known)
    target = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    try:
        write_record(
            cast("BinaryIO", target), held, page, partial(_blobs().get, actor.organisation_id)
        )
        size = target.tell()
        target.seek(0)
        return _as_download(cast("BinaryIO", target), size)
    except BaseException:
        target.close()
        raise


@blueprint.route("/my-record/import", methods=["GET", "POST"])
@learner
@takes_up_to(MOST_ZIP + _FORM_AROUND)
def bring(actor: Actor, placement: str) -> ResponseReturnValue:
    """Brings a zip from another installation: looked at first, and nothing taken in yet."""
    place, asked = _here(actor, placement)
    if request.method == "GET":
        return _page("bring", actor, place, asked, problem=None)
    close_transaction()  # reading the zip takes a while, and must keep nobody from saving
    try:
        content, parcel = _sent_record()
    except (InvalidInput, TooLarge) as error:
        page = _page("bring", actor, place, asked, problem=error)
        return page, 413 if isinstance(error, TooLarge) else 400
    public_id = keep_to_look_at(db(), actor, _blobs(), content, parcel.record)
    return redirect(url_for(".look", brought=public_id), 303)


@blueprint.route("/my-record/import/<brought>", methods=["GET", "POST"])
@learner
def look(actor: Actor, placement: str, brought: str) -> ResponseReturnValue:
    """What will come in, what is here already, what differs and which side wins?"""
    place, asked = _here(actor, placement)
    found = brought_record(db(), actor, brought)
    close_transaction()
    parcel = _opened(actor, found)
    if request.method == "POST":
        chosen = [name for name, side in request.form.items() if side == "theirs"]
        taking = Taking(actor, place, parcel, [n.removeprefix("side-") for n in chosen])
        take_in(db(), runtime(), _blobs(), found, taking)
        return redirect(url_for(".mine", taken=brought), 303)
    known = instruments_for(db(), actor.organisation_id)
    return _page(
        "look",
        actor,
        place,
        asked,
        brought=found,
        record=parcel.record,
        findings=findings_of(db(), actor, runtime().settings.base_url, parcel.record),
        known=known,
    )


@blueprint.post("/my-record/import/<brought>/put-away")
@learner
def leave(actor: Actor, placement: str, brought: str) -> ResponseReturnValue:
    """Forgets a record that was only looked at."""
    placement_for(db(), actor, placement)
    put_away(db(), _blobs(), brought_record(db(), actor, brought), actor)
    return redirect(url_for(".mine", put_away=1), 303)


def _here(actor: Actor, placement: str) -> tuple[PlacementView, Instrument | None]:
    place = placement_for(db(), actor, placement)
    found = instruments_for(db(), actor.organisation_id)
    return place, asked_for(found, place.set_up.instrument)


def _blobs() -> Blobs:
    return open_blobs(runtime().settings)


def _sent_record() -> tuple[bytes, Parcel]:
    sent = request.files.get("record")
    if sent is None or not sent.filename:
        raise InvalidInput(N_("No file was chosen."), code="record-none")
    content = sent.stream.read(MOST_ZIP + 1)
    return content, open_record(io.BytesIO(content), tried=_tried)


def _opened(actor: Actor, brought: Brought) -> Parcel:
    content = _blobs().get(actor.organisation_id, brought.digest)
    return open_record(io.BytesIO(content), tried=_tried)


def _tried(name: str, content: bytes) -> object:
    """Raises where a file of the zip is none that is kept here, by its content."""
    return check_file(name, content, limit=largest_file(runtime().settings))


def _readable(known: Mapping[str, Instrument], record: Record) -> str:
    """The record as a page that needs nothing but a browser."""
    css = Path(__file__).with_name("record.css").read_text(encoding="utf-8")
    ours = Markup(css)  # nosec B704  # noqa: S704 - a file of this package
    return render_template(
        "personal/record.html",
        record=record,
        known=known,
        paths={file.id: file for file in record.files},
        css=ours,
    )


def _as_download(target: BinaryIO, size: int) -> Response:
    name = f"imhcf-record-{clock.now():%Y-%m-%d}.zip"
    response = send_file(target, mimetype="application/zip", as_attachment=True, download_name=name)
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument | None, **context: Any
) -> str:
    return render_template(
        f"personal/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=actor.is_tutor and not actor.is_learner,
        **context,
    )

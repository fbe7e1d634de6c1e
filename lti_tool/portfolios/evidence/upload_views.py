"""Files on their way: in parts from the page's script, or whole from its plain form."""

import io
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.evidence.answering import done, refused
from lti_tool.portfolios.evidence.opening import blueprint, open_task
from lti_tool.portfolios.evidence.queries import evidence_with_file
from lti_tool.portfolios.evidence.services import ForTask, check_task
from lti_tool.portfolios.evidence.taking import check_whole, take_whole
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.sources import files_beside
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.facts import FileView
from lti_tool.storage.uploads.finishing import discard_objects, finish_upload
from lti_tool.storage.uploads.queries import UploadView, limits_of, upload_of
from lti_tool.storage.uploads.receiving import receive_part
from lti_tool.storage.uploads.rules import LARGEST_PART, Wish
from lti_tool.storage.uploads.services import abandon_upload, begin_upload
from lti_tool.web.guards import learner
from lti_tool.web.requests import close_transaction, db, runtime
from lti_tool.web.uploads import sent_part, takes_up_to

# What a plain form may bring: a file that is too large for it is still read, and refused in words.
_PATIENCE = 3 * LARGEST_PART
_LONGEST_NUMBER = 15


@blueprint.post("/task/<code>/evidence")
@learner
@takes_up_to(_PATIENCE)
def add(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """The plain form: takes files that one request can carry."""
    desk, task = open_task(actor, placement, portfolio, code)
    sent = [one for one in request.files.getlist("files") if one.filename]
    close_transaction()  # nothing is held while files are looked at
    try:
        if not sent:
            raise InvalidInput(
                N_("No file was chosen."),
                code="file-none",
                advice=N_("Choose one or more files first."),
            )
        for one in sent:
            _take(actor, task, one)
    except ImhcfError as error:
        return refused(desk, error)
    return done(desk, "added")


@blueprint.post("/task/<code>/evidence/bring")
@learner
def bring(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """Adds a file that the learner keeps elsewhere here, without another upload."""
    desk, task = open_task(actor, placement, portfolio, code)
    key = request.form.get("key", "")
    offered = {one.key: one for one in files_beside(db(), actor, desk.asked, code)}
    close_transaction()
    try:
        if key not in offered:
            raise NotFound(
                N_("The file that was to be added is no longer there."), code="file-gone"
            )
        file = offered[key].file
        content = open_blobs(runtime().settings).get(file.organisation_id, file.digest)
        wish = Wish(file.name, len(content), file.media_type)
        added = take_whole(runtime(), actor, task, wish, io.BytesIO(content))
    except ImhcfError as error:
        return refused(desk, error)
    return done(desk, "added", _piece_name(added))


@blueprint.post("/task/<code>/evidence/uploads")
@learner
def begin(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """Makes room for a file that comes in parts, or says at once why it would not be taken."""
    _desk, task = open_task(actor, placement, portfolio, code)
    check_task(db(), actor, task)
    upload = begin_upload(db(), actor, _wish(request.get_json()), limits_of(runtime().settings))
    return jsonify(_facts(upload, task))


@blueprint.get("/task/<code>/evidence/uploads/<upload>")
@learner
def stands(
    actor: Actor, placement: str, portfolio: str, code: str, upload: str
) -> ResponseReturnValue:
    """How far is an upload?"""
    _desk, task = open_task(actor, placement, portfolio, code)
    return jsonify(_facts(upload_of(db(), actor.person_id, upload), task))


@blueprint.patch("/task/<code>/evidence/uploads/<upload>")
@learner
@takes_up_to(LARGEST_PART)
def part(
    actor: Actor, placement: str, portfolio: str, code: str, upload: str
) -> ResponseReturnValue:
    """Stores a part of a file, as far as it comes, and says how far the upload is."""
    open_task(actor, placement, portfolio, code)
    sent = sent_part(LARGEST_PART)
    close_transaction()  # nothing is held while the bytes come
    blobs = open_blobs(runtime().settings)
    at = receive_part(runtime().database, blobs, actor, upload, sent.offset, sent.body)
    return jsonify(received=at.received)


@blueprint.post("/task/<code>/evidence/uploads/<upload>/done")
@learner
def finish(
    actor: Actor, placement: str, portfolio: str, code: str, upload: str
) -> ResponseReturnValue:
    """Makes evidence of an upload of which everything is there."""
    desk, task = open_task(actor, placement, portfolio, code)
    close_transaction()
    settings = runtime().settings
    try:
        file = finish_upload(
            runtime().database,
            open_blobs(settings),
            actor,
            upload,
            scan=bool(settings.clamav),
            purpose=ForTask(actor, task),
        )
    except ImhcfError as error:
        return refused(desk, error)
    return done(desk, "added", _piece_name(file))


@blueprint.post("/task/<code>/evidence/uploads/<upload>/cancel")
@learner
def cancel(
    actor: Actor, placement: str, portfolio: str, code: str, upload: str
) -> ResponseReturnValue:
    """Forgets an upload; a file that it became meanwhile stays."""
    desk, _task = open_task(actor, placement, portfolio, code)
    public_id = upload_of(db(), actor.person_id, upload).public_id
    abandon_upload(db(), actor, public_id)
    runtime().database.commit(db())
    close_transaction()
    discard_objects(open_blobs(runtime().settings), public_id)
    return done(desk, "cancelled")


def _take(actor: Actor, task: Task, sent: FileStorage) -> FileView:
    size = sent.stream.seek(0, io.SEEK_END)
    sent.stream.seek(0)
    check_whole(size)
    wish = Wish(sent.filename or "", size, sent.mimetype)
    return take_whole(runtime(), actor, task, wish, sent.stream)


def _wish(sent: object) -> Wish:
    """Returns what a script says of a file; raises `InvalidInput` for anything but that."""
    facts = sent if isinstance(sent, dict) else {}
    name, declared = facts.get("name"), facts.get("type", "")
    size: Any = facts.get("size")
    is_size = isinstance(size, int) and not isinstance(size, bool)
    if not (isinstance(name, str) and isinstance(declared, str) and is_size):
        raise InvalidInput(N_("This upload does not say what it brings."), code="upload-unclear")
    if len(str(size)) > _LONGEST_NUMBER:
        size = 10**_LONGEST_NUMBER  # larger than anything that is kept
    return Wish(name, size, declared)


def _facts(upload: UploadView, task: Task) -> dict[str, object]:
    place: dict[str, Any] = {"code": task.code, "upload": upload.public_id}
    return {
        "upload": upload.public_id,
        "received": upload.received,
        "size": upload.size,
        "stands": url_for("evidence.stands", **place),
        "part": url_for("evidence.part", **place),
        "done": url_for("evidence.finish", **place),
        "cancel": url_for("evidence.cancel", **place),
    }


def _piece_name(file: FileView) -> str:
    piece = evidence_with_file(db(), file.id)
    return piece.public_id if piece else ""

"""A file on its way out: saved by the browser, or shown and played where nothing of it can run."""

from collections.abc import Iterator
from itertools import chain

from flask import Response, request

from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.kinds.types import Family, family_of
from lti_tool.storage.pictures.cleaning import PREVIEW_TYPE
from lti_tool.storage.queries import FileView
from lti_tool.storage.ranges import Unsatisfiable, is_known, part_asked
from lti_tool.storage.rules import content_disposition
from lti_tool.storage.scanning.rules import Serving, serving

_SANDBOX = "sandbox; default-src 'none'"
# A page of the browser's own around a picture or a recording needs these, and no more.
_SHOWN = (
    "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def attachment(file: FileView, content: bytes) -> Response:
    """Returns the answer that hands a file out.

    The type is the one that its content was checked for; whatever it is, no browser may guess
    another, open it in place or let it run.
    """
    response = Response(content, content_type=file.media_type)
    response.headers["Content-Disposition"] = content_disposition(file.name)
    return _guarded(response, _SANDBOX)


def hand_out(
    blobs: Blobs, file: FileView, *, is_owner: bool, may_see: bool, inline: bool = False
) -> Response:
    """Returns a file, or the part of it that the request asks for, in steps.

    `inline` shows a picture or plays a recording in place; everything else is saved, whatever
    was asked. At most a few MB are in memory. Raises `NotFound` for somebody who may not see it,
    `Conflict` to its owner as long as it is being checked, `NotAllowed` when a virus was found,
    `Unavailable`.
    """
    check_serving(file, is_owner=is_owner, may_see=may_see)
    shown = inline and family_of(file.media_type) is not Family.DOCUMENT
    response = _answer(blobs, file, file.digest, file.size)
    response.content_type = file.media_type
    if not shown:
        response.headers["Content-Disposition"] = content_disposition(file.name)
    return _guarded(response, _SHOWN if shown else _SANDBOX)


def show_preview(blobs: Blobs, file: FileView, *, is_owner: bool, may_see: bool) -> Response:
    """Returns the preview of a picture, for a page to show; raises as `hand_out` does."""
    check_serving(file, is_owner=is_owner, may_see=may_see)
    if file.preview_digest is None or file.preview_size is None:
        raise NotFound(N_("This file has no preview."), code="file-no-preview")
    response = _answer(blobs, file, file.preview_digest, file.preview_size)
    response.content_type = PREVIEW_TYPE
    return _guarded(response, _SHOWN)


def check_serving(file: FileView, *, is_owner: bool, may_see: bool) -> None:
    """Raises what somebody is told who is not given a file; see `scanning.rules.serving`."""
    given = serving(file.scan, is_owner=is_owner, may_see=may_see)
    if given is Serving.BEING_CHECKED:
        raise Conflict(
            N_("This file is being checked for viruses."),
            code="file-being-checked",
            advice=N_("It is safely stored. Come back in a few minutes."),
        )
    if given is Serving.INFECTED:
        raise NotAllowed(
            N_("A virus was found in this file, so it is given to nobody."),
            code="file-infected",
            advice=N_("Remove it here, and have the device checked that it came from."),
        )
    if given is Serving.NOTHING:
        raise NotFound(N_("There is no such file here."), code="file-unknown")


def _answer(blobs: Blobs, file: FileView, digest: str, size: int) -> Response:
    etag = f'"{digest}"'
    if is_known(request.headers.get("If-None-Match", ""), etag):
        return _tagged(Response(status=304), etag)
    try:
        part = part_asked(
            request.headers.get("Range", "") if request.method in {"GET", "HEAD"} else "",
            request.headers.get("If-Range", ""),
            etag,
            size,
        )
    except Unsatisfiable:
        response = _tagged(Response(status=416), etag)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    start, length = (part.start, part.size) if part else (0, size)
    steps = blobs.stream(file.organisation_id, digest, start, length)
    body = () if request.method == "HEAD" else _begun(steps)
    response = _tagged(Response(body, status=206 if part else 200), etag)
    response.headers["Content-Length"] = str(length)
    if part:
        response.headers["Content-Range"] = part.said_of(size)
    return response


def _begun(steps: Iterator[bytes]) -> Iterator[bytes]:
    """Fetches the first step before anything is sent, so that a store that is away is said."""
    first = next(steps, b"")
    return chain([first], steps)


def _tagged(response: Response, etag: str) -> Response:
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _guarded(response: Response, policy: str) -> Response:
    response.headers["Content-Security-Policy"] = policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response

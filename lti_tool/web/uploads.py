"""Routes that take a file: a limit of their own for the size of what is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, ParamSpec, TypeVar

from flask import Flask, current_app, request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ClientDisconnected

from lti_tool.kernel.errors import InvalidInput, TooLarge
from lti_tool.kernel.settings import Settings
from lti_tool.kernel.text import N_

P = ParamSpec("P")
R = TypeVar("R")
_MEGABYTE = 1_000_000
# A file up to this many times too large is still read to its end, so that the page can come
# back with everything else that was typed. A larger one is cut off.
_PATIENCE = 3
_LONGEST_NUMBER = 15


def takes_file(view: Callable[P, R]) -> Callable[P, R]:
    """Marks a view whose form may hold a file; goes beneath its guard."""
    view.takes_file = True  # type: ignore[attr-defined]
    return view


def takes_up_to(size: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a view whose form may hold so many bytes; goes beneath its guard."""

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.takes_bytes = size  # type: ignore[attr-defined]
        return view

    return mark


def largest_file(settings: Settings) -> int:
    """Returns the largest file that is kept, in bytes."""
    return settings.upload_megabytes * _MEGABYTE


def sent_file(field: str, settings: Settings) -> tuple[str, bytes] | None:
    """Returns name and content of the file that came in a field, or None where none was chosen.

    Of a file that is too large no more is read than shows it.
    """
    sent: FileStorage | None = request.files.get(field)
    if sent is None or not sent.filename:
        return None
    return sent.filename, sent.stream.read(largest_file(settings) + 1)


def allow_files(app: Flask) -> None:
    """Raises the limit for marked views. Comes before the form check, which reads the form."""

    @app.before_request
    def raise_limit() -> None:
        view = app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "takes_bytes", None)
        if getattr(view, "takes_file", False):
            forms: int = current_app.config["MAX_CONTENT_LENGTH"]
            settings = app.extensions["imhcf"].settings
            request.max_content_length = forms + _PATIENCE * largest_file(settings)


# The media types of a part of a file: of tus 1.0, and of the IETF's draft for resumable uploads.
PART_TYPES = frozenset({"application/offset+octet-stream", "application/partial-upload"})


class PartBody:
    """The body of a request that brings a part of a file, read in steps.

    It ends early, without an error, where the connection is cut, so that what came is kept.
    """

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream = stream
        self._left = length
        self.was_cut = False

    def read(self, size: int, /) -> bytes:
        """Returns up to so many bytes; none at the end, or where the connection is cut."""
        if self.was_cut or not self._left:
            return b""
        try:
            step = self._stream.read(min(size, self._left))
        except (OSError, ClientDisconnected):
            step = b""
        self.was_cut = not step
        self._left -= len(step)
        return step


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part of a file as a request brings it: where it begins, its length, and its bytes."""

    offset: int
    length: int
    body: PartBody


def sent_part(largest: int) -> SentPart:
    """Returns the part that the current request brings; nothing of it is read yet.

    Its place stands in `Upload-Offset` (tus 1.0, "PATCH"). Raises `InvalidInput` for a missing or
    impossible place, another media type or an unknown length, `TooLarge` above `largest` bytes.
    The view is marked with `takes_up_to(largest)`.
    """
    if request.mimetype not in PART_TYPES:
        raise InvalidInput(
            N_("This was sent in a form that the page does not read."), code="part-media-type"
        )
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) <= _LONGEST_NUMBER):
        raise InvalidInput(
            N_("This part of a file does not say where it belongs."), code="part-offset"
        )
    length = request.content_length
    if length is None:
        raise InvalidInput(
            N_("This part of a file does not say how long it is."), code="part-length"
        )
    if length > largest:
        raise TooLarge(
            N_("This part of a file is larger than parts may be."),
            code="part-too-large",
            advice=N_("Send it in parts of %(megabytes)s MB or less."),
            params={"megabytes": largest // _MEGABYTE},
        )
    return SentPart(int(offset), length, PartBody(request.stream, length))

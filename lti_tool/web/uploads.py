"""Routes that take a file: a limit of their own for the size of what is sent."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, current_app, request
from werkzeug.datastructures import FileStorage

from lti_tool.kernel.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")
_MEGABYTE = 1_000_000
# A file up to this many times too large is still read to its end, so that the page can come
# back with everything else that was typed. A larger one is cut off.
_PATIENCE = 3


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

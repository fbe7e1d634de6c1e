"""A file on its way out: saved by the browser, never shown or run inside our pages."""

from flask import Response

from lti_tool.storage.queries import FileView
from lti_tool.storage.rules import content_disposition


def attachment(file: FileView, content: bytes) -> Response:
    """Returns the answer that hands a file out.

    The type is the one that its content was checked for; whatever it is, no browser may guess
    another, open it in place or let it run.
    """
    response = Response(content, content_type=file.media_type)
    response.headers["Content-Disposition"] = content_disposition(file.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response

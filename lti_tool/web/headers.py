"""Security headers. Pages live in the LMS's frame, so who may frame them is said each time."""

from flask import Flask, Response, g, request

from lti_tool.kernel.origins import source_of
from lti_tool.web.guards import live_session

__all__ = ["ANYONE", "NOBODY", "frame_in", "post_to", "protect_pages", "source_of"]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " media-src 'self'; font-src 'self'; connect-src 'self'; form-action {form_action}; base-uri 'none';"
    " frame-ancestors {ancestors}"
)
# A page without a session shows nothing that a click could steal: an error, or a way on.
ANYONE = "http: https:"
NOBODY = "'none'"
_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "camera",
        "display-capture",
        "geolocation",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
    )
)


def frame_in(ancestors: str) -> None:
    """Says who may frame this answer, where no session says it: a CSP source list."""
    g.frame_ancestors = ancestors


def post_to(address: str) -> None:
    """Lets a form of this answer post to the origin of one more address, such as an LMS that waits.

    Raises `ValueError` for an address that has none.
    """
    source = source_of(address)
    if source is None:
        raise ValueError("no origin")
    g.form_action = f"'self' {source}"


def protect_pages(app: Flask) -> None:
    """Adds the headers to every response of the application."""
    is_https = app.extensions["imhcf"].settings.is_https

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers["X-Content-Type-Options"] = "nosniff"
        if is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if request.endpoint and request.endpoint.endswith("static"):
            # Ours have their content's digest in the address; Bootstrap's stay where they are.
            is_ours = request.endpoint == "static"
            headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if is_ours else "public, max-age=86400"
            )
            return response
        headers.setdefault("Content-Security-Policy", _policy())
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cache-Control", "no-store")
        headers["Permissions-Policy"] = _PERMISSIONS
        # An LMS shows our icons, which are static; nothing else is for another site's page.
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


def _policy() -> str:
    live = live_session()
    ancestors = live.frame_ancestors if live else g.get("frame_ancestors", ANYONE)
    return _POLICY.format(ancestors=ancestors, form_action=g.get("form_action", "'self'"))

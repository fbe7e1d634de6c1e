"""Security headers. Pages live in the LMS's frame, so who may frame them is said each time."""

from flask import Flask, Response, request

from lti_tool.web.guards import live_session

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action {form_action}; base-uri 'none';"
    " frame-ancestors {ancestors}"
)
# A page without a session shows nothing that a click could steal: an error, or a way on.
ANYONE = "http: https:"


def protect_pages(app: Flask) -> None:
    """Adds the headers to every response of the application."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.endpoint and request.endpoint.endswith("static"):
            # Ours have their content's digest in the address; Bootstrap's stay where they are.
            is_ours = request.endpoint == "static"
            headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if is_ours else "public, max-age=86400"
            )
            headers["X-Content-Type-Options"] = "nosniff"
            return response
        live = live_session()
        ancestors = live.frame_ancestors if live else ANYONE
        policy = _POLICY.format(ancestors=ancestors, form_action="'self'")
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        headers.setdefault("Cache-Control", "no-store")
        if app.extensions["imhcf"].settings.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

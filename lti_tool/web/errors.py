"""Errors become pages here and nowhere else: a plain sentence, what to do, a code for support."""

import secrets

import structlog
from flask import Flask, Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from lti_tool.kernel import errors

log = structlog.get_logger()

STATUS: dict[type[errors.ImhcfError], int] = {
    errors.InvalidInput: 400,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}


def status_of(error: errors.ImhcfError) -> int:
    """Returns the HTTP status of an error by its nearest known class; 500 for none."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def show_errors(app: Flask) -> None:
    """Registers the handlers, from the known to the unforeseen."""
    app.register_error_handler(errors.ImhcfError, _refused)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def wants_json() -> bool:
    """Says whether the caller is a script or a program rather than a person's page view."""
    if request.path.endswith(".json"):
        return True
    return request.accept_mimetypes.best == "application/json"


def error_answer(error: errors.ImhcfError, status: int) -> Response:
    """Returns the page (or, to a script, the JSON) for an error, and logs its line."""
    reference = f"{error.code}-{secrets.token_hex(3)}"
    logged = log.error if status >= 500 else log.warning
    logged(
        "refused",
        code=error.code,
        reference=reference,
        status=status,
        detail=error.detail,
        endpoint=request.endpoint,
        method=request.method,
    )
    facts = {
        "code": error.code,
        "reference": reference,
        "sentence": _said(error.sentence, error),
        "advice": _said(error.advice, error),
    }
    if wants_json():
        response = jsonify(error=facts)
    else:
        response = make_response(render_template("_shared/error.html", **facts))
    response.status_code = status
    if isinstance(error, errors.TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    elif status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _said(text: str, error: errors.ImhcfError) -> str:
    if not text:
        return ""
    translated = str(_(text))
    return translated % error.params if error.params else translated


def _refused(error: errors.ImhcfError) -> Response:
    return error_answer(error, status_of(error))


def _stale_form(error: CSRFError) -> Response:
    refused = errors.InvalidInput(
        _("This form is from a page that has been open too long, or from another sign-in."),
        code="form-too-old",
        advice=_("Open the activity again from your course. What you typed is kept there."),
        detail=str(error.description),
    )
    return error_answer(refused, 400)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    sentences = {
        404: (_("There is no page at this address."), "page-not-found"),
        405: (_("This address does not take that kind of request."), "method-not-allowed"),
        413: (_("More was sent than this page takes."), "too-large"),
        415: (_("This was sent in a form that the page does not read."), "media-type"),
    }
    sentence, code = sentences.get(
        status, (_("The request could not be understood."), "bad-request")
    )
    refused = errors.ImhcfError(
        sentence, code=code, advice=_("Go back to your course and open the activity from there.")
    )
    response = error_answer(refused, status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen", error=type(error).__name__, exc_info=error)
    if isinstance(error, (DBAPIError, PoolTimeout)):
        busy = errors.Unavailable(
            _("The database does not answer just now."),
            code="database-unavailable",
            advice=_("Nothing that was saved is lost. Try again in a moment."),
        )
        return error_answer(busy, 503)
    refused = errors.ImhcfError(
        _("Something went wrong on our side."),
        advice=_("What you saved is safe. Try again; if it happens again, tell your tutor."),
    )
    return error_answer(refused, 500)

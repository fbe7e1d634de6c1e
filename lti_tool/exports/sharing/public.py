"""The page of a shared link: public, read-only, without a session."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.exports.sharing.content import reading_of
from lti_tool.exports.sharing.queries import open_link
from lti_tool.exports.sharing.rules import today_in
from lti_tool.exports.sharing.services import note_opening
from lti_tool.exports.sharing.wording import CHANGE_WORDS
from lti_tool.kernel import clock
from lti_tool.web.guards import public
from lti_tool.web.limits import SHARED_LINKS, limited
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("shared", __name__)

# Nobody frames this page, nothing in it is sent anywhere, and no address of it leaks.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@blueprint.get("/shared/<token>")
@public
@limited(SHARED_LINKS, by="token")
def plan(token: str) -> ResponseReturnValue:
    """What does the person who sent me this want me to see?"""
    shared = open_link(db(), token, today_in(runtime().settings.timezone, clock.now()))
    if _looks_opened():
        # Noted before anything is shown: an opening that cannot be noted does not happen.
        with runtime().database.transaction() as session:
            note_opening(session, shared.id, clock.now())
    reading = reading_of(db(), shared)
    return render_template("sharing/shared.html", reading=reading, words=CHANGE_WORDS)


@blueprint.after_request
def close_off(response: Response) -> Response:
    """Adds the headers of a page that is for its reader alone, whatever it says."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _looks_opened() -> bool:
    """Says whether somebody may be looking: a page view, and not a check of the address.

    A mail program that fetches a page for its preview looks the same as a person, so the
    owner is told "opened or previewed".
    """
    ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return (
        request.method == "GET" and "prefetch" not in ahead and request.accept_mimetypes.accept_html
    )

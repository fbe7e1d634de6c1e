"""A witness's page: public, found by the secret in its address, without account or cookie.

A form here carries no token against forgery, since there is nothing that a browser would send
along by itself: who can make somebody's browser post here knows the secret, and with it can
write in their own browser. What another site's page sends is refused all the same.
"""

from http import HTTPStatus

from flask import Blueprint, Response, render_template, request, url_for
from flask import redirect as see_other
from flask.typing import ResponseReturnValue

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, ImhcfError, NotFound, TooManyRequests
from lti_tool.portfolios.places import Place
from lti_tool.portfolios.statements.giving import give, note_opened
from lti_tool.portfolios.statements.queries import closed, open_invitation, statement_by_token
from lti_tool.portfolios.statements.reading import Reading, places_of, reading_of
from lti_tool.portfolios.statements.rules import (
    LONGEST_STATEMENT,
    Typed,
    last_day,
    parse_statement,
)
from lti_tool.portfolios.wording import kind_advice, kind_words
from lti_tool.web.errors import status_of
from lti_tool.web.guards import public
from lti_tool.web.limits import STATEMENTS, count, limited
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("statement", __name__)

# Nobody frames this page, its form goes nowhere else, and no address of it leaks.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FOREIGN = frozenset({"cross-site", "same-site"})


@blueprint.get("/statement/<token>")
@public
@limited(STATEMENTS, by="token")
def invited(token: str) -> ResponseReturnValue:
    """Who asks me, for what, and what did I say?"""
    found = open_invitation(db(), token, clock.now())
    if found.opened_at is None and _looks_opened():
        with runtime().database.transaction() as session:
            note_opened(session, found.id, clock.now())
    reading = reading_of(db(), found)
    if found.is_given and not (reading.is_open and "correct" in request.args):
        return _page("given", reading)
    typed = Typed({"name": found.name, "role": found.role, "text": found.text})
    return _form(reading, typed)


@blueprint.post("/statement/<token>")
@public
@limited()
def confirm(token: str) -> ResponseReturnValue:
    """Takes a statement in; whatever is wrong, what was typed is shown again."""
    if request.headers.get("Sec-Fetch-Site") in _FOREIGN:
        raise closed()
    typed, said = parse_statement(request.form)
    try:
        count(STATEMENTS, of=token)
        reading = reading_of(db(), open_invitation(db(), token, clock.now()))
        places = places_of(typed["text"], reading, [typed["name"]])
        if said is None or not _has_looked(places):
            return _form(reading, typed, places, is_asked=said is not None), HTTPStatus.BAD_REQUEST
        give(db(), token, said)
    except (Conflict, NotFound, TooManyRequests) as error:
        return _not_taken(token, typed, error)
    return see_other(url_for(".invited", token=token), 303)


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


def _has_looked(places: list[Place]) -> bool:
    """Says whether every place was on the page when the witness confirmed: then they decided."""
    seen = set(request.form.get("places", "").split())
    return {place.mark for place in places} <= seen


def _form(
    reading: Reading, typed: Typed, places: list[Place] | None = None, *, is_asked: bool = False
) -> str:
    return _page(
        "give",
        reading,
        form=typed,
        places=places or [],
        is_asked=is_asked,
        longest=LONGEST_STATEMENT,
        kind_words=kind_words,
        kind_advice=kind_advice,
    )


def _not_taken(token: str, typed: Typed, error: ImhcfError) -> ResponseReturnValue:
    """Shows what was typed again, to whoever has a link that is or was one."""
    close_transaction()
    if statement_by_token(db(), token) is None:
        raise error
    page = render_template("statements/not_taken.html", form=typed, error=error)
    response = Response(page, status=status_of(error))
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _page(view: str, reading: Reading, **context: object) -> str:
    zone = runtime().settings.timezone
    return render_template(
        f"statements/{view}.html",
        reading=reading,
        statement=reading.statement,
        ends_on=last_day(reading.statement.ends_at, zone),
        **context,
    )


def _looks_opened() -> bool:
    """Says whether somebody may be looking: a page view, and not a check of the address."""
    ahead = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return (
        request.method == "GET" and "prefetch" not in ahead and request.accept_mimetypes.accept_html
    )

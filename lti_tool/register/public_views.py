"""The public register: searching, an entry's page, verifying by code; in HTML and in JSON.

Nothing here needs a session. No page but the one for embedding may stand in a frame.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask import url_for as address_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel import clock
from lti_tool.kernel.codes import grouped, read_code
from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_
from lti_tool.register.limiting import REGISTER, VERIFYING, limited
from lti_tool.register.public_queries import (
    PublicEntry,
    PublicOrganisation,
    Results,
    entry_by_code,
    find,
    may_list,
    organisations,
    shown_entry,
    unknown_code,
)
from lti_tool.register.rules import LEVELS
from lti_tool.register.searching import SHORTEST, Search, parse_search
from lti_tool.register.wording import STANDINGS
from lti_tool.web.errors import wants_json
from lti_tool.web.guards import public
from lti_tool.web.headers import ANYONE
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("register", __name__)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
EMBEDDED = "register.embed"
JSON = "application/json"


@blueprint.get("/register")
@blueprint.get("/register.json", endpoint="search_json")
@public
@limited(REGISTER)
def search() -> ResponseReturnValue:
    """Is this person recognised, at which level, until when?"""
    wanted = parse_search(request.args)
    known = organisations(db())
    results = find(db(), wanted, known, today())
    if as_json():
        return _results_json(wanted, results, lists=may_list(wanted, known))
    return _search_page("search", wanted, results, known)


@blueprint.get("/register/embed")
@public
@limited(REGISTER)
def embed() -> ResponseReturnValue:
    """The search alone, to stand in a frame of any site."""
    wanted = parse_search(request.args)
    known = organisations(db())
    return _search_page("embed", wanted, find(db(), wanted, known, today()), known)


@blueprint.get("/register/<entry>")
@blueprint.get("/register/<entry>.json", endpoint="entry_json")
@public
@limited(REGISTER)
def entry(entry: str) -> ResponseReturnValue:
    """One person's entry, if they show it."""
    found = shown_entry(db(), entry, today())
    if as_json():
        return _json(entry_facts(found))
    return render_template("register/entry.html", entry=found, standings=STANDINGS)


@blueprint.get("/verify")
@public
@limited(VERIFYING)
def verify_form() -> ResponseReturnValue:
    """Takes a code that somebody reads off a certificate."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return render_template("register/verify_form.html", typed="", problem="")
    code = read_code(typed)
    if code is None:
        problem = N_("A code has 12 letters and digits, such as 7K3M-9QXA-2BTN.")
        page = render_template("register/verify_form.html", typed=typed[:40], problem=problem)
        return page, 400
    return redirect(address_for(".verify", code=code), 303)


@blueprint.get("/verify/<code>")
@blueprint.get("/verify/<code>.json", endpoint="verify_json")
@public
@limited(VERIFYING)
def verify(code: str) -> ResponseReturnValue:
    """Does this certificate still hold? Whoever has the code may know, shown or hidden."""
    read = read_code(code)
    if read is None:
        raise unknown_code()
    found = entry_by_code(db(), read, today())
    if as_json():
        return _json(entry_facts(found, by_code=True))
    return render_template(
        "register/verified.html", entry=found, standings=STANDINGS, code=grouped(read), on=today()
    )


@blueprint.after_request
def close_off(response: Response) -> Response:
    """Adds the headers of pages about people: framed by nobody, but for the one that is meant."""
    is_embedded = request.endpoint == EMBEDDED
    ancestors = ANYONE if is_embedded else "'none'"
    response.headers["Content-Security-Policy"] = _POLICY.format(ancestors=ancestors)
    if not is_embedded:
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Accept")
    if response.mimetype == JSON:
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def as_json() -> bool:
    """Says whether a program asks: by the ending of the address, or by `Accept`."""
    return request.path.endswith(".json") or wants_json()


def today() -> date:
    """Returns the day in the installation's zone."""
    return clock.now().astimezone(ZoneInfo(runtime().settings.timezone)).date()


def entry_facts(found: PublicEntry, *, by_code: bool = False) -> dict[str, Any]:
    """Returns an entry as programs read it."""
    base = runtime().settings.base_url
    address = (
        address_for("register.verify", code=found.code)
        if by_code
        else address_for("register.entry", entry=found.public_id)
    )
    return {
        "name": found.name,
        "place": found.place or None,
        "level": found.level,
        "standing": found.standing.value,
        "recognised_on": found.recognised_on.isoformat(),
        "valid_until": found.valid_until.isoformat(),
        "organisation": {"id": found.organisation_id, "name": found.organisation},
        "url": base + address,
    }


def _search_page(
    view: str, wanted: Search, results: Results, known: Sequence[PublicOrganisation]
) -> str:
    lists = may_list(wanted, known)
    return render_template(
        f"register/{view}.html",
        search=wanted,
        results=results,
        organisations=known,
        levels=LEVELS,
        shortest=SHORTEST,
        lists=lists,
        # A first visit is told how to search, not that it searched badly.
        is_asked=not wanted.is_blank or lists,
        query={name: value for name, value in request.args.items() if name in _QUERY and value},
    )


def _results_json(wanted: Search, results: Results, *, lists: bool) -> Response:
    if not (wanted.says_enough or lists):
        raise InvalidInput(
            N_("Give a name or a place, three letters or more of each."),
            code="search-too-short",
            advice=N_("A list of everybody is there only where an organisation allows it."),
        )
    return _json(
        {
            "entries": [entry_facts(found) for found in results.entries],
            "page": results.page,
            "has_more": results.has_more,
            "is_cut": results.is_cut,
        }
    )


def _json(values: dict[str, Any]) -> Response:
    return make_response(jsonify(values))


_QUERY = ("name", "place", "level", "organisation")

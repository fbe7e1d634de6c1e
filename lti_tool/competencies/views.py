"""The framework for other programs: CASE 1.1 at `/ims/case/v1p1/`, open to all.

What is served is this tool's own wording as it ships, never an organisation's, and nothing of
any person. Source: 1EdTech CASE 1.1, REST/JSON binding.
"""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from lti_tool.competencies.formats.case import PATH, Json
from lti_tool.competencies.formats.case_answers import (
    Answer,
    answer_at,
    case_answers,
    is_identifier,
    written,
)
from lti_tool.kernel.errors import TooManyRequests
from lti_tool.web.guards import public
from lti_tool.web.limits import OPEN_DATA, limited
from lti_tool.web.requests import runtime

blueprint = Blueprint("case", __name__, url_prefix=PATH)

# Answers change with a release alone; a reader asks again by tag after an hour.
_CACHE = "public, max-age=3600"
_MOST = 500
_MOST_DIGITS = 9


@blueprint.get("/CFDocuments")
@public
@limited(OPEN_DATA)
def documents() -> ResponseReturnValue:
    """The frameworks, a page of them: `limit` (100, at most 500) from `offset` (0)."""
    limit, offset = _number("limit", 100, least=1), _number("offset", 0, least=0)
    if limit is None or offset is None:
        name = "limit" if limit is None else "offset"
        return _failure(400, f"{name} is not a number that this takes.", "invalid_selection_field")
    limit = min(limit, _MOST)
    known = case_answers(_base()).documents
    response = _success(written({"CFDocuments": known[offset : offset + limit]}))
    response.headers["X-Total-Count"] = str(len(known))
    response.headers["Link"] = _links(limit, offset, len(known))
    return response


@blueprint.get("/CFDocuments/<identifier>")
@public
@limited(OPEN_DATA)
def document(identifier: str) -> ResponseReturnValue:
    """One framework's CFDocument."""
    return _one("CFDocuments", identifier)


@blueprint.get("/CFPackages/<identifier>")
@public
@limited(OPEN_DATA)
def package(identifier: str) -> ResponseReturnValue:
    """One framework with all its items and associations."""
    return _one("CFPackages", identifier)


@blueprint.get("/CFItems/<identifier>")
@public
@limited(OPEN_DATA)
def item(identifier: str) -> ResponseReturnValue:
    """One instrument, domain, theme or competency."""
    return _one("CFItems", identifier)


@blueprint.get("/CFAssociations/<identifier>")
@public
@limited(OPEN_DATA)
def association(identifier: str) -> ResponseReturnValue:
    """One association."""
    return _one("CFAssociations", identifier)


@blueprint.get("/CFItemAssociations/<identifier>")
@public
@limited(OPEN_DATA)
def item_associations(identifier: str) -> ResponseReturnValue:
    """One item with every association that it is an end of."""
    return _one("CFItemAssociations", identifier)


@blueprint.get("/<path:address>")
@public
@limited(OPEN_DATA)
def elsewhere(address: str) -> ResponseReturnValue:
    """What this service does not have (subjects, licences, rubrics …), said in CASE's form."""
    return _failure(404, f"This service has no {address[:60]}.", "unknownobject")


@blueprint.errorhandler(TooManyRequests)
def too_many(error: TooManyRequests) -> Response:
    """A flood, said in CASE's form, with the seconds to wait."""
    response = _failure(429, "Too many requests came from your network.", "server_busy")
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _base() -> str:
    return runtime().settings.base_url


def _one(collection: str, identifier: str) -> Response:
    identifier = identifier.lower()
    if not is_identifier(identifier):
        return _failure(404, "This is not a UUID.", "invaliduuid")
    found = answer_at(_base(), collection, identifier)
    if found is None:
        return _failure(404, f"There is nothing of this UUID in {collection}.", "unknownobject")
    return _success(found)


def _success(answer: Answer) -> Response:
    response = Response(answer.body, mimetype="application/json")
    response.set_etag(answer.tag)
    response.headers["Cache-Control"] = _CACHE
    return response.make_conditional(request)  # type: ignore[return-value]


def _failure(status: int, description: str, minor: str) -> Response:
    """An `imsx_StatusInfo`, as CASE wants it in place of a page."""
    values: Json = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": description,
        "imsx_codeMinor": {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": minor,
                }
            ]
        },
    }
    return Response(written(values).body, status=status, mimetype="application/json")


def _number(name: str, default: int, *, least: int) -> int | None:
    """Returns a whole number of the query, its default when absent, None when it is none."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
        return None
    return int(text) if int(text) >= least else None


def _links(limit: int, offset: int, total: int) -> str:
    """The pages around this one (RFC 8288), with the relations that CASE names."""
    last = max(0, (total - 1) // limit * limit)
    pages = {"first": 0, "last": last}
    if offset > 0:
        pages["prev"] = max(0, offset - limit)
    if offset + limit < total:
        pages["next"] = offset + limit
    address = f"{_base()}{PATH}/CFDocuments"
    return ", ".join(
        f'<{address}?limit={limit}&offset={place}>; rel="{name}"' for name, place in pages.items()
    )

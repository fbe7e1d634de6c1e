"""What verifies credentials: public keys, issuers, achievements, status lists. Open to all.

Programs get JSON-LD, people who follow an address get a page.
"""

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from lti_tool.competencies.queries import instrument_for
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.register.badges import (
    BADGES,
    CREDENTIALS,
    achievement_json,
    claims_of,
    issuer_json,
)
from lti_tool.register.issuing import CREDENTIAL_TYPE
from lti_tool.register.keys import CredentialSigner, public_key, public_set, signer_if_any
from lti_tool.register.limiting import MACHINES, limited
from lti_tool.register.public_queries import (
    PublicOrganisation,
    organisation_by_public_id,
    status_list,
)
from lti_tool.register.queries import framework_of
from lti_tool.register.rules import INSTRUMENTS
from lti_tool.register.status_lists import FRESH_FOR, status_list_json
from lti_tool.web.guards import public
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("credentials", __name__, url_prefix="/credentials")

_HOUR = 3600
_HIGHEST_ROW = 2**63 - 1


@blueprint.get("/keys.json")
@public
@limited(MACHINES)
def keys() -> ResponseReturnValue:
    """Every public key, the retired ones too (RFC 7517, 5)."""
    found = {"keys": public_set(db(), _base())}
    return _answer(json.dumps(found), "application/jwk-set+json", _HOUR)


@blueprint.get("/keys/<kid>")
@public
@limited(MACHINES)
def key(kid: str) -> ResponseReturnValue:
    """One public key, at the address that is its `kid` (RFC 7517, 4)."""
    found = public_key(db(), kid, _base())
    if found is None:
        raise NotFound(N_("There is no such key here."), code="key-unknown")
    return _answer(json.dumps(found), "application/jwk+json", _HOUR)


@blueprint.get("/issuers/<issuer>")
@public
@limited(MACHINES)
def issuer(issuer: str) -> ResponseReturnValue:
    """Who issues credentials: an organisation with a part of the register."""
    found = organisation_by_public_id(db(), issuer)
    if _is_person():
        return _page(render_template("register/issuer.html", organisation=found))
    return _linked(issuer_json(_base(), found.public_id, found.name))


@blueprint.get("/achievements/<issuer>/<int:level>")
@public
@limited(MACHINES)
def achievement(issuer: str, level: int) -> ResponseReturnValue:
    """What one is recognised for at a level."""
    found = organisation_by_public_id(db(), issuer)
    if level not in INSTRUMENTS:
        raise NotFound(N_("There is no such level."), code="level-unknown")
    instrument = instrument_for(db(), found.id, INSTRUMENTS[level])
    written = achievement_json(_base(), issuer, instrument, framework_of(instrument.id))
    if _is_person():
        return _page(
            render_template(
                "register/achievement.html", organisation=found, achievement=written, level=level
            )
        )
    return _linked(written)


@blueprint.get("/status/<int:number>")
@public
@limited(MACHINES)
def status(number: int) -> ResponseReturnValue:
    """Which credentials are suspended (Bitstring Status List 1.0), signed as a VC-JWT."""
    found = status_list(db(), number) if number <= _HIGHEST_ROW else None
    key = signer_if_any(db(), runtime().secrets)
    if found is None or key is None:
        raise NotFound(N_("There is no such status list."), code="status-list-unknown")
    signed = _signed_list(key, found[0], number, tuple(found[1]))
    return _answer(signed, "application/vc+jwt", int(FRESH_FOR.total_seconds()))


def _signed_list(
    key: CredentialSigner, whose: PublicOrganisation, number: int, places: tuple[int, ...]
) -> str:
    day = clock.now().strftime("%Y-%m-%d")
    known = (_base(), key.kid, whose.public_id, whose.name, number, places, day)
    return _SIGNED.get(known) or _keep(known, key, whose)


def _keep(known: tuple[Any, ...], key: CredentialSigner, whose: PublicOrganisation) -> str:
    base, _kid, _issuer, _name, number, places, _day = known
    written = status_list_json(
        base, issuer_json(base, whose.public_id, whose.name), number, places, clock.now()
    )
    signed = key.sign(claims_of(written), base, CREDENTIAL_TYPE)
    if len(_SIGNED) >= _MOST_KEPT:
        _SIGNED.clear()
    _SIGNED[known] = signed
    return signed


# Signing and packing a list take a millisecond or two; the same list is asked for all day.
_SIGNED: dict[tuple[Any, ...], str] = {}
_MOST_KEPT = 64


@blueprint.after_request
def open_up(response: Response) -> Response:
    """Lets verifiers in browsers read what is public anyway; nobody frames the pages."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Frame-Options"] = "DENY"
    return response


def _base() -> str:
    return runtime().settings.base_url


def _is_person() -> bool:
    """Says whether a page is wanted: a program that accepts anything gets JSON-LD."""
    best = request.accept_mimetypes.best_match(["application/ld+json", "text/html"])
    return best == "text/html" and "text/html" in request.headers.get("Accept", "")


def _linked(values: dict[str, Any]) -> Response:
    written = {"@context": [CREDENTIALS, BADGES], **values}
    return _answer(json.dumps(written, ensure_ascii=False), "application/ld+json", _HOUR)


def _page(page: str) -> Response:
    response = Response(page, mimetype="text/html")
    response.headers["Vary"] = "Accept"
    return response


def _answer(body: str, mimetype: str, seconds: int) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.headers["Vary"] = "Accept"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    return response.make_conditional(request)  # type: ignore[return-value]  # Flask's is a Response

"""The control API's part for tokens and keys: launches as they should not be."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import Blueprint, Response, jsonify

from lti_tool.demo import jws
from lti_tool.demo.keys import new_private_key
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.people import person_called, placement_numbered
from lti_tool.demo.platform.launches import Opening, launch_claims
from lti_tool.demo.platform.profile import Claims
from lti_tool.demo.seed import IMH101, PLACEMENTS
from lti_tool.demo.views.bodies import body, whole_number
from lti_tool.demo.views.shared import FIRST_PERSON
from lti_tool.kernel.errors import InvalidInput

# A foreign key goes under the current key's name, as a forger would have it.
SIGNERS: Mapping[str, Callable[[RSAPrivateKey], tuple[str, jws.Signer]]] = {
    "current": lambda key: ("RS256", jws.rs256(key)),
    "foreign": lambda _key: ("RS256", jws.rs256(new_private_key())),
    "none": lambda _key: ("none", jws.unsigned),
    "hs256-public-key": lambda key: ("HS256", jws.hs256(jws.public_pem(key))),
}


def add_rules(blueprint: Blueprint) -> None:
    """Adds these addresses to the control API."""
    blueprint.add_url_rule("/tokens", view_func=tokens, methods=["POST"])
    blueprint.add_url_rule("/keys/rotate", view_func=rotate_keys, methods=["POST"])


def tokens() -> Response:
    """Mints an id_token, right or wrong in the ways that the body asks for.

    `login` says who opens what with which nonce; `claims` replaces whole claims, `omit`
    leaves some out; `header` replaces header fields, and null takes one away; `sign_with` is
    one of `SIGNERS`.
    """
    lms, sent = current_lms(), body()
    claims = _claims(lms, _object(sent, "login")) | _object(sent, "claims")
    omitted = sent.get("omit", [])
    if not isinstance(omitted, list):
        raise InvalidInput("omit is a list of claims.")
    claims = {name: value for name, value in claims.items() if name not in omitted}
    token = _signed(lms, claims, _object(sent, "header"), sent.get("sign_with", "current"))
    return jsonify({"id_token": token, "claims": claims})


def rotate_keys() -> Response:
    """Makes a new signing key. With `retire` the old ones are published no more."""
    lms = current_lms()
    kid = lms.keys.rotate(retire=bool(body().get("retire", False)))
    published = [key["kid"] for key in lms.keys.published()]
    return jsonify({"kid": kid, "published": published})


def _claims(lms: Lms, login: dict[str, Any]) -> Claims:
    course_id = whole_number(login, "course", IMH101)
    item_id = whole_number(login, "item", PLACEMENTS[0][0])
    with lms.database.reading() as session:
        opening = Opening(
            person=person_called(session, str(login.get("as", FIRST_PERSON))),
            placement=placement_numbered(session, course_id, item_id),
            document_target=str(login.get("target", "iframe")),
        )
        nonce = str(login.get("nonce") or secrets.token_hex(16))
        return launch_claims(lms, session, opening, nonce)


def _signed(lms: Lms, claims: Claims, header: dict[str, Any], sign_with: str) -> str:
    key = lms.keys.current
    if sign_with not in SIGNERS:
        raise InvalidInput(f"sign_with is one of {', '.join(SIGNERS)}.")
    algorithm, signer = SIGNERS[sign_with](key.private)
    made = {"typ": "JWT", "alg": algorithm, "kid": key.kid} | header
    made = {name: value for name, value in made.items() if value is not None}
    return jws.compact(made, claims, signer)


def _object(sent: dict[str, Any], name: str) -> dict[str, Any]:
    value = sent.get(name, {})
    if not isinstance(value, dict):
        raise InvalidInput(f"{name} is an object.")
    return value

"""Dynamic registration: a token for one tool, the configuration, and taking what the tool sends.

Dynamic Registration 1.0: https://www.imsglobal.org/spec/lti-dr/v1p0
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models_registering import RegisteredTool, RegistrationToken
from lti_tool.demo.platform.offers import OFFERS, Offer
from lti_tool.demo.platform.service import token_digest
from lti_tool.kernel.clock import now

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
WELL_KNOWN = "/.well-known/openid-configuration"
SIGNED_ASSERTION = "private_key_jwt"
TOKEN_LIFE = timedelta(hours=1)
# The tool that was set up by hand is number 2.
FIRST_NUMBER = 3
_PRIVACY = {"public", "anonymous", "name_only", "email_only"}


class RegistrationRefused(Exception):
    """The tool is not registered; status and text go back to it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def offer_of(lms: Lms) -> Offer:
    """Returns what the LMS that is played offers."""
    return OFFERS[lms.profile.key]


def issue_token(lms: Lms) -> str:
    """Stores a token that registers one tool, and returns it."""
    text = secrets.token_urlsafe(32)
    number = secrets.randbelow(10**12) + 10**13
    client_id = str(number) if offer_of(lms).client_digits else secrets.token_urlsafe(11)
    with lms.database.writing() as session:
        session.add(
            RegistrationToken(
                digest=token_digest(text), client_id=client_id, expires_at=now() + TOKEN_LIFE
            )
        )
    return text


def configuration() -> tuple[Response, int] | Response:
    """The OpenID configuration; Canvas gives it to nobody without a token."""
    lms = current_lms()
    offer = offer_of(lms)
    if offer.asks_at_configuration:
        with lms.database.reading() as session:
            if _token(session) is None:
                return _noted(lms, "configuration", 401, {"errors": [{"message": "Invalid token"}]})
    return _noted(lms, "configuration", 200, offer.configuration(lms.settings.base_url))


def registration() -> tuple[Response, int] | Response:
    """Takes a tool's registration, once for each token."""
    lms = current_lms()
    offer = offer_of(lms)
    sent = request.get_json(force=True, silent=True)
    try:
        with lms.database.writing() as session:
            token = _required_token(session)
            answer = _registered(lms, session, offer, token.client_id, _checked(offer, sent))
            session.delete(token)
    except RegistrationRefused as refused:
        lms.calls.note("registration", request.method, refused.status)
        return Response(str(refused), refused.status, content_type="text/plain")
    return _noted(lms, "registration", offer.success, answer)


def _noted(lms: Lms, endpoint: str, status: int, body: Any) -> tuple[Response, int]:
    lms.calls.note(endpoint, request.method, status)
    return jsonify(body), status


def _token(session: Session) -> RegistrationToken | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not text.strip():
        return None
    found = session.get(RegistrationToken, token_digest(text.strip()))
    return found if found is not None and found.expires_at > now() else None


def _required_token(session: Session) -> RegistrationToken:
    found = _token(session)
    if found is None:
        raise RegistrationRefused(401, "token_already_used_or_unknown")
    return found


def _checked(offer: Offer, sent: Any) -> dict[str, Any]:
    """Returns a registration that may be taken (Moodle: registration_to_config)."""
    if not isinstance(sent, dict):
        raise RegistrationRefused(400, "invalid_json")
    for name in (
        *("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri"),
        *("token_endpoint_auth_method", TOOL),
    ):
        if not sent.get(name):
            raise RegistrationRefused(400, f"missing_{name}")
    if "id_token" not in sent["response_types"]:
        raise RegistrationRefused(400, "invalid_response_types")
    if not isinstance(sent["redirect_uris"], list):
        raise RegistrationRefused(400, "invalid_redirect_uris")
    if sent["token_endpoint_auth_method"] != SIGNED_ASSERTION:
        raise RegistrationRefused(400, "invalid_token_endpoint_auth_method")
    if sent.get("application_type", "web") != "web":
        raise RegistrationRefused(400, "invalid_application_type")
    if set(sent.get("grant_types", ())) < {"implicit", "client_credentials"}:
        raise RegistrationRefused(400, "invalid_grant_types")
    _check_domain(sent)
    if offer.refuses_unknown:
        _check_known(offer, sent)
    return sent


def _check_domain(sent: Mapping[str, Any]) -> None:
    """Every address has to be on the domain that the tool names, as Moodle wants them."""
    tool = sent[TOOL]
    domain = tool.get("domain")
    if not domain:
        raise RegistrationRefused(400, "missing_domain")
    addresses = [tool.get("target_link_uri"), sent["initiate_login_uri"], sent["jwks_uri"]]
    addresses += sent["redirect_uris"]
    addresses += [message.get("target_link_uri", "") for message in tool.get("messages", ())]
    addresses.append(sent.get("logo_uri", ""))
    if any(one and urlsplit(one).netloc != domain for one in addresses):
        raise RegistrationRefused(400, "domain_targetlinkuri_mismatch")


def _check_known(offer: Offer, sent: Mapping[str, Any]) -> None:
    """Canvas refuses what it does not know, where Moodle leaves it out."""
    unknown = set(sent.get("scope", "").split()) - set(offer.scopes)
    if unknown:
        raise RegistrationRefused(422, f"invalid_scope {sorted(unknown)[0]}")
    supported = {message["type"]: message for message in offer.messages}
    for message in sent[TOOL].get("messages", ()):
        if message["type"] not in supported:
            raise RegistrationRefused(422, f"unsupported message {message['type']}")
        places = supported[message["type"]].get("placements")
        if places and not set(message.get("placements", ())) <= set(places):
            raise RegistrationRefused(422, "unsupported placement")
    privacy = sent[TOOL].get("https://canvas.instructure.com/lti/privacy_level", "public")
    if privacy not in _PRIVACY:
        raise RegistrationRefused(422, "invalid privacy level")


def _registered(
    lms: Lms, session: Session, offer: Offer, client_id: str, sent: dict[str, Any]
) -> dict[str, Any]:
    """Stores the tool and returns the answer: what was taken, and how it is called here."""
    scopes = [scope for scope in sent.get("scope", "").split() if scope in offer.scopes]
    number = session.scalar(select(func.count()).select_from(RegisteredTool)) or 0
    tool = dict(sent[TOOL])
    # Moodle's deployment is the tool's number in its list; Canvas's profile has its own.
    deployment = str(FIRST_NUMBER + number) if offer.names_deployment else ""
    session.add(
        RegisteredTool(
            client_id=client_id,
            profile=lms.profile.key,
            name=str(sent["client_name"])[:200],
            deployment_id=deployment,
            scopes=" ".join(scopes),
            registered=sent,
            added_at=now(),
        )
    )
    if deployment:
        tool["deployment_id"] = deployment
    return {**sent, "client_id": client_id, "scope": " ".join(scopes), TOOL: tool}

"""The token endpoint and the key set (security framework 1.0, sections 4.1 and 6.3)."""

import secrets
from datetime import timedelta

from flask import Response, jsonify, request
from sqlalchemy import delete

from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import AccessToken
from lti_tool.demo.platform.assertions import AssertionRefused, read_assertion, spend
from lti_tool.demo.platform.names import ASSERTION_TYPE
from lti_tool.demo.platform.service import service_call, token_digest
from lti_tool.demo.registration import platform_facts
from lti_tool.demo.tools import known_clients
from lti_tool.kernel.clock import now

FORM = "application/x-www-form-urlencoded"
BEARER = "Bearer"


class TokenRefused(Exception):
    """No token is issued; `error` is one of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@service_call(ServiceKind.KEYSET)
def keyset() -> Response:
    """Answers with the platform's public keys."""
    lms = current_lms()
    lms.calls.count("jwks_served")
    return jsonify({"keys": lms.keys.published()})


@service_call(ServiceKind.ACCESS)
def token() -> Response:
    """Answers a client credentials request with an access token, or says why not."""
    lms = current_lms()
    try:
        scopes = _checked_scopes(lms)
    except TokenRefused as refused:
        lms.calls.count("tokens_refused")
        return _refusal(lms, refused)
    lms.calls.count("tokens_issued")
    return _issued(lms, scopes)


def _checked_scopes(lms: Lms) -> list[str]:
    """Returns the scopes to grant, after every check on the request."""
    form = request.form
    if request.mimetype != FORM or not form.get("scope") or not form.get("client_assertion"):
        raise TokenRefused("invalid_request", f"A {FORM} body with all parameters is needed.")
    if form.get("grant_type") != "client_credentials":
        raise TokenRefused("unsupported_grant_type", "Only client_credentials is offered.")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise TokenRefused("invalid_request", "The client_assertion_type is not known.")
    _check_client(lms, form["client_assertion"])
    return _granted(lms, form["scope"].split())


def _check_client(lms: Lms, text: str) -> None:
    token_url = platform_facts(lms.settings).token_url
    good_for = timedelta(seconds=lms.switchboard.current.key_cache_seconds)
    try:
        # Keys may be fetched for this: not while the database is locked.
        assertion = read_assertion(
            text, lms.tool_keys, token_url, good_for=good_for, clients=known_clients(lms.database)
        )
        with lms.database.writing() as session:
            spend(session, assertion)
    except AssertionRefused as refused:
        raise TokenRefused("invalid_client", f"The assertion is refused: {refused}.") from None


def _granted(lms: Lms, wanted: list[str]) -> list[str]:
    """Narrows the scopes silently where the profile does so (as Moodle), else refuses."""
    allowed = lms.switchboard.current.scopes
    granted = [scope for scope in wanted if scope in allowed]
    is_narrower = len(granted) < len(wanted)
    if not granted or (is_narrower and not lms.profile.narrows_scopes):
        raise TokenRefused("invalid_scope", "Not all of these scopes are allowed to this tool.")
    return granted


def _issued(lms: Lms, scopes: list[str]) -> Response:
    lifetime = lms.profile.access_token_seconds
    text = secrets.token_hex(24)
    with lms.database.writing() as session:
        session.execute(delete(AccessToken).where(AccessToken.expires_at < now()))
        session.add(
            AccessToken(
                digest=token_digest(text),
                scopes=" ".join(scopes),
                expires_at=now() + timedelta(seconds=lifetime),
            )
        )
    body = {
        "access_token": text,
        "token_type": BEARER,
        "expires_in": lifetime,
        "scope": " ".join(scopes),
    }
    return _uncached(jsonify(body))


def _refusal(lms: Lms, refused: TokenRefused) -> Response:
    response = jsonify({"error": refused.error, "error_description": refused.description})
    is_client = refused.error == "invalid_client"
    response.status_code = lms.profile.invalid_client_status if is_client else 400
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response

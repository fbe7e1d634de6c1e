"""A launch: the redirect that asks an LMS who is there, and the token that it answers with.

LTI Core 1.3, §5.1; Security 1.0, §5.1.1. State and nonce are the caller's: one row, consumed once.
"""

from datetime import datetime

from lti_tool.lti.addresses import with_query
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.message_reading import read_launch
from lti_tool.lti.messages import (
    AgsEndpoint,
    ContextClaim,
    DeepLinkingSettings,
    Launch,
    PlatformClaim,
    ResourceLink,
)
from lti_tool.lti.refusals import KeySetUnavailable, LaunchRefused
from lti_tool.lti.registration import Registration
from lti_tool.lti.signed_tokens import parse_signed
from lti_tool.lti.verification import (
    check_message,
    check_nonce,
    check_parties,
    check_times,
    check_with_pylti1p3,
)

__all__ = [
    "AgsEndpoint",
    "ContextClaim",
    "DeepLinkingSettings",
    "KeySetUnavailable",
    "Launch",
    "LaunchRefused",
    "PlatformClaim",
    "ResourceLink",
    "login_redirect",
    "verify_launch",
]


def login_redirect(
    registration: Registration,
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    login_hint: str,
    lti_message_hint: str | None = None,
) -> str:
    """Returns the address of the OIDC authentication request (Security 1.0, §5.1.1.2).

    A query that the LMS's address has already is kept, except for parameters of these names.
    """
    parameters = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "nonce": nonce,
        "login_hint": login_hint,
    }
    if lti_message_hint:
        parameters["lti_message_hint"] = lti_message_hint
    return with_query(registration.auth_login_url, parameters)


def verify_launch(
    id_token: str,
    *,
    registration: Registration,
    nonce: str,
    tool_url: str,
    keys: KeySets,
    now: datetime,
) -> Launch:
    """Returns the launch that the token proves; the caller looks at the deployment.

    `tool_url` is any address of ours: the target must have its origin. Raises `LaunchRefused`
    for whatever is wrong with the token, and `KeySetUnavailable` when the LMS's keys cannot be
    had. May make one HTTP call, for the keys: call it outside a transaction.
    """
    token = parse_signed(id_token)
    token.check_signature(keys.key(registration.id, registration.jwks_url, token.kid))
    claims = token.claims
    check_parties(claims, registration)
    check_times(claims, now)
    check_nonce(claims, nonce)
    check_message(claims, tool_url)
    launch = read_launch(claims, registration)
    check_with_pylti1p3(claims, launch.message_type)
    return launch

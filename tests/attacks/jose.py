"""Forges tokens: any header, any payload, any signature."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HEADER = {"alg": "RS256", "typ": "JWT", "kid": "key-1"}


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def part(value: Any) -> str:
    return encoded(value if isinstance(value, bytes) else json.dumps(value).encode())


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def signing_input(claims: Any, header: Any) -> str:
    return f"{part(header)}.{part(claims)}"


def rs256(claims: Any, key: RSAPrivateKey, header: Any = HEADER) -> str:
    """A true RSA signature; claims and header may be bytes of any kind."""
    text = signing_input(claims, header)
    return f"{text}.{encoded(key.sign(text.encode(), padding.PKCS1v15(), SHA256()))}"


def hs256(claims: Any, secret: bytes, header: Any = None) -> str:
    text = signing_input(claims, header or HEADER | {"alg": "HS256"})
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def es256(claims: Any, key: ec.EllipticCurvePrivateKey, header: Any = None) -> str:
    text = signing_input(claims, header or HEADER | {"alg": "ES256"})
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(SHA256())))
    return f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def pem(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: RSAPrivateKey, kid: str = "key-1") -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": number(numbers.n), "e": number(numbers.e)}

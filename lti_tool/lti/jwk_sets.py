"""Reads an LMS's key set: RFC 7517 (JWK), RFC 7518, §6.3 (RSA); Security 1.0, §6.

Keys are parsed once, into objects that verify at once. What is not an RSA key for signatures is
passed over: a set may hold keys for other uses.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

MAX_BODY_LENGTH = 512 * 1024
_KEY_BITS = range(2048, 8192 + 1)
_MAX_EXPONENT_BITS = 33


class NotAKeySet(ValueError):
    """The body is no key set; says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The usable keys of one set. `only` is the key when there is exactly one."""

    by_kid: Mapping[str, RSAPublicKey]
    only: RSAPublicKey | None

    def find(self, kid: str | None) -> RSAPublicKey | None:
        """Returns the key; without a kid, the only one of the set."""
        return self.only if kid is None else self.by_kid.get(kid)


def parse_key_set(body: bytes) -> KeySet:
    """Returns the usable keys, perhaps none; raises `NotAKeySet`."""
    if len(body) > MAX_BODY_LENGTH:
        raise NotAKeySet(f"{len(body)} bytes")
    try:
        parsed: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAKeySet(f"not JSON ({type(error).__name__})") from None
    entries = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(entries, list):
        raise NotAKeySet("no list of keys")
    return _key_set(entries)


def _key_set(entries: list[object]) -> KeySet:
    by_kid: dict[str, RSAPublicKey] = {}
    usable = 0
    only: RSAPublicKey | None = None
    for entry in entries:
        key = _signing_key(entry) if isinstance(entry, dict) else None
        if key is None:
            continue
        usable += 1
        only = key
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if isinstance(kid, str):
            by_kid.setdefault(kid, key)
    return KeySet(by_kid, only if usable == 1 else None)


def _signing_key(entry: Mapping[str, object]) -> RSAPublicKey | None:
    operations = entry.get("key_ops", ["verify"])
    if (
        entry.get("kty") != "RSA"
        or entry.get("use", "sig") != "sig"
        or entry.get("alg", "RS256") != "RS256"
        or not isinstance(operations, list)
        or "verify" not in operations
    ):
        return None
    modulus, exponent = _number(entry.get("n")), _number(entry.get("e"))
    # A huge exponent makes each verification slow, as a huge modulus does.
    if modulus.bit_length() not in _KEY_BITS or exponent.bit_length() > _MAX_EXPONENT_BITS:
        return None
    try:
        return RSAPublicNumbers(exponent, modulus).public_key()
    except ValueError:
        return None


def _number(value: object) -> int:
    """Returns a Base64urlUInt (RFC 7518, §2), or 0 for what is none."""
    if not isinstance(value, str) or not value.isascii():
        return 0
    # Some LMSs write plain base64, with padding.
    plain = value.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return int.from_bytes(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    except binascii.Error:
        return 0

"""A signed token as it comes in: RFC 7515 (JWS compact), RS256 and nothing else.

Security 1.0, §5.1.3. The header chooses a key by its id and nothing more: `jwk`, `jku` and `x5u`
are not even read.
"""

import base64
import binascii
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.strict_json import NotStrictJson, parse_object

MAX_TOKEN_LENGTH = 64 * 1024
ALGORITHM = "RS256"

_PARTS = 3
_MAX_KID_LENGTH = 1024
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_FOREIGN = frozenset(b"+/=")


@dataclass(frozen=True, slots=True)
class SignedToken:
    """A parsed token whose signature nobody has checked yet."""

    kid: str | None
    claims: dict[str, object] = field(repr=False)
    _signed: bytes = field(repr=False)
    _signature: bytes = field(repr=False)

    def check_signature(self, key: RSAPublicKey) -> None:
        """Raises `LaunchRefused` (`signature-wrong`) unless the key made the signature."""
        try:
            key.verify(self._signature, self._signed, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise LaunchRefused("signature-wrong") from None


def parse_signed(token: str) -> SignedToken:
    """Returns the token's parts; raises `LaunchRefused`.

    Codes: `token-too-large`, `token-malformed`, `algorithm-refused`.
    """
    if len(token) > MAX_TOKEN_LENGTH:
        raise LaunchRefused("token-too-large", detail=f"{len(token)} characters")
    try:
        raw = token.encode("ascii")
    except UnicodeEncodeError:
        raise LaunchRefused("token-malformed", detail="not ASCII") from None
    parts = raw.split(b".")
    if len(parts) != _PARTS:
        raise LaunchRefused("token-malformed", detail=f"{len(parts)} parts")
    header, payload, signature = (_decoded(part) for part in parts)
    kid = _key_id(_object(header, "header"))
    return SignedToken(
        kid=kid,
        claims=_object(payload, "payload"),
        _signed=raw[: raw.rindex(b".")],
        _signature=signature,
    )


def _key_id(header: dict[str, object]) -> str | None:
    if header.get("alg") != ALGORITHM:
        raise LaunchRefused("algorithm-refused", detail=f"alg is not {ALGORITHM}")
    if "crit" in header:
        # RFC 7515, §4.1.11: what must be understood and is not, must be refused.
        raise LaunchRefused("token-malformed", detail="critical header extensions")
    kid = header.get("kid")
    if kid is None:
        return None
    if not isinstance(kid, str) or len(kid) > _MAX_KID_LENGTH:
        raise LaunchRefused("token-malformed", detail="kid is not a short text")
    return kid


def _decoded(part: bytes) -> bytes:
    """Returns the bytes; Python's own decoder would skip what is not base64url."""
    if not _FOREIGN.isdisjoint(part):
        raise LaunchRefused("token-malformed", detail="not base64url")
    padded = part.translate(_TO_STANDARD) + b"=" * (-len(part) % 4)
    try:
        return base64.b64decode(padded, validate=True)
    except binascii.Error:
        raise LaunchRefused("token-malformed", detail="not base64url") from None


def _object(raw: bytes, place: str) -> dict[str, object]:
    try:
        return parse_object(raw)
    except NotStrictJson as error:
        raise LaunchRefused("token-malformed", detail=f"{place}: {error}") from None

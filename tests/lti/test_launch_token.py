"""What a token must be before its claims are looked at: its form, its algorithm, its key."""

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lti_tool.lti.signing import SigningKey

from .conftest import Claims, Verify, refusal, segment, signed

# --- the token's form


def test_a_token_that_is_too_large_is_refused(verify: Verify) -> None:
    assert refusal(verify, "a" * (64 * 1024 + 1)).code == "token-too-large"


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c.d", "é.é.é", "a b.c.d", "!!.!!.!!", "e30=.e30=.x"]
)
def test_what_is_no_token_is_refused(verify: Verify, token: str) -> None:
    assert refusal(verify, token).code == "token-malformed"


@pytest.mark.parametrize("spelling", ["padded", "standard base64"])
def test_a_token_has_one_spelling(
    verify: Verify, claims: Claims, platform_key: SigningKey, spelling: str
) -> None:
    # RFC 7515, §2: base64url without padding. A lenient decoder would find the same signature.
    content, _, signature = signed(claims, platform_key).rpartition(".")
    other = signature + "==" if spelling == "padded" else f"+/{signature[2:]}"
    assert refusal(verify, f"{content}.{other}").code == "token-malformed"


@pytest.mark.parametrize(
    "payload",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"exp": NaN}',
        b'{"exp": -Infinity}',
        b'{"sub": "1", "sub": "2"}',
        b'{"context": {"id": "1", "id": "2"}}',
        b"[" * 40_000,
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_payload_that_is_not_plain_json_is_refused(
    verify: Verify, platform_key: SigningKey, payload: bytes
) -> None:
    header = segment(json.dumps({"alg": "RS256", "kid": "lms-1"}).encode())
    assert refusal(verify, f"{header}.{segment(payload)}.c2ln").code == "token-malformed"


@pytest.mark.parametrize("header", [{"crit": ["b64"]}, {"kid": 7}, {"kid": "k" * 2000}])
def test_a_header_that_we_cannot_honour_is_refused(
    verify: Verify, claims: Claims, header: dict[str, object]
) -> None:
    head = segment(json.dumps({"alg": "RS256", **header}).encode())
    token = f"{head}.{segment(json.dumps(claims).encode())}.c2ln"
    assert refusal(verify, token).code == "token-malformed"


def test_a_header_with_a_name_twice_is_refused(verify: Verify) -> None:
    head = segment(b'{"alg": "RS256", "alg": "none"}')
    assert refusal(verify, f"{head}.e30.c2ln").code == "token-malformed"


# --- the signature


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "HS256", "RS512", "PS256", "ES256", "", None, 5]
)
def test_only_rs256_is_taken(verify: Verify, claims: Claims, algorithm: object) -> None:
    head = segment(json.dumps({"alg": algorithm, "kid": "lms-1"}).encode())
    token = f"{head}.{segment(json.dumps(claims).encode())}.c2ln"
    assert refusal(verify, token).code == "algorithm-refused"


def test_the_public_key_is_no_shared_secret(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    pem = platform_key.private_key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    head = segment(json.dumps({"alg": "HS256", "kid": "lms-1"}).encode())
    content = f"{head}.{segment(json.dumps(claims).encode())}"
    mac = hmac.new(pem, content.encode(), hashlib.sha256).digest()
    assert refusal(verify, f"{content}.{segment(mac)}").code == "algorithm-refused"


def test_a_token_without_its_signature_is_refused(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    token = signed(claims, platform_key).rpartition(".")[0] + "."
    assert refusal(verify, token).code == "signature-wrong"


def test_another_key_under_a_known_id_is_refused(
    verify: Verify, claims: Claims, other_key: SigningKey
) -> None:
    assert refusal(verify, signed(claims, other_key, kid="lms-1")).code == "signature-wrong"


def test_changed_claims_are_refused(
    verify: Verify, claims: Claims, platform_key: SigningKey
) -> None:
    head, _, signature = signed(claims, platform_key).split(".")
    claims["sub"] = "18"
    token = f"{head}.{segment(json.dumps(claims).encode())}.{signature}"
    assert refusal(verify, token).code == "signature-wrong"


def test_an_unknown_key_is_refused(verify: Verify, claims: Claims, other_key: SigningKey) -> None:
    assert refusal(verify, signed(claims, other_key)).code == "key-unknown"


def test_a_key_in_the_header_is_not_looked_at(
    verify: Verify, claims: Claims, other_key: SigningKey
) -> None:
    token = signed(
        claims,
        other_key,
        jwk=other_key.public_jwk(),
        jku="https://evil.example/jwks",
        x5u="https://evil.example/x5u",
    )
    assert refusal(verify, token).code == "key-unknown"

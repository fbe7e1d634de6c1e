"""Key sets as a hostile, broken or taken-over LMS would publish them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from lti_tool.gateway.protocol import EXTENSION, make_protocol
from lti_tool.kernel.http import HttpAnswer
from tests.attacks import jose
from tests.attacks.target import Target
from tests.gateway.lms import rsa_key
from tests.platform import as_json


@pytest.fixture
def publish(target: Target) -> Iterator[Any]:
    """Lets the LMS publish another set, to a tool that has cached none."""

    def publish(body: bytes | Any) -> None:
        answer = HttpAnswer(200, {}, body) if isinstance(body, bytes) else as_json(body)
        target.tool.http.answers[target.lms.jwks_url] = answer
        target.tool.app.extensions[EXTENSION] = make_protocol(target.tool.runtime)

    yield publish
    publish(target.lms.key_set())


def test_a_key_too_short_to_be_a_secret(target: Target, publish: Any) -> None:
    weak = generate_private_key(65537, 1024)
    publish({"keys": [jose.jwk(weak)]})
    target.refuses(jose.rs256(target.claims(), weak), "key-unknown")
    # Of 512 bits nobody makes one for us any more: its numbers alone.
    publish({"keys": [{"kty": "RSA", "kid": "key-1", "n": jose.number(2**511 + 1), "e": "AQAB"}]})
    target.refuses(jose.rs256(target.claims(), weak), "key-unknown")


@pytest.mark.parametrize("exponent", [0, 1, 2, 4, 65536, 2**64 + 1, 2**2047 + 1])
def test_an_exponent_that_lets_anybody_sign_or_that_takes_for_ever(
    target: Target, publish: Any, exponent: int
) -> None:
    """With exponent 1 the signature is the padded digest itself, which anybody can write."""
    import hashlib

    numbers = rsa_key("lms").public_key().public_numbers()
    publish({"keys": [jose.jwk(rsa_key("lms")) | {"e": jose.number(exponent) or "AA"}]})
    text = jose.signing_input(target.claims(), jose.HEADER)
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    digest = prefix + hashlib.sha256(text.encode()).digest()
    size = (numbers.n.bit_length() + 7) // 8
    padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    target.refuses(f"{text}.{jose.encoded(padded)}", "key-unknown", "signature-wrong")


@pytest.mark.parametrize(
    "modulus", [0, 1, 2**2047, 2**2048 + 2, 2**16384 + 1], ids=["0", "1", "power", "even", "huge"]
)
def test_a_modulus_that_is_none(target: Target, publish: Any, modulus: int) -> None:
    publish({"keys": [jose.jwk(rsa_key("lms")) | {"n": jose.number(modulus) or "AA"}]})
    token = jose.rs256(target.claims(), rsa_key("lms"))
    target.refuses(token, "key-unknown", "signature-wrong")


def test_a_key_that_is_not_for_this(target: Target, publish: Any) -> None:
    """A secret, a curve, one for sealing, one for another algorithm: passed over."""
    curve = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    rsa = jose.jwk(rsa_key("lms"))
    for key in (
        {"kty": "oct", "kid": "key-1", "k": jose.encoded(b"secret")},
        {"kty": "EC", "crv": "P-256", "x": jose.number(curve.x), "y": jose.number(curve.y)},
        rsa | {"use": "enc"},
        rsa | {"alg": "HS256"},
        rsa | {"alg": "RS512"},
        rsa | {"key_ops": ["encrypt"]},
        rsa | {"kty": "rsa"},
        rsa | {"n": [rsa["n"]]},
        rsa | {"e": 65537},
        {"kid": "key-1"},
    ):
        publish({"keys": [key | {"kid": "key-1"}]})
        target.refuses(jose.rs256(target.claims(), rsa_key("lms")), "key-unknown")
        target.refuses(jose.hs256(target.claims(), b"secret"), "algorithm-refused")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": null}',
        b"\xff\xfe",
        b"<html>",
        b"[" * 100_000,
        b'{"keys": [' + b"1" * 5000 + b"]}",
        b'{"keys": ["' + b"x" * 600_000 + b'"]}',
        json.dumps({"keys": [None, 1, [], "x", {}] * 20_000}).encode(),
    ],
    ids=lambda body: str(body[:20]),
)
def test_a_key_set_that_is_none(target: Target, publish: Any, body: bytes) -> None:
    publish(body)
    token = jose.rs256(target.claims(), rsa_key("lms"))
    target.refuses(token, "key-unknown", "key-set-unreadable")


def test_of_two_keys_of_one_name_the_first_is_meant(target: Target, publish: Any) -> None:
    publish({"keys": [jose.jwk(rsa_key("lms")), jose.jwk(rsa_key("stranger"))]})
    target.refuses(jose.rs256(target.claims(), rsa_key("stranger")), "signature-wrong")


def test_without_a_name_no_key_is_tried_out_of_several(target: Target, publish: Any) -> None:
    publish({"keys": [jose.jwk(rsa_key("lms"), "a"), jose.jwk(rsa_key("stranger"), "b")]})
    for key in ("lms", "stranger"):
        header = {"alg": "RS256"}
        target.refuses(jose.rs256(target.claims(), rsa_key(key), header), "key-unknown")


def test_an_attacker_cannot_make_us_fetch_keys_again_and_again(
    target: Target, publish: Any
) -> None:
    publish(target.lms.key_set())
    before = target.tool.http.calls[target.lms.jwks_url]
    for number in range(20):
        header = jose.HEADER | {"kid": f"made-up-{number}"}
        target.refuses(jose.rs256(target.claims(), rsa_key("stranger"), header), "key-unknown")
    assert target.tool.http.calls[target.lms.jwks_url] - before == 1

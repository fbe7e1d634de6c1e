"""Our own keys."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from lti_tool.lti import signing
from lti_tool.lti.refusals import SigningKeyUnreadable
from lti_tool.lti.signing import SigningKey


def test_another_library_verifies_what_a_key_signs(tool_key: SigningKey) -> None:
    token = JWS()
    token.deserialize(tool_key.sign({"iss": "client-1"}))
    token.verify(JWK(**tool_key.public_jwk()), alg="RS256")
    assert json.loads(token.payload) == {"iss": "client-1"}
    assert token.jose_header["kid"] == tool_key.kid


def test_the_public_half_holds_nothing_private(tool_key: SigningKey) -> None:
    jwk = tool_key.public_jwk()
    assert set(jwk) == {"kty", "n", "e", "alg", "use", "kid"}
    assert (jwk["kty"], jwk["alg"], jwk["use"]) == ("RSA", "RS256", "sig")


def test_the_id_of_a_new_key_is_its_thumbprint(tool_key: SigningKey) -> None:
    assert tool_key.kid == JWK(**tool_key.public_jwk()).thumbprint()


def test_a_stored_key_is_the_same_key(tool_key: SigningKey) -> None:
    again = signing.from_pem("another-id", tool_key.to_pem())
    assert again.public_jwk() == tool_key.public_jwk() | {"kid": "another-id"}
    assert jwt.get_unverified_header(again.sign({}))["kid"] == "another-id"


def test_a_key_shows_nothing_of_itself_when_it_is_printed(tool_key: SigningKey) -> None:
    assert repr(tool_key) == f"SigningKey(kid={tool_key.kid!r})"


def pem_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize("kind", ["nonsense", "empty", "short", "elliptic"])
def test_a_pem_that_is_no_good_rsa_key_is_refused(kind: str) -> None:
    pems = {
        "nonsense": lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "empty": lambda: "",
        "short": lambda: pem_of(rsa.generate_private_key(65537, 1024)),
        "elliptic": lambda: pem_of(ec.generate_private_key(ec.SECP256R1())),
    }
    with pytest.raises(SigningKeyUnreadable) as caught:
        SigningKey.from_pem("k", pems[kind]())
    assert caught.value.code == "signing-key-unreadable"

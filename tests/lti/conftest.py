"""Keys made once, one registration, and launch tokens of the shape that Moodle 4.5 sends."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from lti_tool.lti.access_tokens import AccessTokens
from lti_tool.lti.keysets import KeySets
from lti_tool.lti.launch import Launch, LaunchRefused, verify_launch
from lti_tool.lti.registration import Registration
from lti_tool.lti.signing import SigningKey

from .fakes import START, FakeClock, FakeHttp, answer

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
NONCE = "a-nonce-of-ours"
TOOL_URL = "https://tool.example/lti/launch"
JWKS_URL = "https://lms.example/jwks"
TOKEN_URL = "https://lms.example/token"

Claims = dict[str, Any]
Verify = Callable[[str], Launch]


@pytest.fixture(scope="session")
def platform_key() -> SigningKey:
    """The LMS's key; the tool's own class makes and signs like any other."""
    return SigningKey("lms-1", SigningKey.generate().private_key)


@pytest.fixture(scope="session")
def other_key() -> SigningKey:
    """A key that the LMS has not published."""
    return SigningKey("lms-2", SigningKey.generate().private_key)


@pytest.fixture(scope="session")
def tool_key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture(scope="session")
def registration() -> Registration:
    return Registration(
        id=1,
        issuer="https://lms.example",
        client_id="client-1",
        auth_login_url="https://lms.example/auth",
        token_url=TOKEN_URL,
        jwks_url=JWKS_URL,
        product="moodle",
    )


@pytest.fixture
def http(platform_key: SigningKey) -> FakeHttp:
    """Publishes the LMS's key and gives any access token that is asked for."""
    fake = FakeHttp()
    fake.on("GET", JWKS_URL, answer({"keys": [platform_key.public_jwk()]}))
    fake.on("POST", TOKEN_URL, token_answer())
    return fake


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def keys(http: FakeHttp, clock: FakeClock) -> KeySets:
    return KeySets(http, clock=clock)


@pytest.fixture
def tokens(http: FakeHttp, clock: FakeClock) -> AccessTokens:
    return AccessTokens(http, clock=clock)


@pytest.fixture
def claims() -> Claims:
    """A learner's launch; every value is invented."""
    issued = int(START.timestamp())
    return {
        "iss": "https://lms.example",
        "aud": "client-1",
        "sub": "17",
        "nonce": NONCE,
        "iat": issued,
        "exp": issued + 60,
        "name": "Nia Ŵyn-Żak",
        "given_name": "Nia",
        "family_name": "Ŵyn-Żak",
        "email": "nia@example.test",
        LTI + "version": "1.3.0",
        LTI + "message_type": "LtiResourceLinkRequest",
        LTI + "deployment_id": "9",
        LTI + "target_link_uri": "https://tool.example/lti/launch?x=1",
        LTI + "roles": [MEMBERSHIP + "Learner"],
        LTI + "context": {"id": "5", "label": "IMH9", "title": "Warm starts", "type": ["x"]},
        LTI + "resource_link": {"id": "31", "title": "Self-assessment", "description": ""},
        LTI + "custom": {"instrument": "self-assessment-1"},
        LTI + "tool_platform": {"product_family_code": "moodle", "guid": "g", "version": "1"},
        LTI + "launch_presentation": {
            "locale": "cy",
            "document_target": "iframe",
            "return_url": "https://lms.example/return?course=5",
        },
        AGS: {
            "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
            "lineitems": "https://lms.example/5/lineitems?type_id=2",
            "lineitem": "https://lms.example/5/lineitems/8/lineitem?type_id=2",
        },
        "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": {
            "context_memberships_url": "https://lms.example/5/memberships",
            "service_versions": ["2.0"],
        },
    }


@pytest.fixture
def deep_linking(claims: Claims) -> Claims:
    """A tutor's request to choose content."""
    del claims[LTI + "resource_link"]
    claims[LTI + "message_type"] = "LtiDeepLinkingRequest"
    claims[DEEP_LINKING] = {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "deep_link_return_url": "https://lms.example/deep?course=5",
        "data": "opaque",
    }
    return claims


@pytest.fixture
def verify(registration: Registration, keys: KeySets, clock: FakeClock) -> Verify:
    """Verifies a token as a launch would."""

    def call(id_token: str) -> Launch:
        return verify_launch(
            id_token,
            registration=registration,
            nonce=NONCE,
            tool_url=TOOL_URL,
            keys=keys,
            now=clock(),
        )

    return call


def refusal(verify: Verify, token: str) -> LaunchRefused:
    """The error of a refused token; its detail tells nothing of the person or the token."""
    with pytest.raises(LaunchRefused) as caught:
        verify(token)
    for secret in ("Nia", "example.test", NONCE, token[:40] or "-", token[-40:] or "-"):
        assert secret not in caught.value.detail
    assert caught.value.sentence
    return caught.value


def token_answer(token: str = "bearer-1", **changes: object) -> Any:
    """Replies as a token address does; it grants what is asked for, as Open edX's says."""

    def reply(sent: Any) -> Any:
        granted = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": sent.form["scope"],
        }
        return answer({**granted, **changes})

    return reply


def signed(claims: Claims | bytes, key: SigningKey, **header: object) -> str:
    """A token that says anything at all, under a true signature."""
    head = json.dumps({"alg": "RS256", "kid": key.kid, **header}).encode()
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    content = f"{segment(head)}.{segment(payload)}"
    signature = key.private_key.sign(content.encode(), PKCS1v15(), SHA256())
    return f"{content}.{segment(signature)}"


def segment(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

"""An LMS's half of a launch: it keeps keys, answers the login, and signs what it is told to."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from jwt.algorithms import RSAAlgorithm
from werkzeug.test import TestResponse

from lti_tool.gateway.registrations import NewRegistration, add_registration
from tests.platform import as_json
from tests.tool import Tool

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
LEARNER_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"
TUTOR_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
MISSING = object()


@cache
def rsa_key(name: str) -> RSAPrivateKey:
    """Keys cost time to make, so each name has one for the whole run."""
    return generate_private_key(65537, 2048)


@dataclass
class Lms:
    """A platform that the tool knows, with one course and one link."""

    tool: Tool
    issuer: str = "https://lms.example"
    client_id: str = "client-1"
    organisation: str = "Willow Training"
    key_name: str = "lms"
    kid: str = "key-1"
    deployments: tuple[str, ...] = ()
    number: int = field(init=False)

    def __post_init__(self) -> None:
        with self.tool.database.transaction() as session:
            self.number = add_registration(
                session,
                NewRegistration(
                    organisation=self.organisation,
                    issuer=self.issuer,
                    client_id=self.client_id,
                    auth_login_url=f"{self.issuer}/auth",
                    token_url=f"{self.issuer}/token",
                    jwks_url=self.jwks_url,
                    deployments=self.deployments,
                ),
            )
        self.tool.http.answers[self.jwks_url] = as_json(self.key_set())

    @property
    def jwks_url(self) -> str:
        return f"{self.issuer}/jwks/{self.client_id}"

    def key_set(self) -> dict[str, Any]:
        jwk = json.loads(RSAAlgorithm.to_jwk(rsa_key(self.key_name).public_key()))
        return {"keys": [jwk | {"kid": self.kid, "alg": "RS256", "use": "sig"}]}

    # The steps of a launch, so that a test can break into each of them.

    def initiation(self) -> dict[str, str]:
        return {
            "iss": self.issuer,
            "client_id": self.client_id,
            "login_hint": "hint",
            "target_link_uri": "http://127.0.0.1:8000/lti/launch",
            "lti_message_hint": "message",
        }

    def begin(self, browser: FlaskClient, *, method: str = "POST") -> dict[str, str]:
        """Lets a browser begin a login; returns what the tool asked the LMS for."""
        sent = self.initiation()
        if method == "GET":
            response = browser.get("/lti/login", query_string=sent)
        else:
            response = browser.post("/lti/login", data=sent)
        assert response.status_code == 302, response.text
        return {
            name: values[0]
            for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
        }

    def claims(self, asked: dict[str, str], **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": "amina",
            "exp": now + 60,
            "iat": now,
            "nonce": asked["nonce"],
            "name": "Amina O'Brien-Żółć",
            CLAIM + "message_type": "LtiResourceLinkRequest",
            CLAIM + "version": "1.3.0",
            CLAIM + "deployment_id": "1",
            CLAIM + "target_link_uri": "http://127.0.0.1:8000/lti/launch",
            CLAIM + "roles": [LEARNER_ROLE],
            CLAIM + "context": {"id": "course-1", "title": "Foundations", "label": "IMH101"},
            CLAIM + "resource_link": {"id": "link-1", "title": "Level 1"},
            CLAIM + "custom": {"instrument": "self-assessment-1"},
            AGS: {
                "scope": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
                "lineitems": f"{self.issuer}/items?type_id=1",
                "lineitem": f"{self.issuer}/items/1/lineitem?type_id=1",
            },
        }
        claims |= {CLAIM + n.removeprefix("lti_"): v for n, v in changes.items() if n[:4] == "lti_"}
        claims |= {n: v for n, v in changes.items() if n[:4] != "lti_"}
        return {name: value for name, value in claims.items() if value is not MISSING}

    def sign(
        self, claims: dict[str, Any], *, key: str | None = None, kid: str | None = None
    ) -> str:
        headers = {"kid": kid or self.kid}
        return jwt.encode(claims, rsa_key(key or self.key_name), "RS256", headers=headers)

    def launch(self, browser: FlaskClient, **changes: Any) -> TestResponse:
        """Goes through the whole of a launch in one browser, with claims changed."""
        asked = self.begin(browser)
        return self.send(browser, asked, self.sign(self.claims(asked, **changes)))

    @staticmethod
    def send(browser: FlaskClient, asked: dict[str, str], id_token: str) -> TestResponse:
        return browser.post("/lti/launch", data={"state": asked["state"], "id_token": id_token})


def unsigned(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': 'key-1'})}.{_part(claims)}."


def signed_with_public_key(claims: dict[str, Any], key_name: str = "lms") -> str:
    """HS256 whose secret is the LMS's public key: what an algorithm mix-up would accept."""
    pem = (
        rsa_key(key_name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    signing_input = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'key-1'})}.{_part(claims)}"
    mac = hmac.new(pem, signing_input.encode(), hashlib.sha256).digest()
    return f"{signing_input}.{_encoded(mac)}"


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unique() -> str:
    return uuid.uuid4().hex

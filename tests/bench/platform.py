"""The LMS's half of a launch, as cheap as can be: a key set that counts its visitors, tokens."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.bench.processes import Browser
from tests.gateway.lms import CLAIM, LEARNER_ROLE, rsa_key

CLIENT = "bench"


class KeySet:
    """Serves one key on loopback and counts how often it is asked."""

    def __init__(self) -> None:
        self.fetches = 0
        outer = self
        jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key("bench").public_key()))
        body = json.dumps({"keys": [jwk | {"kid": "k", "alg": "RS256", "use": "sig"}]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.fetches += 1
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()


def begin(browser: Browser, issuer: str, target: str) -> dict[str, str]:
    """Posts a login; returns what the tool asks the LMS for."""
    body = urlencode(
        {
            "iss": issuer,
            "client_id": CLIENT,
            "login_hint": "hint",
            "target_link_uri": target,
            "lti_message_hint": "message",
        }
    )
    status, location, _ = browser.call("POST", "/lti/login", body)
    assert status == 302, status
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def token(asked: dict[str, str], issuer: str, target: str, subject: str) -> str:
    """Returns a signed launch, shaped like Moodle's."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": CLIENT,
        "sub": subject,
        "exp": now + 60,
        "iat": now,
        "nonce": asked["nonce"],
        "name": f"Person {subject}",
        CLAIM + "message_type": "LtiResourceLinkRequest",
        CLAIM + "version": "1.3.0",
        CLAIM + "deployment_id": "1",
        CLAIM + "target_link_uri": target,
        CLAIM + "roles": [LEARNER_ROLE],
        CLAIM + "context": {"id": "c", "title": "Foundations", "label": "IMH101"},
        CLAIM + "resource_link": {"id": "l", "title": "Level 1"},
        CLAIM + "custom": {"instrument": "self-assessment-1"},
        CLAIM + "tool_platform": {"product_family_code": "moodle", "guid": "g"},
    }
    return jwt.encode(claims, rsa_key("bench"), "RS256", headers={"kid": "k"})

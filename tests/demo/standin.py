"""A stand-in for the tool, and a client of the LMS: what the tests call the platform with.

Nothing of the tool's own code is used here, nor of the LMS's: both sides are met over HTTP.
"""

import html
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope"
LINE_ITEM = f"{AGS}/lineitem"
LINE_ITEM_READ = f"{AGS}/lineitem.readonly"
RESULT = f"{AGS}/result.readonly"
SCORE = f"{AGS}/score"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
EVERY_SCOPE = (LINE_ITEM, LINE_ITEM_READ, RESULT, SCORE, ROSTER)

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
CLAIM = "https://purl.imsglobal.org/spec/lti/claim"
ENDPOINT = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NAMES_ROLES = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"

CLIENT_ID = "Lk7wQmZ2pXr9TdB"
AT_TEN = "2026-11-20T10:00:00+00:00"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Tool:
    """Publishes keys, as the tool does, and signs client assertions."""

    url: str = ""
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=dict)
    keyset_served: int = 0
    notices: list[Any] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask("stand-in-tool")

        @app.get("/lti/jwks.json")
        def keyset() -> Any:
            self.keyset_served += 1
            return jsonify({"keys": [_jwk(kid, key) for kid, key in self.keys.items()]})

        @app.post("/lti/notices")
        def take_notices() -> Any:
            self.notices.append(request.get_json())
            return "", 202

        return app

    def add_key(self, kid: str) -> None:
        self.keys[kid] = new_key()

    def assertion(self, audience: str, *, kid: str | None = None, **changed: Any) -> str:
        kid = kid or next(iter(self.keys))
        moment = int(time.time())
        claims = {
            "iss": CLIENT_ID,
            "sub": CLIENT_ID,
            "aud": audience,
            "iat": moment,
            "exp": moment + 300,
            "jti": secrets.token_hex(8),
        } | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.keys[kid], algorithm="RS256", headers={"kid": kid})


@dataclass
class Lms:
    """The running LMS, as the tool and a developer's tests see it."""

    url: str
    tool: Tool
    app: Flask

    # control -------------------------------------------------------------------------

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/control/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def play(self, profile: str) -> None:
        self.control("PUT", "profile", {"profile": profile})

    def fault(self, kind: str, **more: Any) -> None:
        self.control("PUT", "faults", {"kind": kind, **more})

    def cells(self, course: int = 2) -> list[dict[str, Any]]:
        return list(self.control("GET", f"gradebook?course={course}"))

    def cell(self) -> dict[str, Any]:
        (cell,) = self.cells()
        return dict(cell)

    def log(self) -> dict[str, Any]:
        return dict(self.control("GET", "log"))

    # what the tool does ----------------------------------------------------------------

    def ask_token(self, scopes: tuple[str, ...] = EVERY_SCOPE, **changed: Any) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.tool.assertion(f"{self.url}/lti/token"),
            "scope": " ".join(scopes),
        } | changed
        return requests.post(f"{self.url}/lti/token", data=form, timeout=10)

    def token(self, *scopes: str) -> str:
        answer = self.ask_token(scopes or EVERY_SCOPE)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def call(
        self, method: str, url: str, *, accept: str = "", token: str = "", **more: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {token or self.token()}", "Accept": accept or None}
        headers |= more.pop("headers", {})
        return requests.request(method, url, headers=headers, timeout=10, **more)

    def post_score(self, url: str, token: str = "", **fields: Any) -> requests.Response:
        score = {
            "userId": "3",
            "timestamp": AT_TEN,
            "scoreGiven": 40,
            "scoreMaximum": 100,
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        } | fields
        score = {name: value for name, value in score.items() if value is not ...}
        return self.call(
            "POST",
            scores_url(url),
            token=token,
            json=score,
            headers={"Content-Type": SCORE_TYPE},
        )

    # launches --------------------------------------------------------------------------

    def initiate(self, who: str, course: int = 2, item: int = 11, **query: str) -> "Form":
        url = f"{self.url}/courses/{course}/items/{item}/launch"
        answer = requests.get(url, params={"as": who, **query}, timeout=10)
        assert answer.status_code == 200, answer.text
        return read_form(answer.text)

    def authorise(self, login: dict[str, str], *, post: bool = False, **changed: Any) -> Any:
        asked = {
            "client_id": login["client_id"],
            "redirect_uri": f"{self.tool.url}/lti/launch",
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "nonce": "nonce-1",
            "state": "state-1",
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
        } | changed
        asked = {name: value for name, value in asked.items() if value is not None}
        url = f"{self.url}/lti/auth"
        if post:
            return requests.post(url, data=asked, timeout=10)
        return requests.get(url, params=asked, timeout=10)

    def launch(self, who: str, course: int = 2, item: int = 11, **query: str) -> dict[str, Any]:
        login = self.initiate(who, course, item, **query)
        answer = self.authorise(login.fields)
        return self.verified(read_form(answer.text).fields["id_token"])

    def verified(self, id_token: str) -> dict[str, Any]:
        keyset = requests.get(f"{self.url}/lti/jwks.json", timeout=10).json()
        kid = jwt.get_unverified_header(id_token)["kid"]
        key = next(key for key in jwt.PyJWKSet.from_dict(keyset).keys if key.key_id == kid)
        claims = jwt.decode(id_token, key.key, algorithms=["RS256"], audience=CLIENT_ID)
        return dict(claims)

    def lineitem(self, item: int = 31, course: int = 2) -> str:
        """The address of a line item in the profile that is on."""
        courses = self.control("GET", "state")["courses"]
        urls = [
            url
            for found in courses
            if found["id"] == course
            for placement in found["items"]
            for url in placement["line_items"]
        ]
        return next(url for url in urls if f"/{item}" in url)

    def course(self, course: int = 2) -> dict[str, Any]:
        courses = self.control("GET", "state")["courses"]
        return next(found for found in courses if found["id"] == course)

    def user_id(self, key: str) -> str:
        people = self.control("GET", "state")["people"]
        return next(person["user_id"] for person in people if person["key"] == key)


@dataclass(frozen=True)
class Form:
    action: str
    method: str
    fields: dict[str, str]


def read_form(page: str) -> Form:
    """The one self-sending form of a page."""
    method, action = re.search(
        r'<form id="lk-forward"\s+method="(\w+)"\s+action="([^"]+)"', page
    ).groups()
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    fields = {html.unescape(name): html.unescape(value) for name, value in pairs}
    return Form(html.unescape(action), method, fields)


def scores_url(line_item: str) -> str:
    path, mark, query = line_item.partition("?")
    return f"{path}/scores{mark}{query}"


def results_url(line_item: str) -> str:
    path, mark, query = line_item.partition("?")
    return f"{path}/results{mark}{query}"


class Server:
    """A threaded server for a Flask application, on a port of its own."""

    def __init__(self) -> None:
        self._server = make_server("127.0.0.1", 0, Flask("nothing"), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self, app: Flask) -> None:
        self._server.app = app
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _jwk(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    made = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return made | {"kid": kid, "alg": "RS256", "use": "sig"}

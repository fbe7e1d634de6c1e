"""The services of an LMS as a test plays them: sign-in, keys, tokens, a gradebook, a roster."""

import base64
from collections.abc import Collection
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import update

from lti_tool.courses.models import Course, Placement
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.kernel.http import HttpAnswer
from lti_tool.lti.claims import SCOPE_LINE_ITEM
from lti_tool.wiring.messages import make_worker
from tests.gateway.lms import rsa_key
from tests.platform import as_json
from tests.tool import Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (
    *(f"{AGS}{name}" for name in ("score", "lineitem", "lineitem.readonly", "result.readonly")),
    NRPS,
)


@dataclass
class PlayedLms:
    """Answers at the addresses of the organisation's registration; allows `scopes`."""

    tool: Tool
    issuer: str = "https://lms-0.example"
    scopes: Collection[str] = SCOPES
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        answers = self.tool.http.answers
        answers[f"{self.issuer}/auth"] = HttpAnswer(400, {}, b"a sign-in needs parameters")
        answers[f"{self.issuer}/jwks"] = lambda *_: self.keys()
        answers[f"{self.issuer}/token"] = self.token
        answers[f"{self.issuer}/items"] = as_json([{"id": f"{self.issuer}/items/1"}])
        people = [{"user_id": "amina-secret-id", "name": "Amina O'Brien", "roles": []}] * 3
        answers[f"{self.issuer}/people"] = as_json({"members": people})

    def keys(self, **headers: str) -> HttpAnswer:
        numbers = rsa_key("lms").public_key().public_numbers()
        known = {"kty": "RSA", "use": "sig", "alg": "RS256", "e": "AQAB"}
        modulus = base64.urlsafe_b64encode(numbers.n.to_bytes(256)).decode().rstrip("=")
        keys = [known | {"kid": kid, "n": modulus} for kid in ("key-1", "key-2")]
        date = headers or {"Date": format_datetime(clock.now())}
        return as_json({"keys": keys}, **date)

    def token(self, _method: str, _url: str, body: bytes) -> HttpAnswer:
        """Grants what is allowed, and refuses where that is nothing of it."""
        (asked,) = parse_qs(body.decode())["scope"]
        self.asked.append(asked)
        granted = [scope for scope in asked.split() if scope in self.scopes]
        if not granted:
            return as_json({"error": "invalid_scope"}, 400)
        token = {"access_token": "a-very-secret-token", "token_type": "Bearer"}
        return as_json(token | {"expires_in": 3600, "scope": " ".join(granted)})

    def answer(self, path: str, answer: Any) -> None:
        self.tool.http.answers[f"{self.issuer}{path}"] = answer


def ada_of(tool: Tool, organisation: str = "Willow Training", **more: Any) -> Visitor:
    """An administrator of the organisation, who came from a course that told of its services."""
    subject = f"ada-{organisation}"
    return tool.sign_in(subject, roles=ADMINISTRATOR, organisation=organisation, **more)


def tell_services(tool: Tool, issuer: str = "https://lms-0.example") -> None:
    """Leaves with every course and placement what a launch says of the LMS's services."""
    with tool.database.transaction() as session:
        session.execute(
            update(Placement).values(line_items=f"{issuer}/items?type_id=1", scopes=SCOPE_LINE_ITEM)
        )
        session.execute(update(Course).values(memberships_url=f"{issuer}/people"))


def run_worker(tool: Tool) -> int:
    return make_worker(tool.runtime).drain()

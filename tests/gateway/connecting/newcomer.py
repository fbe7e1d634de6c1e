"""An LMS that nobody here knows yet, and the administrator who registers this tool in it."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.gateway.connecting.invitations import invite
from lti_tool.gateway.models import RegistrationRow
from lti_tool.kernel.http import HttpAnswer
from tests.platform import as_json
from tests.tool import Tool

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
TOKEN = "one-time.token"
MOODLE_SCOPES = (
    AGS + "lineitem.readonly",
    AGS + "result.readonly",
    AGS + "score",
    AGS + "lineitem",
    NRPS,
    "openid",
)


@dataclass
class Newcomer:
    """An LMS as Moodle shows itself; `answer` is what it says to a registration."""

    tool: Tool
    issuer: str = "https://moodle.example"
    client_id: str = "fresh-client"
    deployment: str = "7"
    changes: dict[str, Any] = field(default_factory=dict)
    answer: HttpAnswer | None = None
    received: list[dict[str, Any]] = field(default_factory=list)

    @property
    def configuration_url(self) -> str:
        return f"{self.issuer}/mod/lti/openid-configuration.php"

    @property
    def registration_url(self) -> str:
        return f"{self.issuer}/mod/lti/openid-registration.php"

    def configuration(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "issuer": self.issuer,
            "token_endpoint": f"{self.issuer}/mod/lti/token.php",
            "jwks_uri": f"{self.issuer}/mod/lti/certs.php",
            "authorization_endpoint": f"{self.issuer}/mod/lti/auth.php",
            "registration_endpoint": self.registration_url,
            "scopes_supported": list(MOODLE_SCOPES),
            "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
            PLATFORM: {
                "product_family_code": "moodle",
                "version": "4.5.5+ (Build: 20250613)",
                "messages_supported": [
                    {"type": "LtiResourceLinkRequest"},
                    {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
                ],
                "variables": ["Context.id", "Context.id.history"],
            },
        } | self.changes
        return {name: value for name, value in found.items() if value is not None}

    def listen(self) -> None:
        """Answers what the tool asks."""
        self.tool.http.answers[self.configuration_url] = as_json(self.configuration())
        self.tool.http.answers[self.registration_url] = self._registered

    def open(self, browser: FlaskClient, invitation: str = "", **more: str) -> TestResponse:
        """Opens the tool's registration page, as the LMS's frame does."""
        self.listen()
        query = {"openid_configuration": self.configuration_url, "registration_token": TOKEN}
        path = "/lti/register" + (f"/{invitation}" if invitation else "")
        return browser.get(f"{path}?{urlencode(query | more)}")

    def connect(self, browser: FlaskClient, invitation: str = "") -> TestResponse:
        """Opens the page and confirms it."""
        return confirm(browser, self.open(browser, invitation))

    def _registered(self, method: str, _url: str, body: bytes) -> HttpAnswer:
        assert method == "POST"
        sent = json.loads(body)
        self.received.append(sent)
        if self.answer is not None:
            return self.answer
        configuration = sent[TOOL_CONFIGURATION] | {"deployment_id": self.deployment}
        return as_json(sent | {"client_id": self.client_id, TOOL_CONFIGURATION: configuration})


def sealed(page: TestResponse) -> str:
    """Returns the state that the page's form carries."""
    assert page.status_code == 200, page.text
    found = re.search(r'name="form"\s+value="([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def confirm(browser: FlaskClient, page: TestResponse) -> TestResponse:
    return browser.post("/lti/register", data={"form": sealed(page)})


def invited(tool: Tool, organisation: str = "Willow Training", **options: Any) -> str:
    """Returns the token of a fresh invitation."""
    with tool.database.transaction() as session:
        return invite(session, organisation, **({"days": 7} | options))


def registrations(tool: Tool) -> list[RegistrationRow]:
    with tool.database.transaction(write=False) as session:
        found = session.execute(select(RegistrationRow).order_by(RegistrationRow.id)).scalars()
        return list(found)

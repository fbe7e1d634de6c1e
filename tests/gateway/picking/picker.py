"""A tutor in the picker: comes by a deep linking request, fills in its forms, reads its answer."""

import html
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.gateway.lms import AGS, CLAIM, MISSING, TUTOR_ROLE, Lms

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
RETURN = "https://lms.example/mod/lti/contentitem_return.php?course=2&id=2&sesskey=79CehqCshV"
# As recorded from Moodle 4.5.
MOODLE: dict[str, Any] = {
    "accept_types": ["ltiResourceLink"],
    "accept_presentation_document_targets": ["frame", "iframe", "window"],
    "accept_copy_advice": False,
    "accept_multiple": True,
    "accept_unsigned": False,
    "auto_create": False,
    "can_confirm": False,
    "deep_link_return_url": RETURN,
    "title": "",
    "text": "",
}
ITEM: dict[str, Any] = {
    "title": "Where do I stand?",
    "text": "",
    "domains": [str(number) for number in range(1, 8)],
    "grade_rule": "completion",
    "points": "100",
}


def request_pick(
    lms: Lms, browser: FlaskClient, settings: dict[str, Any] | None = None, **changes: Any
) -> TestResponse:
    """The LMS asks for activities; returns the tool's answer to its launch."""
    claims: dict[str, Any] = {
        "sub": "tara",
        "name": "Tara Tutor",
        "lti_roles": [TUTOR_ROLE],
        "lti_message_type": "LtiDeepLinkingRequest",
        "lti_resource_link": MISSING,
        "lti_custom": MISSING,
        AGS: MISSING,
        DL + "deep_linking_settings": MOODLE | (settings or {}),
    } | changes
    return lms.launch(browser, **claims)


@dataclass
class Picker:
    """One pick in one browser."""

    lms: Lms
    browser: FlaskClient
    home: str

    @classmethod
    def open(cls, lms: Lms, settings: dict[str, Any] | None = None, **changes: Any) -> "Picker":
        browser = lms.tool.app.test_client()
        return cls.within(lms, browser, settings, **changes)

    @classmethod
    def within(
        cls,
        lms: Lms,
        browser: FlaskClient,
        settings: dict[str, Any] | None = None,
        **changes: Any,
    ) -> "Picker":
        launched = request_pick(lms, browser, settings, **changes)
        assert launched.status_code == 303, launched.text
        entered = browser.get(launched.headers["Location"])
        picker = cls(lms, browser, entered.headers["Location"].rstrip("/") + "/")
        assert picker.get().status_code == 200, picker.get().text
        return picker

    def get(self, path: str = "") -> TestResponse:
        return self.browser.get(self.home + path)

    def post(self, path: str, data: dict[str, Any] | None = None) -> TestResponse:
        token = re.search(
            r'name="csrf_token"[^>]*value="([^"]+)"', self.get("add/self-assessment-1").text
        )
        assert token, "the page has no form"
        return self.browser.post(self.home + path, data=(data or {}) | {"csrf_token": token[1]})

    def add(self, instrument: str = "self-assessment-1", **changes: Any) -> TestResponse:
        """Puts one activity on the list."""
        return self.post(f"add/{instrument}", ITEM | changes)

    def names(self) -> list[str]:
        """The titles on the list, in order."""
        found = re.findall(r'<h3 class="chosen-name">(.*?)</h3>', self.get().text)
        return [html.unescape(one) for one in found]

    def ids(self) -> list[str]:
        return re.findall(r"/items/([\w-]+)/remove", self.get().text)

    def claims(self, page: TestResponse) -> dict[str, Any]:
        """What the LMS reads in the answer, checked as an LMS checks it."""
        return read_answer(self.lms, page)[1]

    def send(self, **data: Any) -> dict[str, Any]:
        return self.claims(self.post("send", data))


def read_answer(lms: Lms, page: TestResponse) -> tuple[str, dict[str, Any]]:
    """Returns where an answer goes, and its claims, verified with the tool's key set."""
    assert page.status_code == 200, page.text
    form = re.search(r'<form method="post" action="([^"]+)" data-send-at-once>', page.text)
    token = re.search(r'name="JWT"[^>]*value="([^"]+)"', page.text)
    assert form
    assert token, page.text
    published = lms.tool.app.test_client().get("/lti/jwks.json").get_json()
    kid = jwt.get_unverified_header(token[1])["kid"]
    key = next(one for one in jwt.PyJWKSet.from_dict(published).keys if one.key_id == kid)
    claims = jwt.decode(
        token[1], key.key, algorithms=["RS256"], audience=lms.issuer, issuer=lms.client_id
    )
    return html.unescape(form[1]), claims


def items_of(claims: dict[str, Any]) -> list[dict[str, Any]]:
    return list(claims[DL + "content_items"])


__all__ = [
    "CLAIM",
    "DL",
    "ITEM",
    "MOODLE",
    "RETURN",
    "Picker",
    "items_of",
    "json",
    "parse_qs",
    "read_answer",
    "request_pick",
    "urlsplit",
]

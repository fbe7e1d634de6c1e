"""Going through launches, and on in the session that they open."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.gateway.lms import AGS, MISSING, Lms

V = "http://purl.imsglobal.org/vocab/lis/v2/"
LEARNER, TUTOR, MENTOR = (V + f"membership#{name}" for name in ("Learner", "Instructor", "Mentor"))
ADMINISTRATOR = V + "institution/person#Administrator"
REVIEW = "LtiSubmissionReviewRequest"
PRIVACY = "DataPrivacyLaunchRequest"


@dataclass(frozen=True)
class Arrived:
    """Where a launch led, and the browser that holds its session."""

    browser: FlaskClient
    address: str

    @property
    def slot(self) -> str:
        return self.address.split("/")[2]

    @property
    def placement(self) -> str:
        return self.address.split("/")[4]

    @property
    def page(self) -> TestResponse:
        return self.browser.get(self.address)

    def get(self, path: str) -> TestResponse:
        """Opens a page of the placement."""
        return self.browser.get(f"/at/{self.slot}/p/{self.placement}/{path}")

    def post(self, path: str, data: dict[str, Any]) -> TestResponse:
        """Posts a form with the secret of a page of this session."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page.text)
        assert token, self.address
        return self.browser.post(
            f"/at/{self.slot}/p/{self.placement}/{path}",
            data=data | {"csrf_token": token.group(1)},
        )


def arrive(lms: Lms, sub: str = "amina", *roles: str, **changes: Any) -> Arrived:
    """Goes all the way to the page, in a browser of its own."""
    browser = lms.tool.app.test_client()
    response = lms.launch(browser, sub=sub, lti_roles=list(roles or [LEARNER]), **changes)
    assert response.status_code == 303, response.text
    opened = browser.get(response.headers["Location"])
    assert opened.status_code == 303, opened.text
    return Arrived(browser, opened.headers["Location"])


def review(lms: Lms, sub: str, role: str, for_user: str, **changes: Any) -> Arrived:
    """Opens somebody's work from the gradebook."""
    about: dict[str, Any] = {"lti_message_type": REVIEW, "lti_for_user": {"user_id": for_user}}
    return arrive(lms, sub, role, **about | changes)


def privacy(**changes: Any) -> dict[str, Any]:
    """The claims of a data privacy launch: no course, no link, no services."""
    absent = dict.fromkeys(("lti_context", "lti_resource_link", "lti_custom", AGS), MISSING)
    return absent | {"lti_message_type": PRIVACY} | changes


def rate(who: Arrived, *codes: str) -> None:
    """Answers competencies with a note, by the form of their domain."""
    for code in codes:
        domain = code.split(".")[0]
        form = {f"state-{code}": "achieved", f"version-{code}": "0", f"note-{code}": "A diary"}
        token = re.search(r'name="csrf_token" value="([^"]+)"', who.get(f"domain/{domain}").text)
        assert token
        path = f"/at/{who.slot}/p/{who.placement}/domain/{domain}"
        answer = who.browser.post(path, data=form | {"csrf_token": token.group(1)})
        assert answer.status_code == 303, answer.text

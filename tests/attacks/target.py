"""What is attacked, and how one sees that an attack failed."""

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.gateway.models import LoginRow, Ticket
from lti_tool.web.models import WebSession
from tests.gateway.lms import Lms
from tests.tool import Tool


@dataclass
class Target:
    """The tool, its LMS, and one login under way, which refused tokens leave unused."""

    tool: Tool
    lms: Lms
    _begun: tuple[FlaskClient, dict[str, str]] | None = field(default=None)

    def browser(self) -> FlaskClient:
        return self.tool.app.test_client()

    def login(self) -> tuple[FlaskClient, dict[str, str]]:
        """Returns a browser in which a login was begun, and what the tool asked for."""
        if self._begun is None:
            browser = self.browser()
            self._begun = (browser, self.lms.begin(browser))
        return self._begun

    def claims(self, **changes: Any) -> dict[str, Any]:
        return self.lms.claims(self.login()[1], **changes)

    def send(self, id_token: str) -> TestResponse:
        browser, asked = self.login()
        return self.lms.send(browser, asked, id_token)

    def doors(self) -> tuple[int, int, int]:
        """How many tickets and sessions there are, and logins that were used."""
        used = LoginRow.consumed_at.is_not(None)
        with self.tool.database.transaction(write=False) as session:
            counted = [
                session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (Ticket, WebSession)
            ]
            logins = session.execute(
                select(func.count()).select_from(LoginRow).where(used)
            ).scalar_one()
        return counted[0], counted[1], logins

    def refuses(self, id_token: str, *codes: str) -> None:
        """Sends a token to the login under way, and sees that nothing came of it."""
        before = self.doors()
        answer = self.send(id_token)
        assert answer.status_code in {400, 401, 403, 413, 503}, answer.status_code
        assert any(code in answer.text for code in codes), answer.text[-600:]
        assert "Traceback" not in answer.text
        assert "imhcf_session" not in str(answer.headers.getlist("Set-Cookie"))
        assert self.doors() == before

    def still_lets_the_honest_one_in(self) -> None:
        """The login was not spoilt: its own token is taken. A new login follows."""
        assert self.send(self.lms.sign(self.claims())).status_code == 303
        self._begun = None

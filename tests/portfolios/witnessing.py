"""What tests of statements and cases share: invitations, what a witness sends, frozen items."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lti_tool.portfolios.cases.rules import CaseView, Item
from lti_tool.portfolios.cases.services import report
from lti_tool.portfolios.evidence.rules import EvidenceView, Told
from lti_tool.portfolios.evidence.services import add_evidence, change_evidence
from lti_tool.portfolios.rules import Declaration
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.submitting.queries import FrozenEvidence
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.rules import check_file
from lti_tool.storage.services import keep_file
from tests.portfolios.handing_in import Handing
from tests.storage import files
from tests.tool import Tool, Visitor

SAID = {
    "name": "Gethin Rees",
    "role": "supervisor",
    "text": "I have watched this work for a year: calm, warm, and always on time.",
    "confirmed": "yes",
}
LINK = re.compile(r'value="http://127\.0\.0\.1:8000(/statement/[\w-]{43})"')


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def invite(who: Handing, code: str = "1.01", **more: Any) -> TestResponse:
    form = {"invited_name": "Gethin", "ends_on": in_days(28), "shows_account": "yes"} | more
    return who.visitor.post(f"{who.path}/task/{code}/statements", form)


def link_in(answer: TestResponse) -> str:
    """Returns the link that a page shows this once."""
    assert answer.status_code == 200, answer.text
    (found,) = LINK.findall(answer.text)
    return str(found)


@dataclass(frozen=True)
class Witness:
    """Somebody with a link and a browser that holds nothing of ours."""

    client: FlaskClient
    link: str

    def get(self, more: str = "", **options: Any) -> TestResponse:
        options.setdefault("headers", {"Accept": "text/html"})
        return self.client.get(self.link + more, **options)

    def give(self, **form: Any) -> TestResponse:
        return self.client.post(self.link, data=SAID | form)


def witness(tool: Tool, who: Handing, code: str = "1.01", **more: Any) -> Witness:
    return Witness(tool.app.test_client(), link_in(invite(who, code, **more)))


def text_of(answer: TestResponse) -> str:
    """What a page says, without tags and with its characters as they are read."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def names_in(page: TestResponse) -> list[str]:
    """The names of the invitations on a learner's page, newest first."""
    return re.findall(r'id="statement-([\w-]+)"', page.text)


def value_of(answer: TestResponse, name: str) -> str:
    (found,) = set(re.findall(rf'name="{name}"\s+value="([^"]*)"', answer.text))
    return html.unescape(found)


def add_file(
    who: Handing, code: str = "1.01", content: bytes = files.PDF, name: str = "notes.pdf"
) -> EvidenceView:
    """Adds a file with all that a hand-in asks of it."""
    task = Task(who.portfolio, who.asked, code)
    actor = who.visitor.actor
    with who.tool.database.transaction() as session:
        checked = check_file(name, content, limit=10**6)
        file = keep_file(session, actor, open_blobs(who.tool.runtime.settings), checked)
        piece = add_evidence(session, actor, task, file)
        told = Told("Notes of a visit", "Two pages of notes.", Declaration.ANONYMISED)
        return change_evidence(session, actor, piece.public_id, told, seen=piece.mark)


def piece_of(who: Handing, submission: SubmissionView, code: str = "1.01") -> FrozenEvidence:
    (task,) = (one for one in who.frozen(submission.id).tasks if one.code == code)
    return task.evidence[0]


def statement_in(who: Handing, submission: SubmissionView, code: str = "1.01") -> dict[str, Any]:
    (task,) = (one for one in who.frozen(submission.id).tasks if one.code == code)
    return task.statements[0]


def reported(
    tool: Tool, reader: Visitor, submission: SubmissionView, item: Item, words: str = "A name."
) -> CaseView:
    """What the desk does with a report: through the service that its button calls."""
    with tool.database.transaction() as session:
        return report(session, reader.actor, submission, item, words)

"""The PDF of a submission: what it says, by both renderers; who gets it; what can go wrong."""

import importlib
import io
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from sqlalchemy import select, update

from lti_tool.exports.papers import worker as papers_worker
from lti_tool.exports.papers.rendering import renderer_named
from lti_tool.exports.papers.worker import LeaseLost, unseal
from lti_tool.exports.submissions.content import paper_asked
from lti_tool.exports.submissions.drawing import document_of
from lti_tool.exports.submissions.services import ask_again
from lti_tool.exports.submissions.worker import SubmissionPaperMaker
from lti_tool.kernel.actor import Role
from lti_tool.kernel.codes import grouped
from lti_tool.kernel.errors import NotAllowed
from lti_tool.outbox.models import Message
from lti_tool.outbox.rules import Lease
from lti_tool.outbox.services import take
from lti_tool.portfolios.submitting.models import Submission, SubmissionTask
from lti_tool.portfolios.submitting.rules import RENDER, PdfState
from lti_tool.storage.blobs import open_blobs
from lti_tool.wiring.messages import make_worker
from tests.exports.test_papers import FakePress
from tests.portfolios.handing_in import Handing, handed_in, ready
from tests.portfolios.witnessing import add_file
from tests.tool import TUTOR, Tool

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
TEXT = """\
# What I saw

I sat with **her** and *waited*: محمد, Дарья, Ŵrth. <img src=file:///etc/passwd>

- one thing
- another thing

> In her own words.
"""


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> FakePress:
    press = FakePress()
    monkeypatch.setattr(papers_worker, "press_for", lambda _name: press)
    return press


def state(amina: Handing) -> tuple[PdfState, str]:
    found = amina.standing().submission
    assert found
    return found.pdf_state, found.pdf_reason


def text_of(tool: Tool, submission_id: int, name: str) -> str:
    if name == "weasyprint":
        try:
            importlib.import_module("weasyprint")
        except OSError:
            pytest.skip("no Pango here (apt-get install libpango-1.0-0 libpangoft2-1.0-0)")
    renderer = renderer_named(name)
    with tool.database.transaction(write=False) as session:
        paper = paper_asked(session, submission_id)
    assert paper
    with tool.app.app_context():
        document = document_of(paper, renderer)
    assert not document.missing
    pdf = pypdf.PdfReader(io.BytesIO(renderer.render(document.html, document.faces)))
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


@pytest.mark.parametrize("name", ["xhtml2pdf", "weasyprint"])
def test_the_paper_says_all_that_was_handed_in(tool: Tool, name: str) -> None:
    amina = ready(tool, name="Llŷr Żółć")
    amina.write("1.01", TEXT)
    piece = add_file(amina, "1.02")
    submission = amina.hand_in()
    said = text_of(tool, submission.id, name)
    for part in (
        "Llŷr Żółć",
        grouped(submission.receipt_code),
        submission.digest[:32],
        submission.digest[32:],
        "was the same",
        "What I saw",
        "waited",
        "Дарья",
        "another thing",
        "In her own words.",
        "<img src=file:///etc/passwd>",
        "Notes of a visit",
        piece.file.digest[:32],
        "declared as anonymised",
        *amina.codes,
    ):
        assert part in said, part
    for task in amina.asked.by_code.values():
        assert " ".join((task.prompt or "").split()[:4]) in said


def test_the_paper_says_where_what_is_stored_is_not_what_was_handed_in(tool: Tool) -> None:
    _amina, submission = handed_in(tool)
    with tool.database.transaction() as session:
        session.execute(
            update(SubmissionTask).where(SubmissionTask.code == "2.03").values(text="Other words.")
        )
    assert "it is not what was handed in" in text_of(tool, submission.id, "xhtml2pdf")


def test_the_owner_and_administrators_get_it_and_nobody_else(tool: Tool, press: FakePress) -> None:
    amina, submission = handed_in(tool)
    path = f"{amina.path}/submissions/{submission.public_id}/pdf"
    early = amina.visitor.get(path)
    assert early.status_code == 404
    make_worker(tool.runtime).drain()
    answer = amina.visitor.get(path)
    assert answer.data == b"%PDF-1.4 1"
    assert grouped(submission.receipt_code) in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Amina" not in answer.headers["Content-Disposition"]
    assert amina.visitor.get(f"{path}/state").get_json()["state"] == "ready"
    of_office = f"reviews/{submission.public_id}/handed-in.pdf"
    ada = tool.sign_in("ada", roles=ADMINISTRATOR)
    assert ada.get(of_office).data == answer.data
    assert tool.sign_in("tara", roles=TUTOR).get(of_office).status_code == 403
    assert tool.sign_in("ben").get(path).status_code == 404
    odin = tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    assert odin.get(of_office).status_code == 404


def test_a_paper_that_could_not_be_made_says_why_and_is_made_again(
    tool: Tool, press: FakePress
) -> None:
    amina, submission = handed_in(tool)
    press.reason = "too-slow"
    make_worker(tool.runtime).drain()
    assert state(amina) == (PdfState.FAILED, "too-slow")
    receipt = f"{amina.path}/submissions/{submission.public_id}"
    shown = amina.visitor.get(receipt).text
    assert "took too long" in shown
    assert "What you handed in is safe" in shown
    press.reason = ""
    answer = amina.visitor.post(f"{receipt}/pdf/again", {})
    assert answer.status_code == 303
    assert "The PDF is being made" in amina.visitor.get(receipt).text
    make_worker(tool.runtime).drain()
    assert state(amina) == (PdfState.READY, "")
    assert "Download the PDF" in amina.visitor.get(receipt).text
    # Once it is there, asking again does nothing.
    assert amina.visitor.post(f"{receipt}/pdf/again", {}).status_code == 303
    assert state(amina) == (PdfState.READY, "")
    ben = tool.sign_in("ben")
    with pytest.raises(NotAllowed), tool.database.transaction() as session:
        ask_again(session, ben.actor, submission)


def test_too_much_text_is_refused_before_it_is_drawn(
    tool: Tool, press: FakePress, monkeypatch: pytest.MonkeyPatch
) -> None:
    amina, _submission = handed_in(tool)
    monkeypatch.setattr("lti_tool.exports.submissions.worker.MOST_CHARACTERS", 100)
    make_worker(tool.runtime).drain()
    assert state(amina) == (PdfState.FAILED, "too-large")
    assert press.jobs == []


def _leased(tool: Tool) -> Lease:
    with tool.database.transaction() as session:
        leases = take(session, limit=10, lease_for=timedelta(minutes=1))
    (lease,) = (one for one in leases if one.topic == RENDER)
    return lease


def test_a_worker_that_lost_its_lease_leaves_nothing_but_a_blob(
    tool: Tool, press: FakePress
) -> None:
    amina, _submission = handed_in(tool)
    lease = _leased(tool)
    with tool.database.transaction() as session:  # another worker took it over meanwhile
        session.execute(update(Message).where(Message.topic == RENDER).values(lease="another"))
    with pytest.raises(LeaseLost):
        SubmissionPaperMaker(tool.runtime, press).render(lease)
    assert state(amina) == (PdfState.ASKED, "")


def test_rendering_twice_makes_one_paper(tool: Tool, press: FakePress) -> None:
    amina, submission = handed_in(tool)
    lease = _leased(tool)
    maker = SubmissionPaperMaker(tool.runtime, press)
    maker.render(lease)
    stored = _stored(tool, submission.id)
    assert unseal(stored) == b"%PDF-1.4 1"
    with pytest.raises(LeaseLost):  # its message is gone: nothing is drawn for it any more
        maker.render(lease)
    assert len(press.jobs) == 1
    assert state(amina) == (PdfState.READY, "")


def _stored(tool: Tool, submission_id: int) -> bytes:
    with tool.database.transaction(write=False) as session:
        row: Any = session.execute(
            select(Submission).where(Submission.id == submission_id)
        ).scalar_one()
        found = (row.organisation_id, row.pdf_digest)
    return open_blobs(tool.runtime.settings).get(*found)

"""The claim that is proven of portfolios: every part says the same, after whatever happened.

`assert_whole` holds at every moment between transactions: what one part says is what the others
say, or a message is there that will bring it about. `assert_settled` holds once no message waits.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instrument
from lti_tool.grades.models import Score
from lti_tool.grades.rules import TOPIC as DELIVER_SCORE
from lti_tool.kernel.settings import Settings
from lti_tool.notifications.models import Notification
from lti_tool.outbox.models import Message
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.submitting.freezing import rows_of
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import submission_by_id
from lti_tool.portfolios.submitting.rules import ALLOCATE, RENDER
from lti_tool.portfolios.submitting.verifying import verify
from lti_tool.register import log as register_log
from lti_tool.register.models import RegisterCredential, RegisterEntry, RegisterEvent
from lti_tool.reviews import log
from lti_tool.reviews.models import Outcome, Review, ReviewEvent
from lti_tool.reviews.rules import RECOGNISE, Act
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.models import StoredFile
from tests.journeys.agreement import gradebook
from tests.journeys.servers import Site

DECIDED = {"returned": "more-evidence", "recognised": "recognised"}


@dataclass
class _Facts:
    """All that the parts say, read in one transaction."""

    submissions: list[Submission]
    reviews: list[Review]
    events: list[ReviewEvent]
    outcomes: list[Outcome]
    scores: list[Score]
    entries: list[RegisterEntry]
    register_events: list[RegisterEvent]
    credentials: list[RegisterCredential]
    told: list[Notification]
    waiting: set[tuple[str, str]]

    def acts(self, submission: int, act: Act) -> list[ReviewEvent]:
        return [e for e in self.events if e.submission_id == submission and e.act == act]


def assert_whole(site: Site) -> None:
    """Every submission is wholly before or wholly after each step, never between."""
    with site.database.transaction(write=False) as session:
        facts = _facts(session)
        for submission in facts.submissions:
            _frozen(session, submission)
            assert not facts.events or log.is_whole(session, submission.id)
            _readers(facts, submission)
            _paper(site, facts, submission)
            _outcome(facts, submission)
            _on_register(facts, submission)
            _grade(facts, submission)
        for entry in facts.entries:
            assert register_log.is_whole(session, entry.id)
    live = [s.portfolio_id for s in facts.submissions if s.state in {"submitted", "in-review"}]
    assert len(live) == len(set(live))
    entered = {e.entry_id for e in facts.register_events}
    assert entered == {e.id for e in facts.entries} == {c.entry_id for c in facts.credentials}


def assert_settled(site: Site) -> None:
    """As `assert_whole`, with nothing on its way any more: the gradebook says it, too."""
    assert_whole(site)
    assert site.waiting() == 0
    with site.database.transaction(write=False) as session:
        facts = _facts(session)
    cells = gradebook(site)
    assert {(s.line_item, s.subject) for s in facts.scores} == set(cells)
    for score in facts.scores:
        assert score.delivered_version == score.version
        assert cells[score.line_item, score.subject][0] == score.value
    for submission in facts.submissions:
        assert submission.pdf_state == "ready"
        assert facts.acts(submission.id, Act.ALLOCATED)


def everything(site: Site) -> dict[str, list[Any]]:
    """Returns all that must not change when a message comes again."""
    with site.database.transaction(write=False) as session:
        models = (
            Submission, Review, ReviewEvent, Outcome, RegisterEntry, RegisterEvent,
            RegisterCredential, Notification,
        )  # fmt: skip
        return {
            model.__tablename__: [
                tuple(row)
                for row in session.execute(
                    select(*model.__table__.columns).order_by(model.__table__.c.id)
                )
            ]
            for model in models
        }


def assert_evidence_is_whole(site: Site) -> list[Evidence]:
    """Every piece has a file with bytes and the task that it was given for. Returns the pieces."""
    blobs = open_blobs(_settings(site))
    with site.database.transaction(write=False) as session:
        pieces = list(session.execute(select(Evidence)).scalars())
        files = {one.id: one for one in session.execute(select(StoredFile)).scalars()}
        served = Counter(session.execute(select(EvidenceLink.evidence_id)).scalars())
    assert {one.file_id for one in pieces} == set(files)
    for one in pieces:
        file = files[one.file_id]
        assert blobs.digest(blobs.get(file.organisation_id, file.digest)) == file.digest
        assert served[one.id] == 1
    return pieces


def _facts(session: Session) -> _Facts:
    def all_of(model: Any) -> list[Any]:
        return list(session.execute(select(model).order_by(model.id)).scalars())

    return _Facts(
        all_of(Submission),
        all_of(Review),
        all_of(ReviewEvent),
        all_of(Outcome),
        all_of(Score),
        all_of(RegisterEntry),
        all_of(RegisterEvent),
        all_of(RegisterCredential),
        all_of(Notification),
        {(row.topic, row.key) for row in session.execute(select(Message.topic, Message.key))},
    )


def _frozen(session: Session, submission: Submission) -> None:
    tasks, _evidence = rows_of(session, submission.id)
    assert [task["code"] for task in tasks] == list(instrument(submission.instrument).by_code)
    view = submission_by_id(session, submission.id)
    assert view
    assert verify(session, view).is_whole


def _readers(facts: _Facts, submission: Submission) -> None:
    """It has its reader, who was told, and whose line is in the log; or a message asks for one."""
    mine = [one for one in facts.reviews if one.submission_id == submission.id]
    told = Counter(one.reference for one in facts.told)
    allocated = facts.acts(submission.id, Act.ALLOCATED)
    assert [e.details["review"] for e in allocated] == [one.public_id for one in mine]
    assert all(told[f"review-allocated:{one.public_id}"] == 1 for one in mine)
    assert bool(allocated) == bool(facts.acts(submission.id, Act.SUBMITTED))
    assert len(mine) == 1 or (not mine and (ALLOCATE, str(submission.id)) in facts.waiting)
    assert told[f"submission:{submission.id}:submitted"] == 1
    for one in mine:
        assert bool(facts.acts(submission.id, Act.DONE)) == (one.state == "done")


def _paper(site: Site, facts: _Facts, submission: Submission) -> None:
    """The PDF is there with its bytes, or asked for by a message."""
    if submission.pdf_state == "asked":
        assert (RENDER, str(submission.id)) in facts.waiting
        return
    assert submission.pdf_state == "ready"
    blobs = open_blobs(_settings(site))
    content = blobs.get(submission.organisation_id, submission.pdf_digest)
    seal, pdf = content.split(b"\n", 1)
    assert seal == f"submission {submission.public_id}".encode()
    assert pdf.startswith(b"%PDF")
    assert len(pdf) == submission.pdf_size


def _outcome(facts: _Facts, submission: Submission) -> None:
    """State, outcome, its line in the log and what the owner is told go together."""
    mine = [one for one in facts.outcomes if one.submission_id == submission.id]
    wanted = [DECIDED[submission.state]] if submission.state in DECIDED else []
    assert [one.outcome for one in mine] == wanted
    released = facts.acts(submission.id, Act.RELEASED)
    assert [e.details["outcome"] for e in released] == [one.outcome for one in mine]
    told = [one for one in facts.told if one.reference == f"outcome:{submission.public_id}:1"]
    assert len(told) == len(mine)
    for one in mine:
        lacking = {code for code, said in one.findings.items() if said["verdict"] != "met"}
        assert set(submission.reopened) == lacking
        assert one.met == one.total - len(lacking)


def _on_register(facts: _Facts, submission: Submission) -> None:
    """Who is recognised is on the register with a credential, or a message will see to it."""
    reference = f"submission:{submission.id}"
    lines = [one for one in facts.register_events if one.reference == reference]
    noted = facts.acts(submission.id, Act.RECOGNISED)
    assert len(lines) == len(noted) <= 1
    if submission.state != "recognised":
        assert not lines
        return
    (outcome,) = [one for one in facts.outcomes if one.submission_id == submission.id]
    waits = (RECOGNISE, str(outcome.id)) in facts.waiting
    assert lines or waits
    for line in lines:
        (entry,) = [one for one in facts.entries if one.id == line.entry_id]
        assert (entry.person_id, entry.level) == (submission.person_id, submission.level)
        assert [one.entry_id for one in facts.credentials] == [entry.id]


def _grade(facts: _Facts, submission: Submission) -> None:
    """The score is what the newest submission came to, and arrived or has its message."""
    mine = [one for one in facts.scores if one.person_id == submission.person_id]
    newest = max(s.number for s in facts.submissions if s.portfolio_id == submission.portfolio_id)
    (score,) = mine
    if submission.number == newest:
        outcome = next((o for o in facts.outcomes if o.submission_id == submission.id), None)
        if outcome is not None:
            assert score.value == (
                100 if outcome.outcome == "recognised"
                else min(99, round(100 * outcome.met / outcome.total))
            )  # fmt: skip
        elif submission.number == 1:
            assert score.value is None
    if score.delivered_version != score.version:
        assert (DELIVER_SCORE, str(score.id)) in facts.waiting


def _settings(site: Site) -> Settings:
    return Settings(data_dir=site.folder, secret_key=site.settings["IMHCF_SECRET_KEY"])

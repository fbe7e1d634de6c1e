"""A verdict that recognises puts its owner on the register: once, whole, or says why not."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict
from lti_tool.outbox.models import Message
from lti_tool.outbox.services import hurry, put
from lti_tool.register import worker
from lti_tool.register.models import RegisterCredential, RegisterEntry, RegisterEvent
from lti_tool.reviews.outcomes.queries import outcomes_of
from lti_tool.reviews.outcomes.recognition import ask_again
from lti_tool.reviews.rules import LANE, RECOGNISE, Verdict
from tests.reviews.deciding import released_by_one, told, work
from tests.reviews.offices import acts, office
from tests.tool import Tool


def count(tool: Tool, model: type) -> int:
    with tool.database.transaction(write=False) as session:
        return int(session.execute(select(func.count()).select_from(model)).scalar_one())


def waiting(tool: Tool) -> int:
    with tool.database.transaction(write=False) as session:
        found = select(func.count()).where(Message.topic == RECOGNISE)
        return int(session.execute(found).scalar_one())


def ask(tool: Tool, submission_id: int) -> None:
    """The message comes once more, as after a crash."""
    with tool.database.transaction() as session:
        outcome = outcomes_of(session, submission_id)[-1]
        put(session, RECOGNISE, str(outcome.id), lane=LANE, delay=timedelta(0))


def test_recognition_brings_entry_credential_log_and_message(tool: Tool) -> None:
    handing, submission, _reader = released_by_one(tool)
    work(tool)
    with tool.database.transaction(write=False) as session:
        entry = session.execute(select(RegisterEntry)).scalar_one()
        line = session.execute(select(RegisterEvent)).scalar_one()
    assert (entry.person_id, entry.level) == (handing.visitor.actor.person_id, 1)
    assert entry.instrument_version == submission.instrument_version
    assert (line.reference, line.by) == (f"submission:{submission.id}", "review")
    assert count(tool, RegisterCredential) == 1
    assert acts(tool, submission)[-1] == "recognised"
    assert told(tool, handing.visitor)[-1] == "recognised"
    assert waiting(tool) == 0


def test_the_same_message_again_changes_nothing(tool: Tool) -> None:
    handing, submission, _reader = released_by_one(tool)
    work(tool)
    before = acts(tool, submission)
    ask(tool, submission.id)
    work(tool)
    assert (count(tool, RegisterEntry), count(tool, RegisterCredential)) == (1, 1)
    assert acts(tool, submission) == before
    assert told(tool, handing.visitor).count("recognised") == 1


@pytest.mark.parametrize("step", ["recognise", "note_entered", "complete"])
def test_a_worker_that_dies_at_a_step_leaves_nothing_and_the_next_does_it_all(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    handing, submission, _reader = released_by_one(tool)
    with monkeypatch.context() as patch:
        kept = getattr(worker, step)

        def dies(*args: object, **more: object) -> None:
            kept(*args, **more)
            raise OSError("killed")

        patch.setattr(worker, step, dies)
        work(tool)
    assert count(tool, RegisterEntry) == 0
    assert "recognised" not in acts(tool, submission)
    assert "recognised" not in told(tool, handing.visitor)
    assert waiting(tool) == 1
    with tool.database.transaction() as session:
        outcome = outcomes_of(session, submission.id)[-1]
        hurry(session, RECOGNISE, [str(outcome.id)])
    work(tool)
    assert count(tool, RegisterEntry) == 1
    assert acts(tool, submission)[-1] == "recognised"


def test_a_refusal_is_noted_shown_and_asked_again(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    administrator = office(tool)
    handing, submission, _reader = released_by_one(tool)
    back = clock.now() - timedelta(days=3)
    with monkeypatch.context() as patch:
        # The clock of the worker's machine is behind: the verdict is of a day to come.
        patch.setattr(clock, "now", lambda: back)
        work(tool)
    assert count(tool, RegisterEntry) == 0
    assert waiting(tool) == 0
    assert "not-entered" in acts(tool, submission)
    assert told(tool, administrator)[-1] == "recognition-refused"
    page = administrator.get(f"reviews/{submission.public_id}")
    assert "Recognised, but not on the register yet" in page.text
    assert "ahead of this service" in page.text
    answer = administrator.post(f"reviews/{submission.public_id}/register", {})
    assert answer.status_code == 303
    work(tool)
    assert count(tool, RegisterEntry) == 1
    page = administrator.get(f"reviews/{submission.public_id}")
    assert "Recognised, but not on the register yet" not in page.text
    assert administrator.post(f"reviews/{submission.public_id}/register", {}).status_code == 409
    assert "You are not on the register yet" not in handing.visitor.get("recognition").text


def test_who_was_not_recognised_stays_off_the_register_whatever_is_asked(tool: Tool) -> None:
    _handing, submission, _reader = released_by_one(tool, {"1.01": Verdict.PARTLY})
    ask(tool, submission.id)
    work(tool)
    assert count(tool, RegisterEntry) == 0
    with pytest.raises(Conflict), tool.database.transaction() as session:
        ask_again(session, submission)


def test_a_message_for_an_outcome_that_is_not_there_is_done(tool: Tool) -> None:
    with tool.database.transaction() as session:
        put(session, RECOGNISE, "999999", lane=LANE, delay=timedelta(0))
    work(tool)
    assert waiting(tool) == 0

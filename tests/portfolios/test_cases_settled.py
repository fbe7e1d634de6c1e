"""What an administrator decides about a report: shown again, hidden, or erased for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.notifications.models import Notification
from lti_tool.outbox.models import Message
from lti_tool.portfolios.cases.erasing import forget_erased_files
from lti_tool.portfolios.cases.models import ConfidentialityCase
from lti_tool.portfolios.cases.queries import hides_anything, notices_of
from lti_tool.portfolios.cases.rules import (
    ItemKind,
    account_item,
)
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.evidence.purging import purge_evidence
from lti_tool.portfolios.evidence.rules import HAD_BACK_FOR
from lti_tool.portfolios.evidence.services import remove as remove_evidence
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.submitting.models import Submission, SubmissionEvidence
from lti_tool.portfolios.submitting.rules import RENDER
from lti_tool.reviews.log import is_whole, lines_of
from lti_tool.reviews.settled import note_settled
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.services import purge_files
from lti_tool.storage.sweeping import Sweep
from lti_tool.wiring.messages import NAMES_OF_BLOBS, make_worker
from tests.portfolios.handing_in import ready
from tests.portfolios.reporting import CONTENT, TEXT, Scene
from tests.portfolios.witnessing import (
    reported,
    text_of,
)
from tests.reviews.offices import ADMINISTRATOR
from tests.storage import files
from tests.tool import TUTOR, Tool, Visitor


def test_shown_again_it_is_there_for_all(scene: Scene) -> None:
    for kind, content in CONTENT.items():
        case = scene.report(kind)
        assert content not in scene.seen_by_reader()
        assert scene.settle(case, "shown-again").status_code == 303
        assert content in scene.seen_by_reader()
        assert "nothing is left for you to do" in text_of(scene.mine(case))
        assert scene.acts(case) == ["opened", "shown-again"]
    with scene.tool.database.transaction(write=False) as session:
        assert not hides_anything(session, scene.submission.id)
        assert not notices_of(session, scene.amina.portfolio.id)
        for column in (Evidence.hidden_at, WitnessStatement.hidden_at):
            assert session.execute(select(column)).scalar_one() is None
        kinds = list(session.execute(select(Notification.kind)).scalars())
    assert kinds.count("case-settled") == 3
    # It may be reported anew, which is another case.
    assert scene.report() != case


def test_what_stays_hidden_can_be_settled_otherwise_later(scene: Scene) -> None:
    case = scene.report()
    assert scene.settle(case, "stays-hidden").status_code == 303
    assert TEXT not in scene.seen_by_reader()
    assert "counts again once you have replaced it" in text_of(scene.mine(case))
    assert scene.settle(case, "stays-hidden", seen="stays-hidden").status_code == 409
    assert scene.settle(case, "shown-again", seen="stays-hidden").status_code == 303
    assert TEXT in scene.seen_by_reader()


@pytest.mark.parametrize("kind", list(ItemKind))
def test_erased_it_is_gone_from_what_was_handed_in(scene: Scene, kind: ItemKind) -> None:
    case = scene.report(kind)
    asked = scene.settle(case, "erased", sure="")
    assert asked.status_code == 200
    assert "cannot be had back" in text_of(asked)
    assert "I have looked." in asked.text
    assert scene.acts(case) == ["opened"]
    with scene.tool.database.transaction() as session:
        session.execute(update(Submission).values(pdf_state="ready", pdf_digest="a" * 64))
    assert scene.settle(case, "erased").status_code == 303
    everything = str(scene.amina.frozen(scene.submission.id, sees_hidden=True))
    assert CONTENT[kind] not in everything
    seen = scene.seen_by_reader()
    assert "Erased on" in seen
    with scene.tool.database.transaction(write=False) as session:
        row = session.execute(select(ConfidentialityCase)).scalar_one()
        assert (row.state, row.digest in seen) == ("erased", True)
        submission = session.get_one(Submission, scene.submission.id)
        assert (submission.pdf_state, submission.pdf_digest) == ("asked", "")
        news = session.execute(select(Message.key).where(Message.topic == RENDER)).scalars()
        assert str(scene.submission.id) in set(news)
        assert not hides_anything(session, scene.submission.id)
    assert scene.settle(case, "shown-again", seen="erased").status_code == 409
    for page in (scene.ada.get(f"cases/{case}"), scene.mine(case)):
        assert page.status_code == 200
        assert "Erased on" in text_of(page)


def test_the_bytes_of_an_erased_file_are_fetched_by_nobody(scene: Scene) -> None:
    case = scene.report(ItemKind.EVIDENCE)
    assert scene.ada.get(f"cases/{case}/file").data == files.PDF
    scene.settle(case, "erased")
    assert scene.ada.get(f"cases/{case}/file").status_code == 404
    with scene.tool.database.transaction(write=False) as session:
        row = session.execute(select(SubmissionEvidence)).scalar_one()
        assert (row.digest, row.preview_digest, row.size) == ("", None, 0)


def test_the_bytes_of_an_erased_file_go_with_its_owners_piece(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = scene.report(ItemKind.EVIDENCE)
    scene.settle(case, "erased")
    scene.give_back("1.01")
    actor = scene.amina.visitor.actor
    with scene.tool.database.transaction() as session:
        remove_evidence(session, actor, scene.piece.public_id)
        assert forget_erased_files(session) == 0  # it can be had back for a day
    now = clock.now() + HAD_BACK_FOR + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: now)
    blobs = open_blobs(scene.tool.runtime.settings)
    for _round in range(2):
        with scene.tool.database.transaction() as session:
            purge_evidence(session)
            forget_erased_files(session)
            purge_files(session, blobs)
    with scene.tool.database.transaction() as session:
        Sweep(blobs, NAMES_OF_BLOBS).round(session)
    with pytest.raises(NotFound):
        blobs.get(actor.organisation_id, blobs.digest(files.PDF))
    monkeypatch.undo()
    for page in (scene.mine(case), scene.ada.get(f"cases/{case}")):
        assert page.status_code == 200
    assert scene.amina.visitor.get("my-record/zip").status_code == 200


@pytest.mark.parametrize(
    "form", [{"decision": ""}, {"decision": "open"}, {"seen": ""}, {"decision": "burnt"}]
)
def test_a_decision_that_is_none_is_refused_and_its_words_stay(
    scene: Scene, form: dict[str, str]
) -> None:
    case = scene.report()
    answer = scene.settle(case, **({"decision": "shown-again", "words": "Long thoughts."} | form))
    assert answer.status_code in {400, 409}
    assert "Long thoughts." in answer.text
    assert scene.acts(case) == ["opened"]


def test_a_case_that_was_settled_meanwhile_is_not_settled_again(scene: Scene) -> None:
    case = scene.report()
    assert scene.settle(case, "stays-hidden").status_code == 303
    late = scene.settle(case, "shown-again", words="I was slower.")
    assert late.status_code == 409
    assert "settled meanwhile" in text_of(late)
    assert "I was slower." in late.text
    assert TEXT not in scene.seen_by_reader()


def test_nobody_settles_a_case_about_themselves(tool: Tool) -> None:
    both = ADMINISTRATOR | {next(iter(ready(tool, "elen").visitor.actor.roles))}
    amina = ready(tool, roles=both)
    submission = amina.hand_in()
    reader = tool.sign_in("rhys", roles=TUTOR, course="elsewhere")
    case = reported(tool, reader, submission, account_item("1.01")).public_id
    page = text_of(amina.visitor.get(f"cases/{case}"))
    assert "another administrator settles it" in page
    form = {"decision": "shown-again", "words": "Fine.", "seen": "open"}
    assert amina.visitor.post(f"cases/{case}/settle", form).status_code == 403
    assert amina.visitor.post(f"cases/{case}/note", {"words": "Fine."}).status_code == 403


def test_the_log_of_the_submission_says_how_a_case_was_settled(scene: Scene) -> None:
    case = scene.report()
    scene.settle(case, "stays-hidden")

    def settled() -> list[dict[str, Any]]:
        make_worker(scene.tool.runtime).drain()
        with scene.tool.database.transaction(write=False) as session:
            lines = lines_of(session, scene.submission.id)
            assert is_whole(session, scene.submission.id)
            return [one.details for one in lines if one.act == "case-settled"]

    first = {"case": case, "state": "stays-hidden", "line": 2}
    assert settled() == [first]
    with scene.tool.database.transaction() as session:
        number = session.execute(select(ConfidentialityCase.id)).scalar_one()
        note_settled(session, number)  # as when a worker was ended before it could say so
    assert settled() == [first]
    scene.settle(case, "shown-again", seen="stays-hidden")
    assert settled() == [first, {"case": case, "state": "shown-again", "line": 3}]


def test_two_administrators_at_once_settle_it_once(scene: Scene) -> None:
    case = scene.report()
    others = [
        scene.tool.sign_in(f"ada-{n}", roles=ADMINISTRATOR, course=f"office-{n}") for n in range(2)
    ]
    gate = Barrier(2)

    def settle(who: Visitor, decision: str) -> int:
        form = {"decision": decision, "words": "I looked.", "seen": "open", "sure": "yes"}
        token = who.csrf_token()
        gate.wait()
        path = f"{who.home}cases/{case}/settle"
        return who.client.post(path, data=form | {"csrf_token": token}).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(settle, others, ["shown-again", "stays-hidden"]))
    assert sorted(answers) == [303, 409]
    assert len(scene.acts(case)) == 2

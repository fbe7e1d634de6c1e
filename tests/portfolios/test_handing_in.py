"""Handing in: what is frozen, the receipt, and what nobody can do twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, update

from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.grades.models import Score
from lti_tool.kernel.actor import Role
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.notifications.models import Notification
from lti_tool.outbox.models import Message
from lti_tool.portfolios.choosing import begin_round, carry_over, fitting
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.evidence.rules import Lack
from lti_tool.portfolios.evidence.services import remove, unlink
from lti_tool.portfolios.queries import chosen_portfolio
from lti_tool.portfolios.rules import Declaration, Missing, Wish
from lti_tool.portfolios.services import Task, restore_version, save_account
from lti_tool.portfolios.submitting.changes import changes_since
from lti_tool.portfolios.submitting.grading import record_verdict
from lti_tool.portfolios.submitting.models import (
    Submission,
    SubmissionEvidence,
    SubmissionTask,
    SubmissionTerms,
)
from lti_tool.portfolios.submitting.rules import ALLOCATE, RENDER, WITHDRAWN, Lock, State, Terms
from lti_tool.portfolios.submitting.services import (
    AlreadyHandedIn,
    FeeReferenceWanted,
    HandIn,
    NotReady,
    begin_review,
    check_open,
    close,
    reopen,
    return_for_more,
    submit,
)
from lti_tool.portfolios.submitting.terms import change_terms
from lti_tool.portfolios.submitting.verifying import Verified, verify
from tests.portfolios.handing_in import Handing, begun, handed_in, ready, text_for
from tests.portfolios.witnessing import add_file, witness
from tests.storage import files, media
from tests.tool import TUTOR, Tool


def review(tool: Tool, submission_id: int, *codes: str) -> None:
    """What a review does to a submission: reads it, and wants more evidence for these."""
    with tool.database.transaction() as session:
        assert begin_review(session, submission_id)
        assert return_for_more(session, submission_id, codes)


def decide(tool: Tool, submission_id: int, *, recognised: bool) -> None:
    with tool.database.transaction() as session:
        assert begin_review(session, submission_id)
        assert close(session, submission_id, recognised=recognised)


def verified(tool: Tool, amina: Handing) -> Verified:
    submission = amina.standing().submission
    assert submission
    with tool.database.transaction(write=False) as session:
        return verify(session, submission)


def count(tool: Tool, *tables: Any) -> list[int]:
    with tool.database.transaction(write=False) as session:
        return [
            session.execute(select(func.count()).select_from(one)).scalar_one() for one in tables
        ]


def topics(tool: Tool) -> dict[str, list[str]]:
    with tool.database.transaction(write=False) as session:
        found: dict[str, list[str]] = {}
        for row in session.execute(select(Message.topic, Message.key)):
            found.setdefault(row.topic, []).append(row.key)
        return found


# What is frozen -----------------------------------------------------------------------------


def test_everything_is_frozen_with_its_wording(tool: Tool) -> None:
    amina = ready(tool)
    piece = add_file(amina, "1.02")
    assert witness(tool, amina).give().status_code in {200, 303}
    submission = amina.hand_in()
    frozen = amina.frozen(submission.id)
    assert [task.code for task in frozen.tasks] == amina.codes
    first, second = frozen.tasks[:2]
    asked = amina.asked.by_code[first.code]
    assert first.text == text_for(first.code)
    assert first.declaration == "anonymised"
    assert first.wording["prompt"] == asked.prompt
    assert first.wording["points"] == list(asked.points)
    assert first.wording["domain"] == amina.asked.domains[0].title
    assert first.wording["version"] == amina.asked.version
    assert [one["name"] for one in first.statements] == ["Gethin Rees"]
    (handed,) = second.evidence
    assert (handed.title, handed.digest) == (piece.title, piece.file.digest)
    assert (submission.number, submission.evidence) == (1, 1)
    assert submission.words == sum(task.words for task in frozen.tasks)
    assert submission.instrument_version == amina.asked.version


def test_a_placement_for_one_domain_hands_in_the_whole_portfolio(tool: Tool) -> None:
    amina = ready(tool, set_up=SetUp("portfolio-1", (2,), GradeRule.COMPLETION))
    submission = amina.hand_in()
    assert len(amina.frozen(submission.id).tasks) == 12


def test_the_digest_is_that_of_what_is_stored_and_of_nothing_else(tool: Tool) -> None:
    amina = ready(tool)
    add_file(amina)
    submission = amina.hand_in()
    assert verified(tool, amina).is_whole
    for model, values in (
        (SubmissionTask, {"text": "Somebody else wrote this."}),
        (SubmissionTask, {"declaration": "consent"}),
        (SubmissionEvidence, {"digest": "0" * 64}),
        (SubmissionEvidence, {"alt": "Something else"}),
    ):
        table = table_of(model)
        first = table.c.code == "1.01"
        with tool.database.transaction() as session:
            before = dict(session.execute(select(table).where(first)).mappings().one())
            session.execute(update(table).where(first).values(**values))
        changed = verified(tool, amina)
        assert changed.changed == ("1.01",)
        assert not changed.is_whole
        assert not changed.is_whole_but_erased
        with tool.database.transaction() as session:
            back = {name: before[name] for name in values}
            session.execute(update(table).where(first).values(**back))
    with tool.database.transaction() as session:
        session.execute(update(Submission).values(fee_reference="paid"))
    assert not verified(tool, amina).is_whole
    assert submission.digest == verified(tool, amina).receipt


def test_later_writing_changes_nothing_that_was_handed_in(tool: Tool) -> None:
    amina = ready(tool)
    piece = add_file(amina)
    submission = amina.hand_in()
    before = amina.frozen(submission.id)
    amina.withdraw(submission.public_id)
    amina.write("1.01", "Something quite different.")
    with tool.database.transaction() as session:
        remove(session, amina.visitor.actor, piece.public_id)
    assert amina.frozen(submission.id).tasks == before.tasks
    assert verified(tool, amina).is_whole


# What is missing ----------------------------------------------------------------------------


def test_what_is_missing_is_named_and_nothing_is_changed(tool: Tool) -> None:
    amina = ready(tool)
    amina.write("1.01", "", Declaration.NONE)
    amina.write("1.02", text_for("1.02"), Declaration.NONE)
    amina.write("2.01", "Her NHS number was 943 476 5919, and I rang her mother.")
    add_file(amina, "2.02", media.photo(), "play.jpg")
    with tool.database.transaction() as session:
        session.execute(update(Evidence).values(alt="", declaration=""))
    before = count(tool, Submission, Message, Notification)
    with pytest.raises(NotReady) as refused:
        amina.hand_in()
    found = {one.competency.code: one for one in refused.value.found.tasks}
    assert found["1.01"].missing == (Missing.TEXT,)
    assert found["1.02"].missing == (Missing.DECLARATION,)
    assert found["2.01"].missing == (Missing.PLACES,)
    assert found["2.02"].pieces[0].lacks == (Lack.ALT, Lack.DECLARATION)
    assert len(found) == 4
    assert count(tool, Submission, Message, Notification) == before


def test_nobody_hands_in_somebody_elses(tool: Tool) -> None:
    amina, ben = ready(tool), begun(tool, "ben")
    tara = tool.sign_in("tara", roles=TUTOR)
    for who in (ben.visitor, tara):
        with pytest.raises(NotAllowed), tool.database.transaction() as session:
            submit(session, who.actor, HandIn(amina.portfolio, amina.asked, amina.place))
    submission = amina.hand_in()
    with pytest.raises(NotFound):
        ben.withdraw(submission.public_id)


def test_a_fee_needs_its_reference_where_the_organisation_asks_for_one(tool: Tool) -> None:
    amina = ready(tool)
    ada = tool.sign_in("ada", roles=frozenset({Role.TUTOR, Role.ADMINISTRATOR}))
    with pytest.raises(NotAllowed), tool.database.transaction() as session:
        change_terms(session, amina.visitor.actor, Terms(True, "Forty pounds."))
    with tool.database.transaction() as session:
        change_terms(session, ada.actor, Terms(True, "Forty pounds."))
    for wrong in ("", "  ", "7" * 81):
        with pytest.raises(FeeReferenceWanted):
            amina.hand_in(wrong)
    assert amina.standing().submission is None
    assert amina.hand_in("  INV-7  42 ").fee_reference == "INV-7 42"
    assert count(tool, SubmissionTerms) == [1]


def test_no_reference_is_kept_where_none_is_asked_for(tool: Tool) -> None:
    assert ready(tool).hand_in("INV-742").fee_reference == ""


# What goes with it --------------------------------------------------------------------------


def test_readers_paper_grade_and_notice_go_with_it_in_one_transaction(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    waiting = topics(tool)
    assert waiting[ALLOCATE] == waiting[RENDER] == [str(submission.id)]
    with tool.database.transaction(write=False) as session:
        (told,) = session.execute(select(Notification)).scalars()
        (score,) = session.execute(select(Score)).scalars()
        assert (told.person_id, told.kind) == (amina.visitor.actor.person_id, "submitted")
        assert told.endpoint == "submitting.receipt"
        assert told.link["submission"] == submission.public_id
        assert (score.value, score.is_complete) == (None, False)
        assert "waiting for review" in score.comment


def test_what_fails_at_the_end_leaves_nothing(tool: Tool) -> None:
    amina = ready(tool)
    everything = (Submission, SubmissionTask, SubmissionEvidence, Message, Notification, Score)
    before = count(tool, *everything)

    class Cut(Exception):
        """The machine goes just before the commit."""

    def hand_in_and_be_cut() -> None:
        with tool.database.transaction() as session:
            what = HandIn(amina.portfolio, amina.asked, amina.place)
            submit(session, amina.visitor.actor, what)
            raise Cut

    with pytest.raises(Cut):
        hand_in_and_be_cut()
    assert count(tool, *everything) == before
    assert amina.standing().lock("1.01") is None


def test_no_grade_where_the_activity_is_not_graded(tool: Tool) -> None:
    handed_in(tool, set_up=SetUp("portfolio-1", (), GradeRule.NONE))
    handed_in(tool, "ben", line_item="", link="other")
    assert count(tool, Score) == [0]


def test_the_grade_is_the_share_that_is_met_and_a_hundred_is_recognition(tool: Tool) -> None:
    _amina, submission = handed_in(tool)
    for met, recognised, value in ((12, False, 99), (9, False, 75), (0, False, 0), (12, True, 100)):
        with tool.database.transaction() as session:
            record_verdict(
                session, submission, met=met, total=12, recognised=recognised, comment="Read."
            )
        with tool.database.transaction(write=False) as session:
            (score,) = session.execute(select(Score)).scalars()
            assert (score.value, score.is_complete) == (value, recognised)


def test_a_grade_stays_until_there_is_another(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    review(tool, submission.id, "1.01")
    with tool.database.transaction() as session:
        record_verdict(session, submission, met=11, total=12, recognised=False, comment="")
    amina.write("1.01", "More than before.")
    again = amina.hand_in()
    amina.withdraw(again.public_id)
    with tool.database.transaction(write=False) as session:
        (score,) = session.execute(select(Score)).scalars()
        assert score.value == 92


# Twice, and at once ---------------------------------------------------------------------------


def test_handing_in_twice_is_handing_in_once(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    with pytest.raises(AlreadyHandedIn) as refused:
        amina.hand_in()
    assert refused.value.submission == submission


def test_two_at_once_give_one_submission(tool: Tool) -> None:
    amina = ready(tool)
    gate = Barrier(2)

    def one(_number: int) -> str:
        gate.wait()
        try:
            return amina.hand_in().public_id
        except AlreadyHandedIn as known:
            return known.submission.public_id

    with ThreadPoolExecutor(2) as pool:
        names = set(pool.map(one, range(2)))
    assert len(names) == 1
    assert count(tool, Submission, SubmissionTask) == [1, 12]


def test_a_withdrawal_and_the_beginning_of_a_review_exclude_each_other(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    gate = Barrier(2)

    def take_back() -> bool:
        gate.wait()
        try:
            return amina.withdraw(submission.public_id).state is State.WITHDRAWN
        except Conflict:
            return False

    def begin() -> bool:
        gate.wait()
        with tool.database.transaction() as session:
            return begin_review(session, submission.id)

    with ThreadPoolExecutor(2) as pool:
        back, reading = pool.submit(take_back), pool.submit(begin)
        came_back, is_read = back.result(60), reading.result(60)
    assert came_back != is_read
    state = amina.standing().submission
    assert state
    assert state.state is (State.WITHDRAWN if came_back else State.IN_REVIEW)


def test_withdrawing_opens_everything_and_is_told(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    assert amina.withdraw(submission.public_id).state is State.WITHDRAWN
    assert amina.withdraw(submission.public_id).state is State.WITHDRAWN
    assert topics(tool)[WITHDRAWN] == [str(submission.id)]
    with tool.database.transaction(write=False) as session:
        kinds = set(session.execute(select(Notification.kind)).scalars())
        (score,) = session.execute(select(Score)).scalars()
    assert kinds == {"submitted", "withdrawn"}
    assert score.value is None
    assert "taken back" in score.comment
    again = amina.hand_in()
    assert (again.number, again.state) == (2, State.SUBMITTED)
    assert again.receipt_code != submission.receipt_code


def test_nothing_is_withdrawn_once_somebody_reads(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    with tool.database.transaction() as session:
        assert begin_review(session, submission.id)
    with pytest.raises(Conflict) as refused:
        amina.withdraw(submission.public_id)
    assert refused.value.code == "review-begun"


# What is open -------------------------------------------------------------------------------


def test_nothing_is_written_while_it_is_handed_in(tool: Tool) -> None:
    amina = ready(tool)
    piece = add_file(amina)
    amina.hand_in()
    actor = amina.visitor.actor
    task = Task(amina.portfolio, amina.asked, "1.01")
    with pytest.raises(Conflict) as refused, tool.database.transaction() as session:
        save_account(session, actor, task, Wish("New", 1))
    assert refused.value.code == "portfolio-handed-in"
    with pytest.raises(Conflict), tool.database.transaction() as session:
        restore_version(session, actor, task, 0, 1)
    with pytest.raises(Conflict), tool.database.transaction() as session:
        unlink(session, actor, piece.public_id, task)
    with pytest.raises(Conflict):
        add_file(amina, "1.02", files.PDF + b"\n%more", "more.pdf")
    with tool.database.transaction() as session:  # what is on record already is no change
        assert save_account(session, actor, task, Wish(text_for("1.01"), 1)).written.version == 1


def test_a_return_opens_the_named_tasks_alone_and_keeps_the_accepted_ones(tool: Tool) -> None:
    amina = ready(tool)
    add_file(amina, "1.02")
    first = amina.hand_in()
    review(tool, first.id, "1.01", "2.03")
    standing = amina.standing()
    assert standing.lock("1.02") is Lock.ACCEPTED
    assert [code for code in amina.codes if standing.is_open(code)] == ["1.01", "2.03"]
    amina.write("1.01", "I went back, and asked the father as well.")
    with pytest.raises(Conflict):
        amina.write("1.02", "Not any more.")
    add_file(amina, "2.03", files.PDF + b"\n%more", "more.pdf")
    second = amina.hand_in()
    before, after = amina.frozen(first.id).tasks, amina.frozen(second.id).tasks
    for old, new in zip(before, after, strict=True):
        if new.code in {"1.01", "2.03"}:
            assert new.accepted_in is None
        else:
            assert new.accepted_in == 1
            assert (new.text, new.wording, new.statements) == (
                old.text,
                old.wording,
                old.statements,
            )
            assert [e.digest for e in new.evidence] == [e.digest for e in old.evidence]
    assert verified(tool, amina).is_whole
    with tool.database.transaction(write=False) as session:
        changes = changes_since(session, second)
    assert set(changes) == {"1.01", "2.03"}
    assert changes["1.01"].since == 1
    assert changes["1.01"].lines
    assert changes["2.03"].added == ("Notes of a visit",)
    assert not changes["2.03"].lines


def test_what_was_accepted_first_stays_so_in_a_third_submission(tool: Tool) -> None:
    amina, first = handed_in(tool)
    review(tool, first.id, "1.01", "1.02")
    second = amina.hand_in()
    review(tool, second.id, "1.02")
    third = amina.hand_in()
    accepted = {task.code: task.accepted_in for task in amina.frozen(third.id).tasks}
    assert (accepted["1.01"], accepted["1.02"], accepted["2.01"]) == (2, None, 1)


def test_taking_back_leads_to_what_was_before_and_not_further(tool: Tool) -> None:
    amina, first = handed_in(tool)
    review(tool, first.id, "1.01")
    second = amina.hand_in()
    amina.withdraw(second.public_id)
    standing = amina.standing()
    assert standing.submission
    assert standing.submission.state is State.WITHDRAWN
    assert standing.lock("1.02") is Lock.ACCEPTED
    assert standing.is_open("1.01")
    third = amina.hand_in()
    accepted = {task.code: task.accepted_in for task in amina.frozen(third.id).tasks}
    assert (accepted["1.01"], accepted["1.02"]) == (None, 1)


def test_everything_is_open_after_no_recognition_and_nothing_is_accepted(tool: Tool) -> None:
    amina, first = handed_in(tool)
    decide(tool, first.id, recognised=False)
    assert all(amina.standing().is_open(code) for code in amina.codes)
    second = amina.hand_in()
    assert {task.accepted_in for task in amina.frozen(second.id).tasks} == {None}


def test_an_appeal_takes_up_what_was_decided_and_nothing_older(tool: Tool) -> None:
    amina, first = handed_in(tool)
    review(tool, first.id, "1.01")
    with tool.database.transaction() as session:
        assert reopen(session, first.id)
    assert amina.standing().lock("1.01") is Lock.HANDED_IN
    with tool.database.transaction() as session:
        assert return_for_more(session, first.id, ["1.01"])
    amina.hand_in()
    with tool.database.transaction() as session:
        assert not reopen(session, first.id)


def test_a_recognised_portfolio_is_closed_and_a_new_round_begins_empty(tool: Tool) -> None:
    amina, submission = handed_in(tool)
    actor = amina.visitor.actor
    with pytest.raises(Conflict), tool.database.transaction() as session:
        begin_round(session, actor, amina.place, amina.portfolio)
    decide(tool, submission.id, recognised=True)
    assert amina.standing().lock("1.01") is Lock.RECOGNISED
    with pytest.raises(AlreadyHandedIn):
        amina.hand_in()
    with tool.database.transaction() as session:
        again = begin_round(session, actor, amina.place, amina.portfolio)
        twice = begin_round(session, actor, amina.place, amina.portfolio)
        assert again == twice == chosen_portfolio(session, actor, amina.place.id)
        assert again.round == 2
    library = {amina.asked.id: amina.asked}
    with tool.database.transaction() as session:
        (fits,) = fitting(session, actor, again, library)
        assert len(fits.codes) == 12
        assert carry_over(session, actor, again, library, amina.portfolio.public_id) == 12
        # The recognised one takes nothing in.
        assert fitting(session, actor, amina.portfolio, library) == []
    anew = replace(amina, portfolio=again)
    assert anew.hand_in().number == 1
    assert amina.standing().lock("1.01") is Lock.RECOGNISED


@pytest.mark.parametrize("code", ["1.01", "9.99"])
def test_a_portfolio_that_was_never_handed_in_is_open(tool: Tool, code: str) -> None:
    amina = begun(tool)
    with tool.database.transaction() as session:
        check_open(session, amina.portfolio.id, code)


# What a report hides ------------------------------------------------------------------------


def test_what_a_report_hides_is_hidden_in_words_and_changes_no_digest(tool: Tool) -> None:
    amina = ready(tool)
    add_file(amina)
    assert witness(tool, amina).give().status_code in {200, 303}
    submission = amina.hand_in()
    with tool.database.transaction() as session:
        row = session.execute(select(SubmissionTask).where(SubmissionTask.code == "1.01"))
        task = row.scalar_one()
        task.hidden_at = submission.submitted_at
        task.statements = [
            one | {"hidden_at": submission.submitted_at.isoformat()} for one in task.statements
        ]
        session.execute(update(SubmissionEvidence).values(hidden_at=submission.submitted_at))
    mine, others = (
        amina.frozen(submission.id, sees_hidden=sees).tasks[0] for sees in (True, False)
    )
    assert (mine.text, others.text) == (text_for("1.01"), "")
    assert mine.statements[0]["name"] == "Gethin Rees"
    assert others.statements[0]["hidden_at"]
    assert "Gethin" not in str(others.statements)
    assert others.is_hidden
    assert others.evidence[0].is_hidden
    assert verified(tool, amina).is_whole


def test_changes_do_not_tell_what_a_report_hides(tool: Tool) -> None:
    amina = ready(tool)
    add_file(amina)
    first = amina.hand_in()
    review(tool, first.id, "1.01")
    with tool.database.transaction() as session:
        session.execute(
            update(SubmissionTask)
            .where(SubmissionTask.code == "1.01")
            .values(hidden_at=first.submitted_at)
        )
        session.execute(update(SubmissionEvidence).values(hidden_at=first.submitted_at))
        piece = session.execute(select(SubmissionEvidence.evidence_id)).scalar_one()
        name = session.get_one(Evidence, piece).public_id
        remove(session, amina.visitor.actor, name)
    amina.write("1.01", "Nobody can be known by this.")
    second = amina.hand_in()
    with tool.database.transaction(write=False) as session:
        told = changes_since(session, second)["1.01"]
        mine = changes_since(session, second, sees_hidden=True)["1.01"]
    assert (told.text_hidden, told.lines, told.removed) == (True, [], ())
    assert mine.lines
    assert mine.removed == ("Notes of a visit",)
    assert not mine.text_hidden

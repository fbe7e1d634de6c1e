"""From readings that are done to an outcome: agreement, moderator, release, what follows."""

import threading

import pytest
from sqlalchemy import func, select

from lti_tool.kernel.errors import Conflict
from lti_tool.outbox.models import Message
from lti_tool.portfolios.submitting.rules import State
from lti_tool.reviews.models import Outcome, Review
from lti_tool.reviews.outcomes import releasing
from lti_tool.reviews.outcomes.matters import seal_of
from lti_tool.reviews.outcomes.releasing import SeenOtherwise, release
from lti_tool.reviews.outcomes.rules import Step, Whose
from lti_tool.reviews.queries import findings_of
from lti_tool.reviews.rules import RECOGNISE, Overall, Part, ReviewState, Terms, Verdict
from tests.portfolios.handing_in import handed_in
from tests.reviews.deciding import (
    NOT_YET,
    PARTLY,
    given_to_two,
    grade,
    let_go,
    matter,
    read_by_one,
    released_by_one,
    send,
    told,
)
from tests.reviews.offices import acts, allocated, appoint, now, reading, readings, set_terms
from tests.tool import Tool


def outcomes(tool: Tool) -> int:
    with tool.database.transaction(write=False) as session:
        return int(session.execute(select(func.count(Outcome.id))).scalar_one())


def test_nothing_reaches_the_learner_before_the_release(tool: Tool) -> None:
    handing, submission, _reader = read_by_one(tool, {"1.01": PARTLY})
    assert matter(tool, submission).step is Step.READY
    assert now(tool, submission).state is State.IN_REVIEW
    assert outcomes(tool) == 0
    assert "outcome-released" not in told(tool, handing.visitor)
    assert grade(tool, handing)[0] is None


def test_more_evidence_reopens_what_is_not_met_and_nothing_else(tool: Tool) -> None:
    handing, submission, _reader = released_by_one(tool, {"1.01": PARTLY, "2.02": NOT_YET})
    assert submission.state is State.RETURNED
    assert submission.reopened == ("1.01", "2.02")
    standing = handing.standing()
    assert standing.is_open("1.01")
    assert not standing.is_open("1.02")
    assert told(tool, handing.visitor)[-1] == "outcome-released"
    assert acts(tool, submission)[-1] == "released"
    value, comment = grade(tool, handing)
    assert value == 83
    assert "10 of 12" in comment
    assert "You write with care." not in comment  # only where the organisation lets it


def test_recognition_closes_the_portfolio_is_a_hundred_and_goes_upstairs_once(tool: Tool) -> None:
    handing, submission, _reader = released_by_one(tool)
    assert submission.state is State.RECOGNISED
    assert not handing.standing().is_open("1.01")
    assert grade(tool, handing)[0] == 100
    with tool.database.transaction(write=False) as session:
        (key,) = session.execute(select(Message.key).where(Message.topic == RECOGNISE)).scalars()
        assert session.get_one(Outcome, int(key)).outcome == "recognised"


def test_not_recognised_opens_everything_again(tool: Tool) -> None:
    handing, submission, _reader = released_by_one(tool, {"1.01": NOT_YET}, Overall.NOT_RECOGNISED)
    assert submission.state is State.NOT_RECOGNISED
    assert handing.standing().is_open("1.02")
    assert grade(tool, handing)[0] == 92


def test_the_summary_goes_to_the_gradebook_where_the_organisation_lets_it(tool: Tool) -> None:
    set_terms(tool, Terms(comment_in_grade=True))
    handing, _submission, _reader = released_by_one(tool, {"1.01": PARTLY})
    assert grade(tool, handing)[1].endswith("You write with care.")


def test_a_second_click_changes_nothing(tool: Tool) -> None:
    handing, submission, reader = read_by_one(tool)
    first = let_go(tool, reader, submission)
    before = acts(tool, submission)
    assert let_go(tool, reader, submission).id == first.id
    assert outcomes(tool) == 1
    assert acts(tool, submission) == before
    assert told(tool, handing.visitor).count("outcome-released") == 1


def test_what_the_page_did_not_show_is_not_released(tool: Tool) -> None:
    _handing, submission, reader = read_by_one(tool, {"1.01": PARTLY})
    seen = seal_of(matter(tool, submission).comes_to(reader.review(submission)))
    reader.think_again(submission)
    reader.find(submission, "1.01", NOT_YET, "More still.")
    reader.finish(submission)
    with pytest.raises(SeenOtherwise), tool.database.transaction() as session:
        release(session, reader.assessor, reader.review(submission), seen=seen, whose=Whose.BOTH)
    assert outcomes(tool) == 0


def test_a_reading_that_is_not_done_cannot_be_released(tool: Tool) -> None:
    _handing, submission, reader = read_by_one(tool)
    reader.think_again(submission)
    with pytest.raises(Conflict) as refused:
        let_go(tool, reader, submission)
    assert refused.value.code == "not-ready"


def test_second_thoughts_end_with_the_release(tool: Tool) -> None:
    _handing, submission, reader = released_by_one(tool)
    with pytest.raises(Conflict):
        reader.think_again(submission)


def test_a_release_that_fails_half_way_leaves_everything_as_it_was(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    handing, submission, reader = read_by_one(tool)
    before = acts(tool, submission)
    for step in ("_add", "_settle_appeal", "record_grade", "_note", "_tell"):
        with monkeypatch.context() as patch:
            kept = getattr(releasing, step)

            def fails(*args: object, kept: object = kept) -> None:
                kept(*args)  # type: ignore[operator]
                raise OSError("killed")

            patch.setattr(releasing, step, fails)
            with pytest.raises(OSError, match="killed"):
                let_go(tool, reader, submission)
        assert outcomes(tool) == 0
        assert now(tool, submission).state is State.IN_REVIEW
        assert acts(tool, submission) == before
        assert grade(tool, handing)[0] is None
        assert "outcome-released" not in told(tool, handing.visitor)
    let_go(tool, reader, submission)
    assert now(tool, submission).state is State.RECOGNISED


def test_two_readers_who_release_at_once_make_one_outcome(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    for one in (rosa, sam):
        one.read(submission, {"1.01": PARTLY})
    at_once = threading.Barrier(2)
    found, failed = [], []

    def click(reader: object) -> None:
        try:
            at_once.wait()
            found.append(let_go(tool, reader, submission).id)  # type: ignore[arg-type]
        except Exception as error:  # noqa: BLE001 - asserted below
            failed.append(error)

    threads = [threading.Thread(target=click, args=(one,)) for one in (rosa, sam)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(set(found)) == 1
    assert outcomes(tool) == 1
    assert acts(tool, submission).count("released") == 1


def test_two_who_finish_at_once_are_seen_to_agree(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    for one in (rosa, sam):
        one.read(submission)
        one.think_again(submission)
    before = acts(tool, submission).count("agreed")
    at_once = threading.Barrier(2)
    failed = []

    def done(reader: object) -> None:
        try:
            at_once.wait()
            reader.finish(submission)  # type: ignore[attr-defined]
        except Exception as error:  # noqa: BLE001 - asserted below
            failed.append(error)

    threads = [threading.Thread(target=done, args=(one,)) for one in (rosa, sam)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert acts(tool, submission).count("agreed") == before + 1


def test_two_who_agree_are_both_heard_and_either_releases(tool: Tool) -> None:
    handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY}, summary="Rosa's.")
    assert matter(tool, submission).step is Step.READING
    with pytest.raises(Conflict):
        let_go(tool, rosa, submission)
    sam.read(submission, {"1.01": PARTLY}, summary="Sam's.")
    assert acts(tool, submission)[-1] == "agreed"
    assert told(tool, rosa.visitor)[-1] == "review-agreed"
    outcome = let_go(tool, rosa, submission)
    assert outcome.decision.summary == "Rosa's.\n\nSam's."
    assert now(tool, submission).state is State.RETURNED
    assert grade(tool, handing)[0] == 92


def test_who_releases_may_choose_whose_words(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY}, summary="Rosa's.")
    sam.read(submission, {"1.01": PARTLY}, summary="Sam's.")
    assert let_go(tool, sam, submission, Whose.MINE).decision.summary == "Sam's."


def test_neither_sees_the_other_until_both_have_decided(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    found = matter(tool, submission)
    assert found.other(sam.review(submission)) is None
    assert found.other(rosa.review(submission)) is None
    # Rosa's second thoughts do not open hers to Sam, either.
    rosa.think_again(submission)
    sam.read(submission)
    assert matter(tool, submission).other(sam.review(submission)) is None
    rosa.finish(submission)
    found = matter(tool, submission)
    assert found.step is Step.DIFFERENT
    assert found.apart
    assert found.apart.codes == ("1.01",)
    other = found.other(sam.review(submission))
    assert other
    assert other.assessor_id == rosa.assessor.id


def test_two_who_differ_are_told_and_cannot_release(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission)
    for one in (rosa, sam):
        assert told(tool, one.visitor)[-1] == "review-to-agree"
        with pytest.raises(Conflict) as refused:
            let_go(tool, one, submission)
        assert refused.value.code == "readings-differ"


def test_two_who_differ_may_agree_and_what_they_first_decided_stays_on_record(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission)
    sam.think_again(submission)
    sam.find(submission, "1.01", PARTLY, "Rosa is right.")
    sam.conclude(submission, Overall.MORE_EVIDENCE, "One thing.")
    sam.finish(submission)
    assert matter(tool, submission).step is Step.READY
    assert acts(tool, submission)[-1] == "agreed"
    with tool.database.transaction(write=False) as session:
        row = session.get_one(Review, sam.review(submission).id)
        assert row.first_verdict == "recognised"
        assert row.first_findings["1.01"] == "met"


def test_a_moderator_begins_with_what_both_found_and_decides(tool: Tool) -> None:
    handing, submission, rosa, sam = given_to_two(tool)
    mona = appoint(tool, "mona", moderates=True)
    rosa.read(submission, {"1.01": PARTLY, "1.02": PARTLY})
    sam.read(submission, {"1.02": PARTLY})
    send(tool, rosa, submission)
    review = mona.review(submission)
    assert review.part is Part.MODERATOR
    with tool.database.transaction(write=False) as session:
        found = findings_of(session, review.id)
    assert "1.01" not in found
    assert found["1.02"].verdict is PARTLY
    assert found["1.02"].feedback == "More 1.02."
    assert found["2.01"].verdict is Verdict.MET
    assert review.verdict is Overall.MORE_EVIDENCE
    # The readers are done with it: neither thinks again, neither releases.
    for one in (rosa, sam):
        with pytest.raises(Conflict):
            one.think_again(submission)
        with pytest.raises(Conflict):
            let_go(tool, one, submission)
    mona.begin(submission)
    mona.find(submission, "1.01", Verdict.MET)
    mona.conclude(submission, Overall.MORE_EVIDENCE, "Only 1.02 is open.")
    mona.finish(submission)
    outcome = let_go(tool, mona, submission)
    assert outcome.decision.summary == "Only 1.02 is open."
    assert now(tool, submission).reopened == ("1.02",)
    assert grade(tool, handing)[0] == 92
    steps = acts(tool, submission)
    assert steps.index("sent-to-moderator") < steps.index("released")


def test_sending_twice_finds_one_moderator(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    for name in ("mona", "max"):
        appoint(tool, name, moderates=True)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission)
    send(tool, rosa, submission)
    send(tool, sam, submission)
    parts = [one.part for one in readings(tool, submission)]
    assert parts.count(Part.MODERATOR) == 1
    assert acts(tool, submission).count("sent-to-moderator") == 1


def test_without_a_moderator_it_waits_for_one_who_is_appointed_later(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission)
    send(tool, rosa, submission)
    assert matter(tool, submission).step is Step.MODERATING
    mona = appoint(tool, "mona", moderates=True)
    allocated(tool, submission)
    assert mona.review(submission).state is ReviewState.ALLOCATED
    with tool.database.transaction(write=False) as session:
        assert findings_of(session, mona.review(submission).id)["2.01"].verdict is Verdict.MET


def test_a_moderator_is_not_asked_where_two_agree_or_one_is_not_done(tool: Tool) -> None:
    _handing, submission, rosa, sam = given_to_two(tool)
    rosa.read(submission)
    with pytest.raises(Conflict):
        send(tool, rosa, submission)
    sam.read(submission)
    with pytest.raises(Conflict):
        send(tool, sam, submission)


def test_a_resubmission_keeps_what_was_met_and_reads_the_rest(tool: Tool) -> None:
    handing, _submission, reader = released_by_one(tool, {"1.01": PARTLY})
    handing.write("1.01", "What I did since: I asked her what she saw, and waited for her words.")
    second = handing.hand_in()
    allocated(tool, second)
    assert grade(tool, handing)[0] == 92  # until there is another
    reader.read(second)
    outcome = let_go(tool, reader, second)
    assert outcome.overall is Overall.RECOGNISED
    assert outcome.decision.met == outcome.decision.total == 12
    assert outcome.decision.findings["1.02"]["accepted_in"] == 1
    assert grade(tool, handing)[0] == 100


def test_a_reader_who_handed_it_back_releases_nothing(tool: Tool) -> None:
    rosa = appoint(tool, "rosa")
    _handing, submission = handed_in(tool)
    allocated(tool, submission)
    review = rosa.begin(submission)
    rosa.hand_back(submission)
    with pytest.raises(Conflict), tool.database.transaction() as session:
        release(session, rosa.assessor, review, seen="", whose=Whose.BOTH)
    assert reading(tool, review).state is ReviewState.HANDED_BACK

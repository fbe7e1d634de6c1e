"""Appeals: once, in time, to somebody who was not involved; the grade follows; nothing is lost."""

from datetime import timedelta

import pytest

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.portfolios.queries import account_of
from lti_tool.portfolios.submitting.rules import State
from lti_tool.reviews.outcomes.queries import appeal_of, outcomes_of
from lti_tool.reviews.outcomes.rules import AppealState, Step
from lti_tool.reviews.queries import findings_of
from lti_tool.reviews.rules import Overall, Part, ReviewState, Terms, Verdict
from tests.portfolios.handing_in import Handing
from tests.reviews.deciding import (
    NOT_YET,
    PARTLY,
    appeal,
    given_to_two,
    grade,
    let_go,
    matter,
    released_by_one,
    send,
    take_back,
    told,
    work,
)
from tests.reviews.offices import acts, allocated, appoint, now, reading, readings, set_terms
from tests.tool import Tool

SINCE = "What I wrote since the outcome: I asked her what she had seen in him, and waited."


def words_of(tool: Tool, handing: Handing, code: str) -> str:
    with tool.database.transaction(write=False) as session:
        found = account_of(session, handing.portfolio.id, code)
    assert found
    return found[1].text


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    moment = clock.now() + timedelta(days=days)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_an_appeal_is_read_by_a_moderator_who_was_not_involved_and_decided_anew(
    tool: Tool,
) -> None:
    handing, submission, rosa = released_by_one(
        tool, {"1.01": NOT_YET, "1.02": PARTLY}, Overall.NOT_RECOGNISED
    )
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission)
    assert now(tool, submission).state is State.IN_REVIEW
    assert matter(tool, submission).step is Step.MODERATING
    assert grade(tool, handing)[0] == 83  # the outcome stands until it is decided
    review = mona.review(submission)
    assert review.part is Part.APPEAL
    with tool.database.transaction(write=False) as session:
        begun_with = findings_of(session, review.id)
    assert begun_with["2.01"].verdict is Verdict.MET
    assert "1.01" not in begun_with
    mona.begin(submission)
    for code in ("1.01", "1.02"):
        mona.find(submission, code, Verdict.MET)
    mona.conclude(submission, Overall.RECOGNISED, "It is all there.")
    mona.finish(submission)
    outcome = let_go(tool, mona, submission)
    assert outcome.number == 2
    assert now(tool, submission).state is State.RECOGNISED
    assert grade(tool, handing)[0] == 100
    assert told(tool, handing.visitor)[-1] == "appeal-decided"
    with tool.database.transaction(write=False) as session:
        assert [one.overall for one in outcomes_of(session, submission.id)] == [
            Overall.NOT_RECOGNISED,
            Overall.RECOGNISED,
        ]
        found = appeal_of(session, submission.id)
    assert found
    assert found.state is AppealState.DECIDED
    assert acts(tool, submission)[-1] == "released"
    with pytest.raises(Conflict):
        rosa.think_again(submission)


def test_a_moderator_who_decided_before_does_not_get_the_appeal(tool: Tool) -> None:
    handing, submission, rosa, sam = given_to_two(tool)
    mona = appoint(tool, "mona", moderates=True)
    rosa.read(submission, {"1.01": PARTLY})
    sam.read(submission)
    send(tool, rosa, submission)
    mona.begin(submission)
    mona.find(submission, "1.01", PARTLY, "Not yet whole.")
    mona.conclude(submission, Overall.MORE_EVIDENCE, "One thing.")
    mona.finish(submission)
    let_go(tool, mona, submission)
    appeal(tool, handing.visitor, submission)
    assert Part.APPEAL not in {one.part for one in readings(tool, submission)}
    max_ = appoint(tool, "max", moderates=True)
    allocated(tool, submission)
    assert max_.review(submission).part is Part.APPEAL


def test_an_appeal_against_more_evidence_keeps_what_was_written_since(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    handing.write("1.01", SINCE)
    appeal(tool, handing.visitor, submission)
    assert not handing.standing().is_open("1.01")
    with pytest.raises(Conflict):
        handing.write("1.01", "Over it.")
    assert words_of(tool, handing, "1.01") == SINCE
    mona.begin(submission)
    mona.find(submission, "1.01", NOT_YET, "Not shown.")
    mona.conclude(submission, Overall.MORE_EVIDENCE, "The same.")
    mona.finish(submission)
    let_go(tool, mona, submission)
    assert now(tool, submission).reopened == ("1.01",)
    assert handing.standing().is_open("1.01")
    assert words_of(tool, handing, "1.01") == SINCE
    second = handing.hand_in()
    assert second.number == 2


def test_an_appeal_is_made_once(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission)
    appeal(tool, handing.visitor, submission, "A second click.")
    assert acts(tool, submission).count("appealed") == 1
    mona.begin(submission)
    mona.find(submission, "1.01", PARTLY, "The same.")
    mona.conclude(submission, Overall.MORE_EVIDENCE, "")
    mona.finish(submission)
    let_go(tool, mona, submission)
    with pytest.raises(Conflict) as refused:
        appeal(tool, handing.visitor, submission)
    assert "once" in refused.value.sentence


def test_an_appeal_can_be_taken_back_until_it_is_read_and_not_made_again(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission)
    review = mona.review(submission)
    take_back(tool, handing.visitor, submission)
    take_back(tool, handing.visitor, submission)
    assert now(tool, submission).state is State.RETURNED
    assert now(tool, submission).reopened == ("1.01",)
    assert reading(tool, review).state is ReviewState.ENDED
    assert told(tool, mona.visitor)[-1] == "review-withdrawn"
    assert acts(tool, submission)[-1] == "appeal-withdrawn"
    assert matter(tool, submission).step is Step.RELEASED
    allocated(tool, submission)
    assert Part.APPEAL not in {one.part for one in readings(tool, submission)}
    with pytest.raises(Conflict):
        appeal(tool, handing.visitor, submission)


def test_a_taken_back_appeal_against_not_recognised_leaves_everything_open(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": NOT_YET}, Overall.NOT_RECOGNISED)
    appeal(tool, handing.visitor, submission)  # and nobody is there to read it
    take_back(tool, handing.visitor, submission)
    assert now(tool, submission).state is State.NOT_RECOGNISED
    assert handing.standing().is_open("2.01")


def test_an_appeal_that_is_being_read_is_not_taken_back(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission)
    mona.begin(submission)
    with pytest.raises(Conflict) as refused:
        take_back(tool, handing.visitor, submission)
    assert refused.value.code == "appeal-begun"
    assert now(tool, submission).state is State.IN_REVIEW


def test_no_appeal_after_its_time(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    set_terms(tool, Terms(appeal_days=14))
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    with monkeypatch.context() as patch:
        later(patch, 16)
        with pytest.raises(Conflict) as refused:
            appeal(tool, handing.visitor, submission)
    assert "over" in refused.value.sentence
    assert now(tool, submission).state is State.RETURNED


def test_no_appeal_when_recognised_nor_after_handing_in_again_nor_without_a_reason(
    tool: Tool,
) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    with pytest.raises(InvalidInput):
        appeal(tool, handing.visitor, submission, "  ")
    assert now(tool, submission).state is State.RETURNED
    handing.write("1.01", SINCE)
    handing.hand_in()
    with pytest.raises(Conflict) as refused:
        appeal(tool, handing.visitor, submission)
    assert "again since" in refused.value.sentence


def test_nobody_appeals_for_somebody_else(tool: Tool) -> None:
    _handing, submission, rosa = released_by_one(tool, {"1.01": PARTLY})
    for act in (appeal, take_back):
        with pytest.raises(NotFound):
            act(tool, rosa.visitor, submission)
    assert "appealed" not in acts(tool, submission)


def test_an_appeal_that_recognises_puts_on_the_register(tool: Tool) -> None:
    handing, submission, _rosa = released_by_one(tool, {"1.01": PARTLY})
    mona = appoint(tool, "mona", moderates=True)
    appeal(tool, handing.visitor, submission)
    mona.begin(submission)
    mona.find(submission, "1.01", Verdict.MET)
    mona.conclude(submission, Overall.RECOGNISED, "")
    mona.finish(submission)
    let_go(tool, mona, submission)
    work(tool)
    assert "You are not on the register yet" not in handing.visitor.get("recognition").text
    assert acts(tool, submission)[-1] == "recognised"

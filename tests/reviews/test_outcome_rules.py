"""What readings come to: agreement, what an outcome needs, what reopens, appeals."""

from datetime import date

import pytest

from lti_tool.reviews.outcomes.rules import (
    LONGEST_REASON,
    AppealCase,
    Progress,
    Reading,
    Step,
    agreed_on,
    appeal_until,
    decision,
    difference,
    parse_answer,
    parse_reason,
    step_of,
    together,
    wanting,
    why_no_appeal,
)
from lti_tool.reviews.rules import Overall, Verdict

CODES = ("1.01", "1.02", "2.01")
MET, PARTLY, NOT_YET = Verdict.MET, Verdict.PARTLY, Verdict.NOT_YET


def reading(
    *verdicts: Verdict, overall: Overall = Overall.MORE_EVIDENCE, words: str = ""
) -> Reading:
    by_code = dict(zip(CODES, verdicts, strict=False))
    said = {code: f"{words} {code}" for code in by_code} if words else {}
    return Reading(overall, words, by_code, said)


def test_two_readings_agree_when_every_verdict_and_the_whole_are_the_same() -> None:
    one, two = reading(MET, PARTLY, NOT_YET), reading(MET, PARTLY, NOT_YET)
    assert difference([one, two], CODES).is_none


@pytest.mark.parametrize("other", [(MET, NOT_YET, NOT_YET), (MET, PARTLY)])
def test_one_other_verdict_is_a_difference_even_between_partly_and_not_yet(
    other: tuple[Verdict, ...],
) -> None:
    apart = difference([reading(MET, PARTLY, NOT_YET), reading(*other)], CODES)
    assert len(apart.codes) == 1
    assert not apart.overall
    assert not apart.is_none


def test_another_verdict_as_a_whole_is_a_difference() -> None:
    one, two = reading(MET, PARTLY), reading(MET, PARTLY, overall=Overall.NOT_RECOGNISED)
    assert difference([one, two], CODES).overall


def test_a_third_who_says_otherwise_is_a_difference_too() -> None:
    same, other = reading(MET, PARTLY), reading(MET, NOT_YET)
    assert difference([same, same, other], CODES).codes == ("1.02",)
    assert list(agreed_on([same, same, other], CODES[:2])[1]) == ["1.01"]


def test_what_was_accepted_before_is_not_compared() -> None:
    one, two = reading(MET, PARTLY, NOT_YET), reading(MET, PARTLY, MET)
    assert difference([one, two], ("1.01", "1.02")).is_none


@pytest.mark.parametrize(
    ("overall", "verdicts", "count"),
    [
        (Overall.RECOGNISED, (MET, MET, MET), 0),
        (Overall.RECOGNISED, (MET, PARTLY, MET), 1),
        (Overall.MORE_EVIDENCE, (MET, PARTLY, MET), 0),
        (Overall.MORE_EVIDENCE, (MET, MET, MET), 1),
        (Overall.NOT_RECOGNISED, (MET, NOT_YET, MET), 0),
        (Overall.NOT_RECOGNISED, (MET, MET, MET), 1),
        (Overall.NONE, (MET, MET, MET), 1),
        (Overall.NONE, (MET, MET), 2),
        (Overall.MORE_EVIDENCE, (MET, PARTLY), 1),
    ],
)
def test_an_outcome_needs_every_verdict_and_one_as_a_whole_that_fits(
    overall: Overall, verdicts: tuple[Verdict, ...], count: int
) -> None:
    assert len(wanting(overall, reading(*verdicts).verdicts, CODES)) == count


def test_a_decision_counts_what_is_met_and_reopens_the_rest() -> None:
    found = decision([reading(MET, PARTLY, NOT_YET)], CODES, {})
    assert (found.met, found.total) == (1, 3)
    assert found.reopened == ("1.02", "2.01")


@pytest.mark.parametrize("overall", [Overall.RECOGNISED, Overall.NOT_RECOGNISED])
def test_only_a_wish_for_more_evidence_reopens_named_competencies(overall: Overall) -> None:
    assert decision([reading(MET, PARTLY, MET, overall=overall)], CODES, {}).reopened == ()


def test_what_an_earlier_submission_proved_stays_met_whatever_stands_beside_it() -> None:
    found = decision([reading(NOT_YET, PARTLY, MET)], CODES, {"1.01": 1})
    assert found.findings["1.01"] == {"verdict": "met", "feedback": "", "accepted_in": 1}
    assert (found.met, found.reopened) == (2, ("1.02",))


def test_two_who_agree_are_both_heard_and_the_same_words_once() -> None:
    one, two = reading(MET, PARTLY, words="Good."), reading(MET, PARTLY, words="Clear.")
    found = decision([one, two], CODES[:2], {})
    assert found.summary == "Good.\n\nClear."
    assert found.findings["1.02"]["feedback"] == "Good. 1.02\n\nClear. 1.02"
    assert together(("Same", " Same ", "")) == "Same"


def test_a_moderator_begins_with_what_both_found() -> None:
    one = reading(MET, PARTLY, NOT_YET, words="A")
    two = reading(MET, NOT_YET, NOT_YET, words="B", overall=Overall.NOT_RECOGNISED)
    overall, same = agreed_on([one, two], CODES)
    assert overall is Overall.NONE
    assert same == {"1.01": (MET, "A 1.01\n\nB 1.01"), "2.01": (NOT_YET, "A 2.01\n\nB 2.01")}
    assert agreed_on([one, one], CODES)[0] is Overall.MORE_EVIDENCE


def progress(
    wanted: int = 2, done: int = 0, *, different: bool = False, moderator: bool = False,
    decided: bool = False, released: bool = False,
) -> Progress:  # fmt: skip
    return Progress(wanted, done, different, moderator, decided, released)


@pytest.mark.parametrize(
    ("at", "step"),
    [
        (progress(1, 0), Step.READING),
        (progress(1, 1), Step.READY),
        (progress(2, 1), Step.READING),
        (progress(2, 2), Step.READY),
        (progress(2, 2, different=True), Step.DIFFERENT),
        (progress(2, 2, different=True, moderator=True), Step.MODERATING),
        (progress(2, 2, different=True, moderator=True, decided=True), Step.READY),
        (progress(2, 2, released=True), Step.RELEASED),
        (progress(0, 0), Step.READING),
    ],
)
def test_how_far_a_submission_is(at: Progress, step: Step) -> None:
    assert step_of(at) is step


UNTIL = date(2026, 12, 20)


def appeal(
    outcome: Overall = Overall.MORE_EVIDENCE, *, was_made: bool = False, is_newest: bool = True
) -> AppealCase:
    return AppealCase(outcome, UNTIL, was_made, is_newest)


def test_an_appeal_can_be_made_through_the_whole_of_the_last_day() -> None:
    assert appeal_until(date(2026, 11, 22), 28) == UNTIL
    assert why_no_appeal(appeal(), UNTIL) == ""
    assert why_no_appeal(appeal(Overall.NOT_RECOGNISED), UNTIL) == ""
    assert "over" in why_no_appeal(appeal(), date(2026, 12, 21))


def test_no_appeal_twice_nor_when_recognised_nor_after_a_new_submission() -> None:
    assert "recognised" in why_no_appeal(appeal(Overall.RECOGNISED), UNTIL)
    assert "once" in why_no_appeal(appeal(was_made=True), UNTIL)
    assert "again since" in why_no_appeal(appeal(is_newest=False), UNTIL)


def test_an_appeal_needs_a_reason_and_keeps_what_was_typed() -> None:
    assert parse_reason(" \0 ").problem
    assert parse_reason("I think\r\nso").text == "I think\nso"
    long = parse_reason("x" * (LONGEST_REASON + 1))
    assert long.problem
    assert len(long.text) == LONGEST_REASON + 1
    assert not parse_answer("").problem
    assert parse_answer("x" * 20_000).problem

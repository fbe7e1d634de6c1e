"""What an assessor writes, by the rules alone: what is missing, what may be thought over, names."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.reviews.assessors.rules import Candidate, due_day, may_read, next_reader
from lti_tool.reviews.blind import alias_code, without_name
from lti_tool.reviews.desk.rules import Missing, is_settled, lacks, suggested, tally
from lti_tool.reviews.rules import Act, FindingView, Overall, Part, Verdict

CODES = ("1.01", "1.02", "2.01")
TODAY = date(2026, 3, 14)
verdicts = st.sampled_from(list(Verdict))
findings = st.fixed_dictionaries(
    {code: st.tuples(verdicts, st.sampled_from(["", "More."])) for code in CODES}
).map(
    lambda all_: {code: FindingView(code, verdict, text) for code, (verdict, text) in all_.items()}
)
moments = st.none() | st.integers(0, 80).map(
    lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
)
candidates = st.lists(
    st.builds(
        Candidate,
        id=st.integers(1, 30),
        levels=st.sets(st.sampled_from([1, 2, 3])).map(lambda found: tuple(sorted(found))),
        capacity=st.integers(1, 5),
        load=st.integers(0, 6),
        active=st.booleans(),
        moderates=st.booleans(),
        away_until=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
        is_apart=st.booleans(),
        knows_it=st.booleans(),
        last_given=moments,
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(findings, st.sampled_from(list(Overall)), st.sampled_from(["", "Well written."]))
def test_what_is_complete_never_contradicts_itself(
    found: dict[str, FindingView], overall: Overall, summary: str
) -> None:
    if lacks(CODES, found, overall, summary):
        return
    given_ = [found[code].verdict for code in CODES]
    assert Verdict.NONE not in given_
    assert overall is not Overall.NONE
    assert (overall is Overall.RECOGNISED) == all(one is Verdict.MET for one in given_)
    assert summary or overall is not Overall.NOT_RECOGNISED
    assert all(found[code].feedback for code in CODES if found[code].verdict is not Verdict.MET)


@given(findings)
def test_what_is_suggested_can_be_finished_once_all_is_written(
    found: dict[str, FindingView],
) -> None:
    stands = tally(CODES, {code: one.verdict for code, one in found.items()})
    proposed = suggested(stands)
    assert (proposed is Overall.NONE) == (stands.open > 0)
    if proposed is not Overall.NONE:
        written = {code: FindingView(code, one.verdict, "More.") for code, one in found.items()}
        assert lacks(CODES, written, proposed, "Why.") == ()


def test_what_is_missing_names_its_competency() -> None:
    found = {"1.01": FindingView("1.01", Verdict.NOT_YET)}
    missing = lacks(CODES, found, Overall.NONE, "")
    assert [(one.what, one.code) for one in missing] == [
        (Missing.FEEDBACK, "1.01"),
        (Missing.VERDICT, "1.02"),
        (Missing.VERDICT, "2.01"),
        (Missing.OVERALL, ""),
    ]


def test_second_thoughts_end_with_the_release_and_a_readers_with_the_moderator() -> None:
    read = [Act.SUBMITTED, Act.ALLOCATED, Act.BEGUN, Act.DONE]
    assert not is_settled(read, Part.READER)
    sent = [*read, Act.SENT_TO_MODERATOR]
    assert is_settled(sent, Part.READER)
    assert not is_settled(sent, Part.MODERATOR)
    released = [*sent, Act.RELEASED]
    assert is_settled(released, Part.MODERATOR)
    appealed = [*released, Act.APPEALED]
    assert is_settled(appealed, Part.READER)
    assert not is_settled(appealed, Part.APPEAL)
    assert is_settled([*appealed, Act.RELEASED], Part.APPEAL)


@given(candidates, st.sampled_from([1, 2, 3]), st.sampled_from(list(Part)))
def test_who_reads_next_may_and_nobody_who_may_is_freer(
    all_: list[Candidate], level: int, part: Part
) -> None:
    chosen = next_reader(all_, level, part, TODAY)
    free = [one for one in all_ if may_read(one, level, part, TODAY)]
    assert (chosen is None) == (not free)
    if chosen is None:
        return
    assert chosen in free
    assert next_reader(reversed(all_), level, part, TODAY) == chosen
    same = [one for one in free if one.knows_it == chosen.knows_it or part is Part.APPEAL]
    assert all(chosen.load / chosen.capacity <= one.load / one.capacity + 1e-9 for one in same)
    if part is not Part.APPEAL:
        assert chosen.knows_it or not any(one.knows_it for one in free)


@given(st.lists(st.sampled_from([1, 2, 3, 4]), min_size=1, max_size=4), st.integers(1, 30))
def test_work_is_shared_by_capacity(capacities: list[int], count: int) -> None:
    loads = [0] * len(capacities)
    for turn in range(min(count, sum(capacities))):
        all_ = [
            Candidate(number, (1,), capacity, loads[number])
            for number, capacity in enumerate(capacities)
        ]
        chosen = next_reader(all_, 1, Part.READER, TODAY)
        assert chosen, turn
        loads[chosen.id] += 1
    assert all(load <= capacity for load, capacity in zip(loads, capacities, strict=True))
    # Nobody has a whole review more, for their capacity, than somebody who has room.
    for mine, my_most in zip(loads, capacities, strict=True):
        for theirs, their_most in zip(loads, capacities, strict=True):
            assert (mine - 1) / my_most <= theirs / their_most + 1e-9


@given(st.dates(date(2026, 1, 1), TODAY), st.integers(1, 366), st.sampled_from(list(Part)))
def test_a_target_is_never_over_when_it_is_set(day: date, days: int, part: Part) -> None:
    due = due_day(part, day, TODAY, days)
    assert due > TODAY
    assert due >= day + timedelta(days=days)


def test_a_name_is_left_out_of_file_names_whatever_its_case() -> None:
    assert without_name("amina-KHAN_reflection.pdf", "Amina Khan") == "…-…_reflection.pdf"
    assert without_name("Visit with Ann", "Bo Li") == "Visit with Ann"
    assert without_name("Aminata at home", "Amina Khan") == "Aminata at home"
    assert without_name("Żaneta’s plan", "żaneta Ó Sé") == "…’s plan"


def test_an_alias_is_the_same_for_one_portfolio_and_says_nothing() -> None:
    assert alias_code(1, 7) == alias_code(1, 7)
    assert len({alias_code(1, number) for number in range(500)}) > 490
    assert all(len(alias_code(2, number)) == 4 for number in range(50))

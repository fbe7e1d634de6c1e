"""Which training serves which gaps, and in what order. Pure."""

from datetime import date

import pytest

from lti_tool.assessments.rules import Answer, Rated, State
from lti_tool.competencies.queries import instrument, library
from lti_tool.training.offers.browsing import browse
from lti_tool.training.offers.counting import safe_count
from lti_tool.training.offers.rules import (
    Gap,
    Offer,
    Rule,
    for_all_of,
    gaps_in,
    is_old,
    recommend,
    training_for,
    unserved,
)

ONE = "self-assessment-1"
TWO = "self-assessment-2"
STARTED, BEGUN = State.NOT_STARTED, State.WORKING_TOWARDS


def gap(code: str, state: State = STARTED, instrument_id: str = ONE) -> Gap:
    return Gap(instrument_id, code, state)


def offer(name: str, *rules: Rule, position: int = 0) -> Offer:
    return Offer(f"shipped:{name}", name, "Somebody", rules, position=position)


def rule(*domains: int, codes: tuple[str, ...] = (), essential: bool = False) -> Rule:
    return Rule((ONE,), domains, codes, essential=essential)


def titles(*offers: Offer, gaps: list[Gap]) -> list[str]:
    return [one.offer.title for one in recommend(offers, gaps)]


GAPS = [gap("1.01"), gap("2.04", BEGUN), gap("2.05"), gap("4.01")]


def test_every_competency_that_is_not_achieved_is_a_gap_in_the_frameworks_order() -> None:
    scope = instrument(ONE).scope((2,))
    ratings = {"2.01": Rated(Answer(State.ACHIEVED)), "2.03": Rated(Answer(BEGUN))}
    found = gaps_in(ONE, scope, ratings)
    assert [one.code for one in found][:3] == ["2.02", "2.03", "2.04"]
    assert len(found) == 12
    assert {one.code: one.state for one in found}["2.03"] is BEGUN


def test_what_serves_more_gaps_comes_first() -> None:
    assert titles(offer("one", rule(1)), offer("two", rule(2)), gaps=GAPS) == ["two", "one"]


def test_essential_training_comes_before_what_serves_more() -> None:
    essential = offer("essential", rule(1, essential=True), position=9)
    assert titles(offer("more", rule(1, 2)), essential, gaps=GAPS) == ["essential", "more"]


def test_what_is_essential_for_other_gaps_is_not_essential_to_me() -> None:
    mixed = offer("mixed", rule(7, essential=True), rule(1))
    (found,) = recommend([mixed], GAPS)
    assert not found.essential
    assert titles(mixed, offer("more", rule(2)), gaps=GAPS) == ["more", "mixed"]


def test_then_the_organisations_order_decides_and_last_the_title() -> None:
    late, early = offer("a late", rule(1), position=2), offer("early", rule(1), position=1)
    assert titles(late, early, gaps=GAPS) == ["early", "a late"]
    assert titles(offer("b", rule(1)), offer("A", rule(1)), gaps=GAPS) == ["A", "b"]


def test_the_reason_names_every_gap_once_however_many_rules_serve_it() -> None:
    (found,) = recommend([offer("x", rule(2), rule(codes=("2.04", "4.01")))], GAPS)
    assert found.codes == ("2.04", "2.05", "4.01")


def test_a_rule_serves_its_own_instrument_and_result_only() -> None:
    begun = offer("begun", Rule((ONE,), (2,), results=(BEGUN,)))
    (found,) = recommend([begun], [*GAPS, gap("2.04", BEGUN, TWO)])
    assert found.codes == ("2.04",)
    assert not recommend([begun], [gap("2.04", STARTED), gap("2.04", BEGUN, TWO)])


def test_domain_1_is_not_domain_10_and_a_code_is_not_its_beginning() -> None:
    assert not recommend([offer("x", rule(1, codes=("2.0",)))], [gap("10.01"), gap("2.01")])


def test_a_gap_that_nothing_serves_is_told_apart_by_its_result() -> None:
    offers = [offer("begun", Rule((ONE,), (2,), results=(BEGUN,))), offer("x", rule(1))]
    assert [one.code for one in unserved(GAPS, offers)] == ["2.05", "4.01"]
    assert unserved(GAPS, []) == GAPS
    assert unserved([], offers) == []


def test_each_gap_knows_its_training_in_the_order_of_recommendation() -> None:
    small, large = offer("small", rule(codes=("2.04",))), offer("large", rule(1, 2))
    found = training_for([small, large], GAPS)
    assert [one.offer.title for one in found.by_code["2.04"]] == ["large", "small"]
    assert "4.01" not in found.by_code
    assert [one.code for one in found.unserved] == ["4.01"]


def test_what_serves_all_gaps_of_a_group_is_told_once() -> None:
    everything, part = offer("Everything", rule(1)), offer("Part", rule(codes=("1.01",)))
    found = training_for([part, everything], [gap("1.01"), gap("1.02"), gap("2.01")])
    assert [one.offer.title for one in for_all_of(found, ["1.01", "1.02"])] == ["Everything"]
    assert for_all_of(found, ["1.01", "2.01"]) == ()
    assert for_all_of(found, ["1.01"]) == for_all_of(found, []) == ()


@pytest.mark.parametrize(
    ("checked", "old"),
    [
        (None, True),
        (date(2025, 11, 30), False),
        (date(2025, 11, 1), False),
        (date(2025, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_an_offer_is_old_after_twelve_months(checked: date | None, *, old: bool) -> None:
    assert is_old(checked, date(2026, 11, 22)) is old


def test_one_looks_through_by_level_and_domain_together() -> None:
    both = offer("both", rule(1), Rule((TWO,), (4,), ("2.04",)))
    found = {
        (level, domain): bool(browse([both], library(), level=level, domain=domain))
        for level in (None, 1, 2, 3)
        for domain in (None, 1, 2, 4)
    }
    assert [key for key, hit in found.items() if not hit] == [
        (1, 2),
        (1, 4),
        (2, 1),
        (3, None),
        (3, 1),
        (3, 2),
        (3, 4),
    ]


@pytest.mark.parametrize(
    ("count", "told"), [(0, None), (9, None), (10, 10), (12, 10), (13, 15), (17, 15), (18, 20)]
)
def test_small_numbers_are_not_told_and_others_to_the_nearest_five(
    count: int, told: int | None
) -> None:
    assert safe_count(count) == told

"""An own offer on its way in, from a form or a line of a file: both are the same fields. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lti_tool.competencies.models import Instrument
from lti_tool.kernel.text import N_, as_kept
from lti_tool.training.offers.fields import (
    Wrong,
    check_length,
    read_address,
    read_codes,
    read_day,
    read_domains,
    read_format,
    read_levels,
    read_line,
    read_needed,
    read_placement,
    read_reference,
    read_results,
    read_yes,
)
from lti_tool.training.offers.rules import RESULTS, Format, Rule
from lti_tool.training.offers.terms import Terms

# An offer has up to three rules; the fields of the second end in _2.
RULES = ("", "_2", "_3")
RULE_FIELDS = ("levels", "domains", "competencies", "results", "essential")


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a field, and what was expected: a sentence with its parts."""

    name: str
    sentence: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wish:
    """An own offer as somebody wants it. `placement` is an activity's public id, or empty."""

    reference: str
    title: str
    provider: str
    description: str
    format: Format | None
    length: str
    cost: str
    address: str
    placement: str
    checked_on: date | None
    shown: bool
    rules: tuple[Rule, ...]


def parse_wish(
    raw: Mapping[str, str], terms: Terms, today: date
) -> tuple[Wish | None, list[Mistake]]:
    """Returns the offer that the fields describe, or None with every mistake in them."""
    texts = {name: as_kept(text) for name, text in raw.items()}
    mistakes: list[Mistake] = []

    def read(name: str, parse: Callable[[str], Any], otherwise: Any) -> Any:
        text = texts.get(name, "")
        try:
            check_length(name, text)
            return parse(text)
        except Wrong as wrong:
            mistakes.append(Mistake(name, wrong.sentence, wrong.params))
            return otherwise

    def placement(text: str) -> str:
        return read_placement(text, terms)

    def day(text: str) -> date | None:
        return read_day(text, today)

    wish = Wish(
        reference=read("reference", read_reference, ""),
        title=read("title", read_needed, ""),
        provider=read("provider", read_line, ""),
        description=read("description", str, ""),
        format=read("format", read_format, None),
        length=read("length", read_line, ""),
        cost=read("cost", read_line, ""),
        address=read("address", read_address, ""),
        placement=read("activity", placement, ""),
        checked_on=read("checked", day, None),
        shown=read("shown", lambda text: read_yes(text or "yes"), True),
        rules=_rules(texts, terms, mistakes),
    )
    if wish.address and wish.placement:
        mistakes.append(
            Mistake("activity", N_("An offer leads to one place: an address or an activity."))
        )
    return (None, mistakes) if mistakes else (wish, [])


def text_mistake(name: str, text: str) -> Mistake | None:
    """Returns what is wrong with a text or an address of a decision, if anything is."""
    try:
        check_length(name, text)
        if name == "address":
            read_address(text)
    except Wrong as wrong:
        return Mistake(name, wrong.sentence, wrong.params)
    return None


def _rules(texts: Mapping[str, str], terms: Terms, mistakes: list[Mistake]) -> tuple[Rule, ...]:
    found: list[Rule] = []
    wrong = len(mistakes)
    for suffix in RULES:
        given = {name: texts.get(name + suffix, "") for name in RULE_FIELDS}
        if given["levels"] or given["domains"] or given["competencies"]:
            rule = _rule(given, suffix, terms, mistakes)
            if rule and rule not in found:
                found.append(rule)
    if not found and len(mistakes) == wrong:
        mistakes.append(Mistake("levels", N_("Say at which level it serves which gaps.")))
    return tuple(found)


def _rule(
    given: Mapping[str, str], suffix: str, terms: Terms, mistakes: list[Mistake]
) -> Rule | None:
    before = len(mistakes)

    def read(name: str, parse: Callable[[str], Any], otherwise: Any) -> Any:
        try:
            return parse(given[name])
        except Wrong as wrong:
            mistakes.append(Mistake(name + suffix, wrong.sentence, wrong.params))
            return otherwise

    asked: tuple[Instrument, ...] = read("levels", lambda text: read_levels(text, terms), ())
    domains = read("domains", lambda text: read_domains(text, asked), ())
    codes = read("competencies", lambda text: read_codes(text, asked), ())
    results = read("results", read_results, RESULTS)
    essential = read("essential", read_yes, False)
    if len(mistakes) == before and not (domains or codes):
        mistakes.append(
            Mistake("domains" + suffix, N_("Say which domains or competencies it serves."))
        )
    if len(mistakes) > before:
        return None
    return Rule(tuple(one.id for one in asked), domains, codes, results, essential)

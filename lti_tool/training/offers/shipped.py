"""The catalogue that ships with the tool: `frameworks/training/catalogue.yaml`, checked whole."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from lti_tool.assessments.rules import State
from lti_tool.competencies.files import Problem, Read, Refused, read
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import library
from lti_tool.kernel.resources import resource_folder
from lti_tool.training.offers.rules import RESULTS, SHIPPED, Format, Offer, Rule
from lti_tool.training.offers.terms import self_assessments

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Address = Annotated[str, StringConstraints(pattern=r"^https://[^\s/@]+\.[^\s/@]+", max_length=500)]
Levels = Annotated[tuple[Annotated[int, Field(ge=1, le=9)], ...], Field(min_length=1)]
Domains = tuple[Annotated[int, Field(ge=1, le=99)], ...]
Codes = tuple[Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{2}$")], ...]


def _month(value: object) -> object:
    """Reads "2026-11" as the first of that month; anything else is left to be refused."""
    if isinstance(value, str) and len(value) == len("2026-11"):
        return f"{value}-01"
    raise ValueError("is expected as a year and a month, such as 2026-11")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ShippedRule(_Part):
    """What an entry serves at some of its levels: whole domains, or some competencies."""

    levels: Levels
    domains: Domains = ()
    competencies: Codes = ()
    results: Annotated[tuple[State, ...], Field(min_length=1)] = RESULTS
    essential: bool = False

    @model_validator(mode="after")
    def _serves_something(self) -> Self:
        if not (self.domains or self.competencies):
            raise ValueError("needs at least one domain or competency")
        if State.ACHIEVED in self.results:
            raise ValueError("has a result that is no gap: not-started or working-towards")
        return self


class ShippedOffer(_Part):
    """One entry of the catalogue. What is not known is left out."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,58}$")]
    title: Annotated[Text, StringConstraints(max_length=300)]
    provider: Short
    levels: Levels
    domains: Annotated[Domains, Field(min_length=1)]
    format: Format | None = None
    length: Short | None = None
    cost: Short | None = None
    address: Address | None = None
    checked: Annotated[date, BeforeValidator(_month)]
    description: Text
    rules: Annotated[tuple[ShippedRule, ...], Field(min_length=1)]


class Catalogue(_Part):
    """The whole file; `instruments` says which self-assessment stands for each level."""

    instruments: Annotated[dict[Annotated[int, Field(ge=1, le=9)], str], Field(min_length=1)]
    offers: Annotated[tuple[ShippedOffer, ...], Field(min_length=1)]


def load_catalogue(path: Path, instruments: Mapping[str, Instrument]) -> tuple[Offer, ...]:
    """Returns the shipped offers in the file's order.

    Raises `Refused`, naming file, line, field and what was expected, for anything wrong: also
    for a level, domain or competency that the instruments do not have.
    """
    found = read(path, Catalogue)
    if problems := list(_problems(found, instruments)):
        raise Refused(problems)
    return tuple(_offer(one, found.value.instruments) for one in found.value.offers)


def shipped_offers() -> Mapping[str, Offer]:
    """Returns the shipped offers by id, read once in a process; none where no file ships."""
    return _shipped(resource_folder("frameworks") / "training" / "catalogue.yaml")


@cache
def _shipped(path: Path) -> Mapping[str, Offer]:
    if not path.exists():
        return {}
    offers = load_catalogue(path, library())
    return {offer.key.removeprefix(SHIPPED): offer for offer in offers}


def _offer(one: ShippedOffer, at: Mapping[int, str]) -> Offer:
    rules = tuple(
        Rule(
            tuple(at[level] for level in rule.levels),
            rule.domains,
            rule.competencies,
            rule.results,
            rule.essential,
        )
        for rule in one.rules
    )
    return Offer(
        SHIPPED + one.id,
        one.title,
        one.provider,
        rules,
        one.levels,
        one.description,
        one.format,
        one.length or "",
        one.cost or "",
        one.address or "",
        checked_on=one.checked,
    )


def _problems(found: Read[Catalogue], instruments: Mapping[str, Instrument]) -> Iterator[Problem]:
    at: dict[int, Instrument] = {}
    for level, name in found.value.instruments.items():
        if name not in self_assessments(instruments):
            message = f"has {name}, where the id of a self-assessment is expected"
            yield found.problem(("instruments", level), message)
        else:
            at[level] = instruments[name]
    seen: set[str] = set()
    for place, one in enumerate(found.value.offers):
        if one.id in seen:
            yield found.problem(("offers", place, "id"), f"is {one.id}, which is there twice")
        seen.add(one.id)
        for number, rule in enumerate(one.rules):
            where = ("offers", place, "rules", number)
            for name, message in _rule_problems(one, rule, at):
                yield found.problem((*where, name), message)


def _rule_problems(
    one: ShippedOffer, rule: ShippedRule, at: Mapping[int, Instrument]
) -> Iterator[tuple[str, str]]:
    touched: set[Any] = set(rule.domains) | {int(c.partition(".")[0]) for c in rule.competencies}
    if outside := sorted(set(rule.levels) - set(one.levels)):
        yield "levels", f"has {outside[0]}, which is not among the levels of the entry"
    if outside := sorted(touched - set(one.domains)):
        yield "domains", f"has {outside[0]}, which is not among the domains of the entry"
    for level in rule.levels:
        asked = at.get(level)
        if asked is None:
            yield "levels", f"has {level}, for which the file names no self-assessment"
            continue
        if lost := [number for number in rule.domains if number not in asked.by_number]:
            yield "domains", f"has {lost[0]}, which {asked.id} does not have"
        if missing := [code for code in rule.competencies if code not in asked.by_code]:
            yield "competencies", f"has {missing[0]}, which {asked.id} does not have"

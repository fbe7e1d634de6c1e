"""The shape of an instrument, as its YAML file and `imhcf framework show --json` have it."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Provenance(StrEnum):
    """Where a statement comes from."""

    PUBLISHED = "published"
    REPAIRED = "repaired"
    DERIVED = "derived"


class Kind(StrEnum):
    """What an instrument asks for."""

    SELF_ASSESSMENT = "self-assessment"
    PORTFOLIO = "portfolio"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Competency(_Part):
    """One competency: what one knows, what one is able to do, or what a task asks for.

    `code` is unique in its instrument only: always (instrument, code). `note` says, for a
    repaired or derived statement, how it was read. `wording` says whose words an organisation's
    people read: this tool's, the published ones, or what the organisation made of them.
    """

    code: Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{2}$")]
    topic: Text
    provenance: Provenance
    note: Text | None = None
    wording: Literal["own", "official", "corrected"] = "own"
    knowledge: Text | None = None
    ability: Text | None = None
    prompt: Text | None = None
    points_of: Literal["knowledge", "ability"] | None = None
    points: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.knowledge or self.ability or self.prompt):
            raise ValueError("needs a knowledge part, an ability part or a prompt")
        if self.provenance is not Provenance.PUBLISHED and not self.note:
            raise ValueError(f"is {self.provenance.value}, so it needs a note that says why")
        if self.points and not (self.prompt or self.points_of):
            raise ValueError("has points: points_of must say to which part they belong")
        return self


class Theme(_Part):
    """A group of competencies in a domain; where the source has no heading, no title."""

    title: Text | None = None
    competencies: Annotated[tuple[Competency, ...], Field(min_length=1)]


class Domain(_Part):
    """A domain, with its themes in order."""

    number: Annotated[int, Field(ge=1, le=99)]
    title: Text
    introduction: Text
    themes: Annotated[tuple[Theme, ...], Field(min_length=1)]

    @property
    def competencies(self) -> Iterator[Competency]:
        for theme in self.themes:
            yield from theme.competencies

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(c.code for c in self.competencies)

    @model_validator(mode="after")
    def _codes_in_order(self) -> Self:
        expected = tuple(f"{self.number}.{n:02}" for n in range(1, len(self.codes) + 1))
        for code, wanted in zip(self.codes, expected, strict=True):
            if code != wanted:
                raise ValueError(f"has the code {code} where {wanted} is expected")
        return self


class Instrument(_Part):
    """One self-assessment grid or one portfolio at one level."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,58}$")]
    kind: Kind
    level: Annotated[int, Field(ge=1, le=9)]
    title: Text
    version: Text
    wording: Literal["own", "official", "mixed"]
    language: Text
    audience: Text
    introduction: Text
    domains: Annotated[tuple[Domain, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _numbers_once(self) -> Self:
        counted = Counter(domain.number for domain in self.domains)
        if twice := [n for n, times in counted.items() if times > 1]:
            raise ValueError(f"has domain {twice[0]} more than once")
        return self

    @cached_property
    def by_code(self) -> dict[str, Competency]:
        return {c.code: c for domain in self.domains for c in domain.competencies}

    @cached_property
    def by_number(self) -> dict[int, Domain]:
        return {domain.number: domain for domain in self.domains}

    def scope(self, numbers: tuple[int, ...]) -> tuple[Domain, ...]:
        """Returns the named domains, in order; all of them when none is named or known."""
        return tuple(d for d in self.domains if d.number in numbers) or self.domains

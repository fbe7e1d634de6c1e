"""The shape of a framework: `framework.yaml`, and the crosswalk beside it, `crosswalk.yaml`."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lti_tool.competencies.models import Text

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,58}$")]
Code = Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{2}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=500)]


class Reference(NamedTuple):
    """A competency: a code says nothing without its instrument."""

    instrument: str
    code: str


class Adoption(StrEnum):
    """How far a framework has come, in the words of CASE (`CFDocument.adoptionStatus`)."""

    DRAFT = "Draft"
    ADOPTED = "Adopted"
    DEPRECATED = "Deprecated"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Part):
    """What an instrument must hold: so many competencies in each domain, in order.

    `notes` names published statements that may carry a note all the same.
    """

    id: Id
    counts: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
    notes: tuple[Code, ...] = ()


class Progression(_Part):
    """Instruments that follow one another, lowest level first.

    With `by_code`, a code means the same at each level; `retitled` says, by code, why its
    topic is named differently at one of them.
    """

    instruments: Annotated[tuple[Id, ...], Field(min_length=2)]
    by_code: bool = False
    retitled: dict[Code, Text] = {}


class Framework(_Part):
    """Facts about a framework. `changed` moves with `version`, and with nothing else."""

    id: Id
    title: Text
    version: Text
    changed: AwareDatetime
    publisher: Text
    address: Address | None = None
    creator: Text
    adoption: Adoption
    language: Text
    description: Text
    instruments: Annotated[tuple[Expected, ...], Field(min_length=1)]
    progressions: tuple[Progression, ...] = ()

    @cached_property
    def expected(self) -> dict[str, Expected]:
        return {one.id: one for one in self.instruments}

    @model_validator(mode="after")
    def _instruments_once(self) -> Self:
        names = [one.id for one in self.instruments]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"names the instrument {twice[0]} more than once")
        return self


class Task(_Part):
    """A portfolio task and the codes it rests on; `why`, where these do not say it themselves."""

    task: Code
    codes: Annotated[tuple[Code, ...], Field(min_length=1, max_length=5)]
    why: Text | None = None


class Footing(_Part):
    """One portfolio's tasks, and the self-assessment of its level that they rest on."""

    portfolio: Id
    rests_on: Id
    tasks: Annotated[tuple[Task, ...], Field(min_length=1)]

    @cached_property
    def by_task(self) -> dict[str, Task]:
        return {one.task: one for one in self.tasks}


class Crosswalk(_Part):
    """From portfolio tasks to self-assessment competencies. `origin` says whose reading it is."""

    origin: Literal["ours", "published"]
    note: Text
    footings: Annotated[tuple[Footing, ...], Field(min_length=1)]

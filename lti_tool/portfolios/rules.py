"""What an account is, when a task is ready, and which changes make one version. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from lti_tool.competencies.models import Competency, Domain, Theme

# About 3,300 words for each task: a whole portfolio of 15,000 words has room several times over.
LONGEST_ACCOUNT = 20_000
_WORD = re.compile(r"\w+(?:['’.,/-]\w+)*")
T = TypeVar("T", int, str)


class Declaration(StrEnum):
    """How nobody can be known by an account, in its writer's own declaration."""

    NONE = ""
    ANONYMISED = "anonymised"
    CONSENT = "consent"


class Act(StrEnum):
    """How a version of an account came to be."""

    TYPED = "typed"
    RESTORED = "restored"
    ADDED = "added"
    CARRIED = "carried"


class Missing(StrEnum):
    """Why a task is not ready."""

    TEXT = "text"
    DECLARATION = "declaration"
    PLACES = "places"


@dataclass(frozen=True, slots=True)
class Written:
    """An account on record. Version 0 has no text yet."""

    text: str = ""
    words: int = 0
    version: int = 0
    changed_at: datetime | None = None
    ticks: frozenset[int] = frozenset()
    declaration: Declaration = Declaration.NONE
    declared_at: datetime | None = None
    left_alone: frozenset[str] = frozenset()
    places: int = 0
    instrument_version: str = ""


NOTHING = Written()


@dataclass(frozen=True, slots=True)
class Marks:
    """What a writer changes beside the text: only what is named here changes."""

    ticks: Mapping[int, bool]
    declaration: Declaration | None = None
    left_alone: Mapping[str, bool] | None = None


NO_MARKS = Marks({})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a writer wants kept: text, the version that they saw, marks, and in which sitting."""

    text: str
    seen: int
    marks: Marks = NO_MARKS
    sitting: str = ""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in the overview: what is there, and what is missing until it is ready."""

    competency: Competency
    written: Written
    evidence: int
    missing: tuple[Missing, ...]

    @property
    def is_ready(self) -> bool:
        return not self.missing

    @property
    def ticked(self) -> int:
        return len([n for n in self.written.ticks if n < len(self.competency.points)])


@dataclass(frozen=True, slots=True)
class ThemeLines:
    """A theme with its tasks."""

    theme: Theme
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class DomainLines:
    """A domain with its themes, and how much of it is ready."""

    domain: Domain
    themes: tuple[ThemeLines, ...]

    @property
    def tasks(self) -> list[TaskLine]:
        return [task for theme in self.themes for task in theme.tasks]

    @property
    def ready(self) -> int:
        return sum(task.is_ready for task in self.tasks)


@dataclass(frozen=True, slots=True)
class Overview:
    """Where a portfolio stands; `next` is the one next step, None when all is ready."""

    domains: tuple[DomainLines, ...]
    next: TaskLine | None

    @property
    def tasks(self) -> list[TaskLine]:
        return [task for domain in self.domains for task in domain.tasks]

    @property
    def words(self) -> int:
        return sum(task.written.words for task in self.tasks)

    @property
    def begun(self) -> int:
        return sum(bool(task.written.text) for task in self.tasks)

    @property
    def ready(self) -> int:
        return sum(task.is_ready for task in self.tasks)


def count_words(text: str) -> int:
    """Returns the number of words in a text; marks of its form do not count."""
    return sum(1 for _ in _WORD.finditer(text))


def missing(written: Written) -> tuple[Missing, ...]:
    """Returns why a task is not ready; nothing when it is.

    Ticks are the writer's own, and evidence is theirs to choose: neither is asked for.
    """
    if not written.text:
        return (Missing.TEXT,)
    found = []
    if written.declaration is Declaration.NONE:
        found.append(Missing.DECLARATION)
    if written.places:
        found.append(Missing.PLACES)
    return tuple(found)


def overview(
    scope: Iterable[Domain], accounts: Mapping[str, Written], evidence: Mapping[str, int]
) -> Overview:
    """Returns what stands where, and what comes next."""

    def line(competency: Competency) -> TaskLine:
        written = accounts.get(competency.code, NOTHING)
        found = missing(written)
        return TaskLine(competency, written, evidence.get(competency.code, 0), found)

    domains = tuple(
        DomainLines(
            domain,
            tuple(ThemeLines(t, tuple(line(c) for c in t.competencies)) for t in domain.themes),
        )
        for domain in scope
    )
    return Overview(domains, _next_step([task for domain in domains for task in domain.tasks]))


def _next_step(tasks: list[TaskLine]) -> TaskLine | None:
    """The task that was worked on last, or else the first one after it that is not ready."""
    if not tasks:
        return None

    def moment(place: int) -> float:
        changed = tasks[place].written.changed_at
        return changed.timestamp() if changed else 0.0

    last = max(range(len(tasks)), key=lambda place: (moment(place), -place))
    in_turn = tasks[last:] + tasks[:last]
    return next((task for task in in_turn if not task.is_ready), None)


def marked(written: Written, marks: Marks) -> tuple[frozenset[int], Declaration, frozenset[str]]:
    """Returns ticks, declaration and places left alone after what the writer changed."""
    ticks = _switched(written.ticks, marks.ticks)
    left = _switched(written.left_alone, marks.left_alone or {})
    declaration = written.declaration if marks.declaration is None else marks.declaration
    return ticks, declaration, left


def _switched(now: frozenset[T], changes: Mapping[T, bool]) -> frozenset[T]:
    on = {key for key, is_on in changes.items() if is_on}
    off = {key for key, is_on in changes.items() if not is_on}
    return frozenset((now | on) - off)


def text_mark(text: str) -> str:
    """Returns a short mark of a text: a page can tell a kept draft from it, without the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def appended(text: str, addition: str) -> str:
    """Returns a text with another one as a paragraph of its own after it."""
    return f"{text}\n\n{addition}".strip() if text else addition.strip()

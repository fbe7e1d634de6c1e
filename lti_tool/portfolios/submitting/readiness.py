"""What is missing until a portfolio can be handed in, and what it would hold. Pure."""

from dataclasses import dataclass

from lti_tool.competencies.models import Competency, Instrument
from lti_tool.portfolios.evidence.rules import STOPPING, EvidenceView, Lack, lacking
from lti_tool.portfolios.rules import NOTHING, Missing, missing
from lti_tool.portfolios.submitting.freezing import Content, Earlier, Stock, collect
from lti_tool.portfolios.submitting.rules import Standing, Terms


@dataclass(frozen=True, slots=True)
class PieceLacks:
    """A piece of evidence, and what it lacks that stops a hand-in."""

    piece: EvidenceView
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class TaskLacks:
    """A task that stops a hand-in: for its text or marks, for its evidence, or for both."""

    competency: Competency
    missing: tuple[Missing, ...]
    pieces: tuple[PieceLacks, ...]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a portfolio can be handed in. `content` is what would be frozen."""

    content: Content
    tasks: tuple[TaskLacks, ...]
    terms: Terms
    standing: Standing

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing; a fee's reference is typed with the hand-in itself."""
        return not self.tasks

    @property
    def hidden(self) -> list[str]:
        """The open tasks whose text a report hides still: their readers would see none of it."""
        tasks = self.content.tasks
        return [one["code"] for one in tasks if one["hidden_at"] and one["accepted_in"] is None]

    @property
    def accepted(self) -> int:
        return sum(task["accepted_in"] is not None for task in self.content.tasks)


def readiness(
    asked: Instrument, stock: Stock, standing: Standing, earlier: Earlier, terms: Terms
) -> Readiness:
    """Returns what is missing, of every task that is open; what is accepted lacks nothing."""
    content = collect(asked, stock, standing, earlier)
    lacks = (_lacks(competency, stock) for competency in _open(asked, standing))
    found = tuple(one for one in lacks if one.missing or one.pieces)
    return Readiness(content, found, terms, standing)


def _open(asked: Instrument, standing: Standing) -> list[Competency]:
    return [one for one in asked.by_code.values() if standing.is_open(one.code)]


def _lacks(competency: Competency, stock: Stock) -> TaskLacks:
    written = stock.accounts.get(competency.code, NOTHING)
    pieces = (
        PieceLacks(piece, tuple(lack for lack in lacking(piece) if lack in STOPPING))
        for piece in stock.evidence.get(competency.code, ())
    )
    return TaskLacks(competency, missing(written), tuple(one for one in pieces if one.lacks))

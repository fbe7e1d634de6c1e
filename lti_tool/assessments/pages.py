"""What the learner's pages show: where they are, what comes next, what stands where. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lti_tool.assessments.rules import NOT_RATED, Progress, Rated, State, overall, progress
from lti_tool.competencies.models import Competency, Domain, Instrument, Kind

Ratings = Mapping[str, Rated]


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A domain in an overview; `next_code` is its first competency that is not rated."""

    domain: Domain
    progress: Progress
    next_code: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Where a person is in an instrument; `next` is the one next step, None when all is rated."""

    lines: tuple[DomainLine, ...]
    progress: Progress
    next: DomainLine | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A domain's competencies by their state, each group in the framework's order."""

    domain: Domain
    progress: Progress
    achieved: tuple[Competency, ...]
    working_towards: tuple[Competency, ...]
    not_started: tuple[Competency, ...]


def asked_for(library: Mapping[str, Instrument], instrument_id: str) -> Instrument | None:
    """Returns the self-assessment that a placement asks for, or None: then it is not set up."""
    found = library.get(instrument_id)
    return found if found and found.kind is Kind.SELF_ASSESSMENT else None


def is_portfolio(library: Mapping[str, Instrument], instrument_id: str) -> bool:
    """Says whether a placement asks for a portfolio: those have pages of their own."""
    found = library.get(instrument_id)
    return found is not None and found.kind is Kind.PORTFOLIO


def overview(scope: Iterable[Domain], ratings: Ratings) -> Overview:
    """Returns progress by domain, over all, and the next step."""
    lines = tuple(_line(domain, ratings) for domain in scope)
    return Overview(lines, overall(line.progress for line in lines), _next_step(lines, ratings))


def standings(scope: Iterable[Domain], ratings: Ratings) -> tuple[Standing, ...]:
    """Returns strengths and gaps, domain by domain."""
    return tuple(_standing(domain, ratings) for domain in scope)


def neighbours(scope: tuple[Domain, ...], domain: Domain) -> tuple[Domain | None, Domain | None]:
    """Returns the domains before and after this one, as far as the placement asks for them."""
    place = scope.index(domain)
    before = scope[place - 1] if place else None
    return before, scope[place + 1] if place + 1 < len(scope) else None


def note_mark(note: str) -> str:
    """Returns a short mark of a note: a page can tell a kept draft from it, without the text."""
    return hashlib.sha256(note.encode()).hexdigest()[:16]


def _line(domain: Domain, ratings: Ratings) -> DomainLine:
    unrated = (code for code in domain.codes if _state(ratings, code) is State.NOT_STARTED)
    return DomainLine(domain, progress(domain, ratings), next(unrated, None))


def _next_step(lines: tuple[DomainLine, ...], ratings: Ratings) -> DomainLine | None:
    """The domain that was worked on last, or else the first one after it that has gaps."""
    last = max(range(len(lines)), key=lambda i: _last_change(lines[i].domain, ratings), default=0)
    in_turn = lines[last:] + lines[:last]
    return next((line for line in in_turn if line.next_code), None)


def _last_change(domain: Domain, ratings: Ratings) -> tuple[float, int]:
    """Sorts by the newest change; among domains never touched, the first comes first."""
    changes = (ratings[code].changed_at for code in domain.codes if code in ratings)
    newest = max((moment.timestamp() for moment in changes if moment), default=0.0)
    return newest, -domain.number


def _standing(domain: Domain, ratings: Ratings) -> Standing:
    groups: dict[State, list[Competency]] = {state: [] for state in State}
    for competency in domain.competencies:
        groups[_state(ratings, competency.code)].append(competency)
    return Standing(
        domain,
        progress(domain, ratings),
        tuple(groups[State.ACHIEVED]),
        tuple(groups[State.WORKING_TOWARDS]),
        tuple(groups[State.NOT_STARTED]),
    )


def _state(ratings: Ratings, code: str) -> State:
    return ratings.get(code, NOT_RATED).answer.state

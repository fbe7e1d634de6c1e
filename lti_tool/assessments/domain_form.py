"""The plain form of a whole domain: reading it, saving what was changed, keeping the rest typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from lti_tool.assessments.queries import answers_seen, ratings_of
from lti_tool.assessments.rules import NOT_RATED, Answer, Rated, parse_answer
from lti_tool.assessments.services import ChangedElsewhere, Wish, rate
from lti_tool.competencies.models import Domain
from lti_tool.courses.queries import PlacementView
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Typed:
    """What came for one competency, as typed; `take` gives way to the answer on record."""

    code: str
    state: str
    note: str
    version: int
    take: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer was not saved; `current` is the one on record where the two differ."""

    typed: Typed
    error: ImhcfError
    current: Rated | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many answers were saved, and what stands in the way of the others, by code."""

    saved: int
    problems: Mapping[str, Problem]

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this outcome."""
        problems = self.problems.values()
        if any(problem.current for problem in problems):
            return 409
        if any(isinstance(problem.error, TooLarge) for problem in problems):
            return 413
        return 400 if problems else 200


def read_form(domain: Domain, form: Mapping[str, str]) -> list[Typed]:
    """Returns what a form holds for the domain's competencies; raises `InvalidInput`."""
    return [_typed(code, form) for code in domain.codes if f"version-{code}" in form]


def save_form(
    session: Session,
    actor: Actor,
    placement: PlacementView,
    typed: list[Typed],
    *,
    delay: timedelta,
) -> Outcome:
    """Saves every answer that the learner changed; returns the others with their problems.

    An answer that the form only repeats is left alone, even where it was changed elsewhere
    since: the learner of this form did not touch it.
    """
    now = ratings_of(session, actor.person_id, placement.set_up.instrument)
    seen = answers_seen(
        session,
        actor.person_id,
        placement.set_up.instrument,
        {one.code: one.version for one in typed},
    )
    saved, problems = 0, {}
    for one in typed:
        current = now.get(one.code, NOT_RATED)
        try:
            wish = _wish(one, seen.get(one.code, Answer()))
            if wish and rate(session, actor, placement, wish, delay=delay) != current:
                saved += 1
        except ChangedElsewhere as error:
            problems[one.code] = Problem(one, error, error.rated)
        except (InvalidInput, TooLarge) as error:
            problems[one.code] = Problem(one, error)
    return Outcome(saved, problems)


def _wish(one: Typed, seen: Answer) -> Wish | None:
    if one.take:
        return None
    answer = parse_answer(one.state, one.note)
    return None if answer == seen else Wish(one.code, answer, one.version)


def _typed(code: str, form: Mapping[str, str]) -> Typed:
    version = form[f"version-{code}"]
    if not (version.isascii() and version.isdigit()) or len(version) > 9:
        raise InvalidInput(N_("The form came back damaged."), code="version-unknown")
    return Typed(
        code,
        form.get(f"state-{code}", ""),
        form.get(f"note-{code}", ""),
        int(version),
        take=f"take-{code}" in form,
    )

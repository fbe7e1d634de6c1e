"""Gaps that nothing serves, counted: for a course's tutors, and for an organisation."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Rating
from lti_tool.assessments.queries import states_of_people
from lti_tool.assessments.rules import State
from lti_tool.competencies.models import Competency, Domain, Instrument
from lti_tool.courses.models import Course, Membership
from lti_tool.courses.queries import PlacementView, learners_of_placement
from lti_tool.kernel.actor import Actor, Role
from lti_tool.training.offers.queries import all_offers, offers_for
from lti_tool.training.offers.rules import Gap, Offer, gaps_in, unserved

# Fewer people than this are not counted out to an organisation, and more only to the nearest
# five: nobody shall be found by comparing two numbers.
SMALLEST_COUNT = 10
ROUNDED_TO = 5


@dataclass(frozen=True, slots=True)
class Unserved:
    """A competency with people whose gap in it nothing serves; `people` None: fewer than 10."""

    domain: Domain
    competency: Competency
    people: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many people have begun (None: fewer than 10), and the gaps without training."""

    begun: int | None
    gaps: tuple[Unserved, ...]


def unserved_in_course(
    session: Session, actor: Actor, placement: PlacementView, asked: Instrument
) -> Counted:
    """Returns the gaps of a course's learners that nothing on offer there serves.

    Counts, exactly, whoever has rated at least one competency that the placement asks for.
    """
    people = learners_of_placement(session, placement)
    answers = states_of_people(session, people, [asked.id])
    scope = asked.scope(placement.set_up.domains)
    size = sum(len(domain.codes) for domain in scope)
    offers = offers_for(session, actor.organisation_id, actor.course_id)
    without = set(unserved(_possible(asked, scope), offers))
    begun, counts = 0, Counter[str]()
    for person in people:
        gaps = gaps_in(asked.id, scope, answers.get((person, asked.id), {}))
        if sum(gap.state is State.NOT_STARTED for gap in gaps) == size:
            continue
        begun += 1
        counts.update(gap.code for gap in gaps if gap in without)
    return Counted(begun, _listed(scope, counts))


def unserved_in_organisation(session: Session, actor: Actor, asked: Instrument) -> Counted:
    """Returns the same for everyone who is a learner in the organisation, in safe numbers.

    What is bound to one course does not count as serving everybody.
    """
    here = (
        select(Membership.person_id)
        .join(Course, Course.id == Membership.course_id)
        .where(
            Course.organisation_id == actor.organisation_id,
            Membership.active,
            Membership.roles.contains(Role.LEARNER.value),
        )
    )
    rated = (Rating.instrument == asked.id, Rating.state != State.NOT_STARTED.value)
    begun = session.execute(
        select(func.count(Rating.person_id.distinct())).where(Rating.person_id.in_(here), *rated)
    ).scalar_one()
    rows = session.execute(
        select(Rating.code, Rating.state, func.count())
        .where(Rating.person_id.in_(here), *rated)
        .group_by(Rating.code, Rating.state)
    )
    answers = {(code, State(state)): count for code, state, count in rows}
    offers = [one for one in all_offers(session, actor.organisation_id) if not one.hidden]
    counts = _counts(asked, offers, begun, answers)
    safe = {code: safe_count(count) for code, count in counts.items() if count}
    return Counted(safe_count(begun), _listed(asked.domains, safe))


def safe_count(count: int) -> int | None:
    """Returns a count to the nearest five, or None where it is too small to be told."""
    if count < SMALLEST_COUNT:
        return None
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def _counts(
    asked: Instrument, offers: list[Offer], begun: int, answers: dict[tuple[str, State], int]
) -> dict[str, int]:
    counts = Counter[str]()
    for gap in unserved(_possible(asked, asked.domains), offers):
        working = answers.get((gap.code, State.WORKING_TOWARDS), 0)
        achieved = answers.get((gap.code, State.ACHIEVED), 0)
        is_begun = gap.state is State.WORKING_TOWARDS
        counts[gap.code] += working if is_begun else begun - working - achieved
    return counts


def _possible(asked: Instrument, scope: Iterable[Domain]) -> list[Gap]:
    return [
        Gap(asked.id, code, state)
        for domain in scope
        for code in domain.codes
        for state in (State.NOT_STARTED, State.WORKING_TOWARDS)
    ]


def _listed(
    scope: Iterable[Domain], counts: dict[str, int | None] | Counter[str]
) -> tuple[Unserved, ...]:
    return tuple(
        Unserved(domain, competency, counts[competency.code])
        for domain in scope
        for competency in domain.competencies
        if competency.code in counts
    )

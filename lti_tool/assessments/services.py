"""Rating a competency, and what follows from it: history and scores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import (
    NOT_RATED,
    Answer,
    Progress,
    Rated,
    State,
    overall,
    progress,
    worth,
)
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instrument, instrument_for, library
from lti_tool.courses.queries import PlacementView, placements_with_instrument, subject_of
from lti_tool.courses.rules import GradeRule
from lti_tool.courses.services import lock_person
from lti_tool.grades import services as grades
from lti_tool.grades.queries import score_of
from lti_tool.grades.rules import Destination, Worth
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Wish:
    """An answer that somebody wants kept, and the version of the answer that they saw."""

    code: str
    answer: Answer
    seen_version: int


class ChangedElsewhere(Conflict):
    """The answer was changed meanwhile, in another tab or frame. Holds what is on record."""

    code = "changed-elsewhere"

    def __init__(self, rated: Rated) -> None:
        super().__init__(
            N_("This answer was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.rated = rated


def rate(
    session: Session, actor: Actor, placement: PlacementView, wish: Wish, *, delay: timedelta
) -> Rated:
    """Stores a learner's answer with its history, and records what it is worth everywhere.

    Returns the answer on record. Raises `ChangedElsewhere` when the answer that the learner
    saw is no longer the one on record and differs from the wish; `NotFound` for a competency
    outside the placement; `NotAllowed` for anyone but a learner of the course.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners rate themselves."), code="role-not-allowed")
    asked = _instrument_with(session, actor, placement, wish.code)
    lock_person(session, actor.person_id)
    row = session.execute(
        select(Rating).where(
            Rating.person_id == actor.person_id,
            Rating.instrument == asked.id,
            Rating.code == wish.code,
        )
    ).scalar_one_or_none()
    before = _rated(row) if row else NOT_RATED
    if before.answer == wish.answer:
        return before
    if before.version != wish.seen_version:
        raise ChangedElsewhere(before)
    after = _store(session, actor, placement, asked, wish, before, row.id if row else None)
    record_scores(session, actor.person_id, asked.id, delay=delay)
    return after


def record_scores(
    session: Session, person_id: int, instrument_id: str, *, delay: timedelta
) -> None:
    """Records what a person's answers are worth in every course where they are a learner."""
    ratings = ratings_of(session, person_id, instrument_id)
    for placement in placements_with_instrument(session, person_id, instrument_id):
        _record(session, person_id, placement, ratings, delay)


def refresh_score(
    session: Session, person_id: int, placement: PlacementView, *, delay: timedelta
) -> None:
    """Records what a placement is worth for a person who came to it now, or whose set-up changed.

    Somebody who has rated nothing gets no grade: a zero in the gradebook would say otherwise.
    """
    if placement.set_up.instrument not in library():
        return
    lock_person(session, person_id)
    ratings = ratings_of(session, person_id, placement.set_up.instrument)
    _record(session, person_id, placement, ratings, delay)


def progress_of(placement: PlacementView, ratings: Mapping[str, Rated]) -> Progress:
    """Returns the progress over everything that the placement asks for."""
    scope = instrument(placement.set_up.instrument).scope(placement.set_up.domains)
    return overall(progress(domain, ratings) for domain in scope)


def _record(
    session: Session,
    person_id: int,
    placement: PlacementView,
    ratings: Mapping[str, Rated],
    delay: timedelta,
) -> None:
    rule = placement.set_up.grade_rule
    if rule is GradeRule.NONE or not placement.line_item:
        return
    done = progress_of(placement, ratings)
    if done.rated == 0 and score_of(session, placement.id, person_id) is None:
        return
    subject = subject_of(session, person_id, placement.course_id)
    if subject is None:
        return
    destination = Destination(
        placement.id, person_id, placement.registration_id, placement.line_item, subject
    )
    what = Worth(worth(rule, done), _comment(done), done.is_complete)
    grades.record(session, destination, what, delay=delay)


def _comment(done: Progress) -> str:
    """The words beside the grade. They say that it is a self-assessment: it proves nothing."""
    return (
        f"Self-assessment: {done.rated} of {done.total} rated;"
        f" {done.achieved} achieved, {done.working_towards} working towards."
    )


def _instrument_with(
    session: Session, actor: Actor, placement: PlacementView, code: str
) -> Instrument:
    asked = instrument_for(session, actor.organisation_id, placement.set_up.instrument)
    in_scope: Iterable[str] = (
        known for domain in asked.scope(placement.set_up.domains) for known in domain.codes
    )
    if code not in in_scope:
        raise NotFound(N_("This activity does not ask for that competency."), code="code-unknown")
    return asked


def _rated(row: Rating) -> Rated:
    return Rated(Answer(State(row.state), row.note), row.version, row.changed_at)


def _store(
    session: Session,
    actor: Actor,
    placement: PlacementView,
    asked: Instrument,
    wish: Wish,
    before: Rated,
    rating_id: int | None,
) -> Rated:
    after = Rated(wish.answer, before.version + 1, clock.now())
    values = {
        "state": wish.answer.state.value,
        "note": wish.answer.note,
        "version": after.version,
        "changed_at": after.changed_at,
    }
    if rating_id is None:
        key = {"person_id": actor.person_id, "instrument": asked.id, "code": wish.code}
        rating_id = session.execute(
            insert(Rating).values(**key, **values).returning(Rating.id)
        ).scalar_one()
    else:
        session.execute(update(Rating).where(Rating.id == rating_id).values(**values))
    session.execute(
        insert(RatingChange).values(
            rating_id=rating_id,
            version=after.version,
            person_id=actor.person_id,
            actor_id=actor.person_id,
            placement_id=placement.id,
            instrument=asked.id,
            instrument_version=asked.version,
            code=wish.code,
            changed_at=after.changed_at,
            from_state=before.answer.state.value,
            to_state=wish.answer.state.value,
            from_note=before.answer.note,
            to_note=wish.answer.note,
        )
    )
    return after

"""Rating a competency, and what follows from it: history and scores."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import (
    NOT_RATED,
    Answer,
    Progress,
    Rated,
    overall,
    progress,
    worth,
)
from lti_tool.assessments.snapshots import take_baseline
from lti_tool.competencies.models import Instrument, Kind
from lti_tool.competencies.queries import instrument, instrument_for, library
from lti_tool.courses.queries import PlacementView, placements_with_instrument, subject_of
from lti_tool.courses.rules import GradeParts, GradeRule
from lti_tool.courses.services import lock_person
from lti_tool.grades import services as grades
from lti_tool.grades.queries import columns_by_part, score_of
from lti_tool.grades.rules import WHOLE, Destination, Worth, part_of
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
    ratings = ratings_of(session, actor.person_id, asked.id)
    before = ratings.get(wish.code, NOT_RATED)
    if before.answer == wish.answer:
        return before
    if before.version != wish.seen_version:
        raise ChangedElsewhere(before)
    # Who had answered everything before there were baselines gets one of what stood until now.
    was_complete = _keep_baseline(session, actor.person_id, placement, asked, ratings)
    after = _store(session, actor, placement, asked, wish, before)
    ratings[wish.code] = after
    if not was_complete:
        _keep_baseline(session, actor.person_id, placement, asked, ratings)
    _record_everywhere(session, actor.person_id, asked.id, ratings, delay)
    return after


def reaffirm(session: Session, actor: Actor, placement: PlacementView, code: str) -> None:
    """Notes that a learner's answer holds for a statement as it is worded now.

    The history gets an entry that changes neither state nor note; nothing happens where the
    answer names this version already. Raises `NotFound` where there is no answer yet, else as
    `rate`.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners rate themselves."), code="role-not-allowed")
    asked = _instrument_with(session, actor, placement, code)
    lock_person(session, actor.person_id)
    before = ratings_of(session, actor.person_id, asked.id).get(code)
    if before is None:
        raise NotFound(N_("You have not answered this yet."), code="answer-missing")
    if before.instrument_version != asked.version:
        _store(session, actor, placement, asked, Wish(code, before.answer, before.version), before)


def record_scores(
    session: Session, person_id: int, instrument_id: str, *, delay: timedelta
) -> None:
    """Records what a person's answers are worth in every course where they are a learner."""
    ratings = ratings_of(session, person_id, instrument_id)
    _record_everywhere(session, person_id, instrument_id, ratings, delay)


def refresh_score(
    session: Session, person_id: int, placement: PlacementView, *, delay: timedelta
) -> None:
    """Records what a placement is worth for a person who came to it now, or whose set-up changed.

    Somebody who has rated nothing gets no grade: a zero in the gradebook would say otherwise.
    """
    asked = library().get(placement.set_up.instrument)
    if asked is None or asked.kind is not Kind.SELF_ASSESSMENT:
        return  # a portfolio is worth nothing until it is submitted
    lock_person(session, person_id)
    ratings = ratings_of(session, person_id, asked.id)
    _keep_baseline(session, person_id, placement, asked, ratings)
    _record(session, person_id, placement, ratings, delay)


def progress_of(placement: PlacementView, ratings: Mapping[str, Rated]) -> Progress:
    """Returns the progress over everything that the placement asks for."""
    scope = instrument(placement.set_up.instrument).scope(placement.set_up.domains)
    return overall(progress(domain, ratings) for domain in scope)


def _keep_baseline(
    session: Session,
    person_id: int,
    placement: PlacementView,
    asked: Instrument,
    ratings: Mapping[str, Rated],
) -> bool:
    """Keeps the baseline at the first completion: once all that one placement asks is answered.

    That placement is the one where the person works, or to which they come: what it asks is
    what they set out to answer. The baseline holds every answer to the instrument, so that one
    placement for a few domains does not hide what was answered for another. Says whether the
    placement is complete.
    """
    scope = asked.scope(placement.set_up.domains)
    is_complete = overall(progress(domain, ratings) for domain in scope).is_complete
    if is_complete:
        newest = max(ratings.values(), key=_when)
        take_baseline(session, person_id, placement, newest.instrument_version)
    return is_complete


def _when(rated: Rated) -> float:
    return rated.changed_at.timestamp() if rated.changed_at else 0.0


def _record_everywhere(
    session: Session,
    person_id: int,
    instrument_id: str,
    ratings: Mapping[str, Rated],
    delay: timedelta,
) -> None:
    for placement in placements_with_instrument(session, person_id, instrument_id):
        _record(session, person_id, placement, ratings, delay)


def _record(
    session: Session,
    person_id: int,
    placement: PlacementView,
    ratings: Mapping[str, Rated],
    delay: timedelta,
) -> None:
    """Records the grade of the whole, or that of each domain which has a column."""
    rule = placement.set_up.grade_rule
    if rule is GradeRule.NONE:
        return
    subject = ""
    for part, line_item, done in _graded_parts(session, placement, ratings):
        if done.rated == 0 and score_of(session, placement.id, person_id, part) is None:
            continue
        subject = subject or subject_of(session, person_id, placement.course_id) or ""
        if not subject:
            return
        destination = Destination(
            placement.id, person_id, placement.registration_id, line_item, subject, part
        )
        what = Worth(worth(rule, done), _comment(done), done.is_complete)
        grades.record(session, destination, what, delay=delay)


def _graded_parts(
    session: Session, placement: PlacementView, ratings: Mapping[str, Rated]
) -> list[tuple[str, str, Progress]]:
    """Returns each part that has a column: its name, the column, and how far the person is."""
    if placement.grade_parts is GradeParts.WHOLE:
        if not placement.line_item:
            return []
        return [(WHOLE, placement.line_item, progress_of(placement, ratings))]
    columns = columns_by_part(session, placement.id)
    scope = instrument(placement.set_up.instrument).scope(placement.set_up.domains)
    parts = ((part_of(domain.number), domain) for domain in scope)
    return [
        (part, columns[part], progress(domain, ratings))
        for part, domain in parts
        if columns.get(part)
    ]


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


def _store(
    session: Session,
    actor: Actor,
    placement: PlacementView,
    asked: Instrument,
    wish: Wish,
    before: Rated,
) -> Rated:
    after = Rated(wish.answer, before.version + 1, clock.now(), asked.version)
    key = {"person_id": actor.person_id, "instrument": asked.id, "code": wish.code}
    values = {
        "instrument_version": asked.version,
        "state": wish.answer.state.value,
        "note": wish.answer.note,
        "version": after.version,
        "changed_at": after.changed_at,
    }
    statement = (
        update(Rating).filter_by(**key).values(**values)
        if before.version
        else insert(Rating).values(**key, **values)
    )
    rating_id = session.execute(statement.returning(Rating.id)).scalar_one()
    session.execute(
        insert(RatingChange).values(
            **key,
            rating_id=rating_id,
            version=after.version,
            actor_id=actor.person_id,
            placement_id=placement.id,
            instrument_version=asked.version,
            changed_at=after.changed_at,
            from_state=before.answer.state.value,
            to_state=wish.answer.state.value,
            from_note=before.answer.note,
            to_note=wish.answer.note,
        )
    )
    return after

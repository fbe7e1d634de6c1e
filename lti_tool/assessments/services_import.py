"""Taking in answers that were given in another installation, and the history of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.assessments.models_import import ImportedChange
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import NOT_RATED, Answer, Rated
from lti_tool.assessments.services import record_scores
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_

_IMPORTED = table_of(ImportedChange)
_ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class BroughtAnswer:
    """An answer from elsewhere: which edition it answers, and when it was given there."""

    code: str
    answer: Answer
    instrument_version: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class BroughtChange:
    """One change of an answer that was made elsewhere, with the place that it was made in."""

    origin: str
    origin_person: str
    instrument: str
    instrument_version: str
    code: str
    version: int
    changed_at: datetime
    by_oneself: bool
    before: Answer
    after: Answer


def take_answers(
    session: Session,
    actor: Actor,
    place: PlacementView,
    instrument: str,
    answers: Iterable[BroughtAnswer],
    *,
    origin: str,
    delay: timedelta,
) -> int:
    """Takes answers over, and records what they are worth; returns how many were taken.

    An answer here that is the same, or that was given later, stays: nothing newer is ever
    overwritten. The change is noted as made now, with its origin; the rating keeps the time
    at which its owner gave it. The caller has seen that the instrument has these codes.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners rate themselves."), code="role-not-allowed")
    lock_person(session, actor.person_id)
    ratings = ratings_of(session, actor.person_id, instrument)
    taken = 0
    for brought in answers:
        before = ratings.get(brought.code, NOT_RATED)
        if before.answer == brought.answer or not _is_older(before, brought.changed_at):
            continue
        _store(session, actor, place, instrument, brought, before, origin)
        taken += 1
    if taken:
        record_scores(session, actor.person_id, instrument, delay=delay)
    return taken


def keep_changes(session: Session, person_id: int, changes: Iterable[BroughtChange]) -> int:
    """Keeps changes that were made elsewhere as they were made; returns how many were new.

    They stand beside the history of this installation, each with its own time, version and
    words. A change that is here already stays as it is.
    """
    now = clock.now()
    rows = [
        {
            "person_id": person_id,
            "origin": one.origin,
            "origin_person": one.origin_person,
            "imported_at": now,
            "instrument": one.instrument,
            "instrument_version": one.instrument_version,
            "code": one.code,
            "version": one.version,
            "changed_at": one.changed_at,
            "by_oneself": one.by_oneself,
            "from_state": one.before.state.value,
            "to_state": one.after.state.value,
            "from_note": one.before.note,
            "to_note": one.after.note,
        }
        for one in changes
    ]
    added = 0
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        statement = insert_into(session, _IMPORTED).values(rows[first : first + _ROWS_AT_ONCE])
        keys = ["person_id", "origin_person", "instrument", "code", "version"]
        statement = statement.on_conflict_do_nothing(index_elements=keys)
        added += len(session.execute(statement.returning(_IMPORTED.c.id)).all())
    return added


def _is_older(rated: Rated, moment: datetime) -> bool:
    return rated.changed_at is None or rated.changed_at < moment


def _store(
    session: Session,
    actor: Actor,
    place: PlacementView,
    instrument: str,
    brought: BroughtAnswer,
    before: Rated,
    origin: str,
) -> None:
    key = {"person_id": actor.person_id, "instrument": instrument, "code": brought.code}
    values = {
        "instrument_version": brought.instrument_version,
        "state": brought.answer.state.value,
        "note": brought.answer.note,
        "version": before.version + 1,
        "changed_at": brought.changed_at,
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
            version=before.version + 1,
            actor_id=actor.person_id,
            placement_id=place.id,
            instrument_version=brought.instrument_version,
            changed_at=clock.now(),
            from_state=before.answer.state.value,
            to_state=brought.answer.state.value,
            from_note=before.answer.note,
            to_note=brought.answer.note,
            origin=origin,
        )
    )

"""Reading of ratings: one statement for a person, one for a whole course."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Rating, RatingChange
from lti_tool.assessments.models_import import ImportedChange
from lti_tool.assessments.rules import Answer, Rated, State


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a person's history; `origin` is the installation that it came from, if any."""

    code: str
    changed_at: datetime
    before: Answer
    after: Answer
    by_oneself: bool
    origin: str | None = None


def ratings_of(session: Session, person_id: int, instrument: str) -> dict[str, Rated]:
    """Returns a person's answers to an instrument by code; what is missing was not started."""
    rows = session.execute(
        select(
            Rating.code,
            Rating.state,
            Rating.note,
            Rating.version,
            Rating.changed_at,
            Rating.instrument_version,
        ).where(Rating.person_id == person_id, Rating.instrument == instrument)
    )
    return {
        row.code: Rated(
            Answer(State(row.state), row.note), row.version, row.changed_at, row.instrument_version
        )
        for row in rows
    }


def states_of_people(
    session: Session, person_ids: Collection[int], instruments: Collection[str]
) -> Mapping[tuple[int, str], dict[str, Rated]]:
    """Returns many people's answers by (person, instrument), without notes, in one statement."""
    rows = session.execute(
        select(
            Rating.person_id,
            Rating.instrument,
            Rating.code,
            Rating.state,
            Rating.version,
            Rating.changed_at,
        ).where(Rating.person_id.in_(person_ids), Rating.instrument.in_(instruments))
    )
    found: dict[tuple[int, str], dict[str, Rated]] = defaultdict(dict)
    for row in rows:
        rated = Rated(Answer(State(row.state)), row.version, row.changed_at)
        found[row.person_id, row.instrument][row.code] = rated
    return found


def answers_seen(
    session: Session, person_id: int, instrument: str, versions: Mapping[str, int]
) -> dict[str, Answer]:
    """Returns the answers that stood at these versions, by code; version 0 has none."""
    rows = session.execute(
        select(
            RatingChange.code, RatingChange.version, RatingChange.to_state, RatingChange.to_note
        ).where(
            RatingChange.person_id == person_id,
            RatingChange.instrument == instrument,
            tuple_(RatingChange.code, RatingChange.version).in_(list(versions.items())),
        )
    )
    return {row.code: Answer(State(row.to_state), row.to_note) for row in rows}


def history(
    session: Session,
    person_id: int,
    instrument: str,
    *,
    limit: int,
    before: int | None = None,
    codes: Collection[str] | None = None,
) -> tuple[list[Change], int | None]:
    """Returns a page of a person's changes, newest first, and where the next page begins.

    `codes` keeps to these competencies, as for a tutor whose placement asks for some only.
    """
    wanted = select(RatingChange).where(
        RatingChange.person_id == person_id, RatingChange.instrument == instrument
    )
    if codes is not None:
        wanted = wanted.where(RatingChange.code.in_(codes))
    if before is not None:
        wanted = wanted.where(RatingChange.id < before)
    rows = session.execute(wanted.order_by(RatingChange.id.desc()).limit(limit + 1)).scalars().all()
    shown = rows[:limit]
    changes = [
        Change(
            row.code,
            row.changed_at,
            Answer(State(row.from_state), row.from_note),
            Answer(State(row.to_state), row.to_note),
            row.actor_id == row.person_id,
            row.origin,
        )
        for row in shown
    ]
    return changes, shown[-1].id if len(rows) > limit else None


def history_elsewhere(
    session: Session, person_id: int, instrument: str, *, limit: int
) -> list[Change]:
    """Returns the newest changes that were made in other installations and brought here."""
    rows = session.execute(
        select(ImportedChange)
        .where(ImportedChange.person_id == person_id, ImportedChange.instrument == instrument)
        .order_by(ImportedChange.changed_at.desc(), ImportedChange.id.desc())
        .limit(limit)
    ).scalars()
    return [
        Change(
            row.code,
            row.changed_at,
            Answer(State(row.from_state), row.from_note),
            Answer(State(row.to_state), row.to_note),
            row.by_oneself,
            row.origin,
        )
        for row in rows
    ]

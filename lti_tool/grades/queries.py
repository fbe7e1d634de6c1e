"""Reading of scores and of how their delivery stands."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.grades.models import PlacementLineItem, Score
from lti_tool.grades.rules import WHOLE, DeliveryState, ScoreRow


def scores_of_placements(session: Session, placement_ids: Collection[int]) -> list[ScoreRow]:
    """Returns every score of the placements, in one statement."""
    return _rows(session, select(Score).where(Score.placement_id.in_(placement_ids)))


def score_of(
    session: Session, placement_id: int, person_id: int, part: str = WHOLE
) -> ScoreRow | None:
    """Returns a person's score for a part of a placement, or None when nothing was recorded yet."""
    wanted = select(Score).where(Score.placement_id == placement_id, Score.person_id == person_id)
    return next(iter(_rows(session, wanted.where(Score.part == part))), None)


def scores_of_person(session: Session, placement_id: int, person_id: int) -> list[ScoreRow]:
    """Returns a person's scores for a placement: of the whole, and of its domains."""
    wanted = select(Score).where(Score.placement_id == placement_id, Score.person_id == person_id)
    return _rows(session, wanted)


def overridden_scores(session: Session, placement_id: int, person_id: int) -> list[ScoreRow]:
    """Returns a person's scores in whose place a tutor's own grade stands in the gradebook."""
    wanted = select(Score).where(
        Score.placement_id == placement_id,
        Score.person_id == person_id,
        Score.state == DeliveryState.OVERRIDDEN.value,
    )
    return _rows(session, wanted)


def columns_by_part(session: Session, placement_id: int) -> dict[str, str]:
    """Returns the address of each column that a part of the placement has, by part."""
    rows = session.execute(
        select(PlacementLineItem.part, PlacementLineItem.url).where(
            PlacementLineItem.placement_id == placement_id, PlacementLineItem.url != ""
        )
    )
    return {row.part: row.url for row in rows}


def undelivered(session: Session) -> list[ScoreRow]:
    """Returns every score that the LMS does not have, oldest first. For the operator.

    Where a tutor's own grade stands instead, nothing is waiting.
    """
    settled = (DeliveryState.DELIVERED.value, DeliveryState.OVERRIDDEN.value)
    wanted = select(Score).where(Score.state.not_in(settled))
    return _rows(session, wanted.order_by(Score.recorded_at))


def _rows(session: Session, wanted: object) -> list[ScoreRow]:
    return [
        ScoreRow(
            row.id,
            row.placement_id,
            row.person_id,
            row.registration_id,
            row.value,
            DeliveryState(row.state),
            row.reason,
            row.recorded_at,
            row.delivered_at,
            row.part,
            row.overridden_value,
            row.overridden_maximum,
            row.overridden_at,
        )
        for row in session.execute(wanted).scalars()  # type: ignore[call-overload]
    ]

"""Reading of scores and of how their delivery stands."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.grades.models import Score
from lti_tool.grades.rules import DeliveryState, ScoreRow


def scores_of_placements(session: Session, placement_ids: Collection[int]) -> list[ScoreRow]:
    """Returns every score of the placements, in one statement."""
    return _rows(session, select(Score).where(Score.placement_id.in_(placement_ids)))


def score_of(session: Session, placement_id: int, person_id: int) -> ScoreRow | None:
    """Returns a person's score for a placement, or None when nothing was recorded yet."""
    wanted = select(Score).where(Score.placement_id == placement_id, Score.person_id == person_id)
    return next(iter(_rows(session, wanted)), None)


def undelivered(session: Session) -> list[ScoreRow]:
    """Returns every score that the LMS does not have, oldest first. For the operator."""
    wanted = select(Score).where(Score.state != DeliveryState.DELIVERED.value)
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
        )
        for row in session.execute(wanted).scalars()  # type: ignore[call-overload]
    ]

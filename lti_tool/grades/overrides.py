"""What a tutor wrote into the gradebook, and cells that are found wanting."""

from datetime import timedelta

from sqlalchemy import false, null, select, update
from sqlalchemy.orm import Session

from lti_tool.grades.comparing import Cell
from lti_tool.grades.models import Score
from lti_tool.grades.rules import TOPIC, DeliveryState, next_stamp
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.outbox import services as outbox


def mark_overridden(
    session: Session, score_id: int, version: int, cell: Cell, *, reason: str = ""
) -> None:
    """Notes that a person's grade stands in the gradebook; ours waits until it does no more.

    A newer version, recorded meanwhile, is looked at for itself. One statement, as
    `mark_delivered` says why.
    """
    session.execute(
        update(Score)
        .where(Score.id == score_id, Score.version == version)
        .values(
            state=DeliveryState.OVERRIDDEN.value,
            reason=reason,
            overridden_value=cell.value,
            overridden_maximum=cell.maximum,
            overridden_at=cell.at or clock.now(),
            mended_at=null(),
            insists=false(),
        )
    )


def mend(session: Session, score_id: int, version: int, *, delay: timedelta) -> bool:
    """Sends a score once more, with a newer timestamp: the gradebook has lost it.

    Also when an override is gone. Says whether it does: news that came meanwhile goes by itself.
    """
    row = session.execute(
        select(Score).where(Score.id == score_id, Score.version == version).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        return False
    row.mended_at = clock.now()
    _send_again(session, row, delay)
    return True


def mark_agreeing(session: Session, score_id: int, version: int) -> None:
    """Notes that the gradebook shows this version after all: an override is gone."""
    session.execute(
        update(Score)
        .where(Score.id == score_id, Score.version == version)
        .values(
            state=DeliveryState.DELIVERED.value,
            reason="",
            delivered_version=version,
            delivered_value=Score.value,
            delivered_comment=Score.comment,
            announced_at=Score.submitted_at,
            delivered_at=clock.now(),
            overridden_value=null(),
            overridden_maximum=null(),
            overridden_at=null(),
        )
    )


def insist(session: Session, placement_ids: set[int], score_id: int) -> None:
    """Sends ours over what was entered in the gradebook, because a tutor asks for it.

    Raises `NotFound` outside the placements that the actor may see. Nothing happens where no
    override stands any more, nor where we have no grade yet to put in its place.
    """
    row = session.execute(
        select(Score)
        .where(Score.id == score_id, Score.placement_id.in_(placement_ids))
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(N_("There is no such grade in your course."), code="score-unknown")
    if row.state != DeliveryState.OVERRIDDEN or row.value is None:
        return
    row.insists = True
    _send_again(session, row, timedelta(0))
    outbox.hurry(session, TOPIC, [str(row.id)])


def insist_all(session: Session, placement_id: int, part: str) -> None:
    """Sends every grade of a column again: what it is out of has changed.

    Where a tutor's own grade stands, it goes on standing.
    """
    rows = session.execute(
        select(Score)
        .where(
            Score.placement_id == placement_id,
            Score.part == part,
            Score.state == DeliveryState.DELIVERED.value,
            Score.value.is_not(None),
        )
        .with_for_update()
    ).scalars()
    for row in rows:
        row.insists = True
        _send_again(session, row, timedelta(0))


def _send_again(session: Session, row: Score, delay: timedelta) -> None:
    newest = max(moment for moment in (row.stamp, row.sent_stamp) if moment)
    row.version += 1
    row.state = DeliveryState.WAITING.value
    row.reason = ""
    # Later than an override too: some LMSs keep its moment as the cell's.
    row.stamp = max(next_stamp(clock.now(), newest), next_stamp(clock.now(), row.overridden_at))
    session.flush()
    lane = f"registration:{row.registration_id}"
    outbox.put(session, TOPIC, str(row.id), lane=lane, delay=delay)

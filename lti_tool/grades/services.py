"""Recording scores, and noting what became of their delivery."""

from datetime import datetime, timedelta

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from lti_tool.grades.models import Score
from lti_tool.grades.rules import (
    TOPIC,
    Delivery,
    DeliveryState,
    Destination,
    Worth,
    next_stamp,
)
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.outbox import services as outbox


def record(session: Session, destination: Destination, worth: Worth, *, delay: timedelta) -> None:
    """Stores what a placement is worth for a person, and tells the outbox, in one transaction.

    Nothing happens when the same is on record already, unless it goes to another place now.
    The caller holds the person's lock, so that two requests of one person come in turn.
    """
    row = session.execute(
        select(Score)
        .where(
            Score.placement_id == destination.placement_id,
            Score.person_id == destination.person_id,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        row = Score(
            placement_id=destination.placement_id,
            person_id=destination.person_id,
            version=0,
            delivered_version=0,
        )
        session.add(row)
    elif _is_same(row, destination, worth):
        return
    _change(row, destination, worth)
    session.flush()
    outbox.put(session, TOPIC, str(row.id), lane=_lane(destination), delay=delay)


def begin_delivery(session: Session, score_id: int) -> Delivery | None:
    """Returns what to deliver, noting that its timestamp may reach the LMS from now on.

    None when there is nothing to deliver any more: the row is gone, or delivered already.
    """
    row = session.execute(
        select(Score)
        .where(Score.id == score_id, Score.delivered_version < Score.version)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        return None
    may_have_arrived = row.sent_stamp == row.stamp or (
        row.sent_stamp is not None and row.delivered_version == 0
    )
    row.sent_stamp = row.stamp
    session.flush()
    return Delivery(
        score_id=row.id,
        version=row.version,
        destination=Destination(
            row.placement_id, row.person_id, row.registration_id, row.line_item, row.subject
        ),
        worth=Worth(row.value, row.comment, row.is_complete),
        stamp=row.stamp,
        recorded_at=row.recorded_at,
        is_regrade=row.delivered_version > 0,
        may_have_arrived=may_have_arrived,
    )


def mark_delivered(session: Session, score_id: int, version: int) -> None:
    """Notes that the LMS has this version; a newer one, recorded meanwhile, keeps waiting.

    One statement: a second change of a row in one transaction makes PostgreSQL look at its keys
    again, and so wait for the person's lock while it holds the score that the person waits for.
    """
    is_newest = Score.version == version
    session.execute(
        update(Score)
        .where(Score.id == score_id)
        .values(
            delivered_version=version,
            delivered_at=clock.now(),
            reason="",
            state=case((is_newest, DeliveryState.DELIVERED.value), else_=Score.state),
        )
    )


def mark_retrying(session: Session, score_id: int, version: int, reason: str) -> None:
    """Notes why the LMS does not have it yet."""
    session.execute(
        update(Score)
        .where(Score.id == score_id, Score.version == version)
        .values(state=DeliveryState.RETRYING.value, reason=reason[:60])
    )


def mark_failed(session: Session, score_id: int, version: int, reason: str) -> None:
    """Notes that trying again will not help until somebody changes something."""
    session.execute(
        update(Score)
        .where(Score.id == score_id, Score.version == version)
        .values(state=DeliveryState.FAILED.value, reason=reason[:60])
    )


def restamp(session: Session, score_id: int, stored: datetime | None) -> None:
    """Gives the row a later timestamp than the one it was sent with, and than the LMS's own.

    It notes that the score is sent again, too: in one statement, as `mark_delivered` says why.
    """
    row = session.get_one(Score, score_id, with_for_update=True)
    newest = max(moment for moment in (row.stamp, row.sent_stamp, stored) if moment)
    row.stamp = next_stamp(clock.now(), newest)
    row.state = DeliveryState.RETRYING.value
    row.reason = "stale"
    session.flush()


def retry(session: Session, score_ids: list[int]) -> int:
    """Sends these scores again, at once; returns how many there are. For tutors and operators."""
    rows = session.execute(select(Score).where(Score.id.in_(score_ids))).scalars().all()
    for row in rows:
        if row.state == DeliveryState.DELIVERED:
            continue
        row.state = DeliveryState.WAITING.value
        row.reason = ""
        row.stamp = next_stamp(clock.now(), row.sent_stamp)
        lane = f"registration:{row.registration_id}"
        outbox.put(session, TOPIC, str(row.id), lane=lane, delay=timedelta(0))
    session.flush()
    outbox.hurry(session, TOPIC, [str(row.id) for row in rows])
    return len(rows)


def retry_one(session: Session, placement_ids: set[int], score_id: int) -> None:
    """Sends one score again; raises `NotFound` outside the placements that the actor may see."""
    found = session.execute(
        select(Score.id).where(Score.id == score_id, Score.placement_id.in_(placement_ids))
    ).first()
    if found is None:
        raise NotFound(N_("There is no such grade in your course."), code="score-unknown")
    retry(session, [score_id])


def _lane(destination: Destination) -> str:
    return f"registration:{destination.registration_id}"


def _is_same(row: Score, destination: Destination, worth: Worth) -> bool:
    return (row.value, row.comment, row.is_complete, row.line_item, row.subject) == (
        worth.value,
        worth.comment,
        worth.is_complete,
        destination.line_item,
        destination.subject,
    )


def _change(row: Score, destination: Destination, worth: Worth) -> None:
    now = clock.now()
    row.line_item = destination.line_item
    row.subject = destination.subject
    row.registration_id = destination.registration_id
    row.value = worth.value
    row.comment = worth.comment
    row.is_complete = worth.is_complete
    row.version += 1
    row.state = DeliveryState.WAITING.value
    row.reason = ""
    row.stamp = next_stamp(now, row.sent_stamp)
    row.recorded_at = now

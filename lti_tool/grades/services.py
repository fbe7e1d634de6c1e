"""Recording scores, and noting what became of their delivery."""

from datetime import datetime, timedelta

from sqlalchemy import case, false, null, select, update
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

    Nothing happens when the same is on record already, unless it goes to another place now. A
    grade is never taken back to say that something was handed in: most LMSs would erase it.
    While a tutor's own grade stands in the gradebook, what is recorded waits for its removal.
    The caller holds the person's lock, so that two requests of one person come in turn.
    """
    row = session.execute(
        select(Score)
        .where(
            Score.placement_id == destination.placement_id,
            Score.person_id == destination.person_id,
            Score.part == destination.part,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        row = Score(
            placement_id=destination.placement_id,
            person_id=destination.person_id,
            part=destination.part,
            version=0,
            delivered_version=0,
            sent_values=[],
        )
        session.add(row)
    else:
        if worth.is_pending and row.value is not None:
            worth = _worth_of(row)
        if _is_same(row, destination, worth):
            return
    _change(row, destination, worth)
    session.flush()
    if row.state != DeliveryState.OVERRIDDEN:
        outbox.put(session, TOPIC, str(row.id), lane=_lane(destination), delay=delay)


def begin_delivery(session: Session, score_id: int) -> Delivery | None:
    """Returns what to deliver, noting that its timestamp may reach the LMS from now on.

    None when there is nothing to deliver any more: the row is gone, or delivered already.
    """
    row = session.execute(
        select(Score)
        .where(
            Score.id == score_id,
            Score.delivered_version < Score.version,
            Score.state != DeliveryState.OVERRIDDEN.value,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        return None
    may_have_arrived = row.sent_stamp == row.stamp or (
        row.sent_stamp is not None and row.delivered_version == 0
    )
    sent_before = tuple(row.sent_values)
    row.sent_stamp = row.stamp
    if row.value not in sent_before:
        row.sent_values = [*sent_before, row.value]
    session.flush()
    return Delivery(
        score_id=row.id,
        version=row.version,
        destination=Destination(
            row.placement_id,
            row.person_id,
            row.registration_id,
            row.line_item,
            row.subject,
            row.part,
        ),
        worth=_worth_of(row),
        stamp=row.stamp,
        recorded_at=row.recorded_at,
        is_regrade=row.delivered_version > 0,
        may_have_arrived=may_have_arrived,
        sent_values=(
            sent_before if row.delivered_value is None else (*sent_before, row.delivered_value)
        ),
        delivered_comment=row.delivered_comment,
        is_mend=row.mended_at is not None,
        insists=row.insists,
        is_new_attempt=row.submitted_at is not None and row.submitted_at != row.announced_at,
        follows_pending=row.delivered_value is None and None in sent_before,
    )


def mark_delivered(
    session: Session, score_id: int, version: int, worth: Worth | None = None
) -> None:
    """Notes that the LMS has this version; a newer one, recorded meanwhile, keeps waiting.

    `worth` is what that version said, where the row may say something newer.

    One statement: a second change of a row in one transaction makes PostgreSQL look at its keys
    again, and so wait for the person's lock while it holds the score that the person waits for.
    """
    is_newest = Score.version == version
    none = null()
    said = _said(worth) if worth else {}
    session.execute(
        update(Score)
        .where(Score.id == score_id)
        .values(
            delivered_version=version,
            delivered_at=clock.now(),
            reason="",
            state=case((is_newest, DeliveryState.DELIVERED.value), else_=Score.state),
            overridden_value=case((is_newest, none), else_=Score.overridden_value),
            overridden_maximum=case((is_newest, none), else_=Score.overridden_maximum),
            overridden_at=case((is_newest, none), else_=Score.overridden_at),
            mended_at=case((is_newest, none), else_=Score.mended_at),
            insists=case((is_newest, false()), else_=Score.insists),
            **said,
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
        if row.state in (DeliveryState.DELIVERED, DeliveryState.OVERRIDDEN):
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


def _worth_of(row: Score) -> Worth:
    return Worth(row.value, row.comment, row.is_complete, row.submitted_at)


def _said(worth: Worth) -> dict[str, object]:
    return {
        "delivered_value": null() if worth.value is None else worth.value,
        "delivered_comment": worth.comment,
        "announced_at": null() if worth.submitted_at is None else worth.submitted_at,
    }


def _is_same(row: Score, destination: Destination, worth: Worth) -> bool:
    is_there = (row.line_item, row.subject) == (destination.line_item, destination.subject)
    return is_there and _worth_of(row) == worth


def _change(row: Score, destination: Destination, worth: Worth) -> None:
    now = clock.now()
    if (row.line_item, row.subject) != (destination.line_item, destination.subject):
        _begin_cell(row)
    row.line_item = destination.line_item
    row.subject = destination.subject
    row.registration_id = destination.registration_id
    row.value = worth.value
    row.comment = worth.comment
    row.is_complete = worth.is_complete
    row.submitted_at = worth.submitted_at
    row.version += 1
    if row.state != DeliveryState.OVERRIDDEN:
        row.state = DeliveryState.WAITING.value
        row.reason = ""
    row.stamp = next_stamp(now, row.sent_stamp)
    row.recorded_at = now


def _begin_cell(row: Score) -> None:
    """Forgets what another cell was sent, and what stands there."""
    row.state = DeliveryState.WAITING.value
    row.sent_values = []
    row.delivered_value = row.delivered_comment = row.announced_at = None
    row.overridden_value = row.overridden_maximum = row.overridden_at = row.mended_at = None
    row.insists = False

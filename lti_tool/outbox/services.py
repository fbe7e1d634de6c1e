"""Putting messages in, taking them with a lease, and settling them."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.secrets import new_public_id
from lti_tool.outbox.models import Message
from lti_tool.outbox.rules import LONGEST_WAIT, Lease, Retry, backoff


def put(session: Session, topic: str, key: str, *, lane: str, delay: timedelta) -> None:
    """Adds a message, or tells the one that is there that there is news.

    News does not make a waiting message wait anew, so rapid changes go out as one; nor does it
    hurry one that backs off from an LMS that is down.
    """
    now = clock.now()
    values = {
        "topic": topic,
        "key": key,
        "lane": lane,
        "generation": 1,
        "attempts": 0,
        "created_at": now,
        "available_at": now + delay,
        "wait_seconds": delay.total_seconds(),
        "lease": "",
        "leased_until": None,
        "last_error": "",
    }
    session.execute(
        insert_into(session, Message)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["topic", "key"], set_={"generation": Message.generation + 1}
        )
    )


def take(session: Session, *, limit: int, lease_for: timedelta) -> list[Lease]:
    """Leases up to `limit` due messages to the caller; two callers never get the same one."""
    now = clock.now()
    due = select(Message.id).where(_is_due(now), _is_free(now, lease_for))
    due = due.order_by(Message.available_at).limit(limit)
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    token = new_public_id()
    rows = session.execute(
        update(Message)
        .where(Message.id.in_(due.scalar_subquery()))
        .values(lease=token, leased_until=now + lease_for, attempts=Message.attempts + 1)
        .returning(
            Message.id,
            Message.topic,
            Message.key,
            Message.lane,
            Message.generation,
            Message.attempts,
        ),
        execution_options={"synchronize_session": False},
    )
    return [
        Lease(row.id, row.topic, row.key, row.lane, row.generation, row.attempts, token)
        for row in rows
    ]


def holds(session: Session, lease: Lease) -> bool:
    """Says whether the message is the caller's still, and keeps it so until the commit."""
    held = session.execute(
        update(Message)
        .where(Message.id == lease.message_id, Message.lease == lease.token)
        .values(lease=lease.token)  # changes nothing; locks the row until the commit
    )
    return bool(held.rowcount)  # type: ignore[attr-defined]


def complete(session: Session, lease: Lease) -> bool:
    """Removes the message, or frees it for another round when there was news meanwhile.

    Returns False when the lease had ended and somebody else holds the message now: then the
    caller's own changes must not be committed either.
    """
    if not holds(session, lease):
        return False
    done = session.execute(
        delete(Message).where(
            Message.id == lease.message_id, Message.generation == lease.generation
        )
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        _free(session, lease, clock.now(), timedelta(0), attempts=0, error="")
    if lease.attempts > 1:
        _wake_lane(session, lease.lane)
    return True


def give_back(session: Session, lease: Lease, retry: Retry) -> bool:
    """Lets the message wait for its next try; a whole lane waits where the LMS asked for it."""
    if not holds(session, lease):
        return False
    wait = backoff(lease.attempts - 1, asked=retry.after)
    until = clock.now() + wait
    _free(session, lease, until, wait, attempts=lease.attempts, error=retry.reason[:200])
    if retry.after:
        _pause(session, lease, min(retry.after, LONGEST_WAIT), whole_lane=retry.whole_lane)
    return True


def renew(session: Session, tokens: list[str], *, lease_for: timedelta) -> None:
    """Prolongs the leases of a worker that is still at work on them."""
    session.execute(
        update(Message)
        .where(Message.lease.in_(tokens))
        .values(leased_until=clock.now() + lease_for)
    )


def anything_due(session: Session, *, lease_for: timedelta) -> bool:
    """Says whether `take` would find something, without writing."""
    now = clock.now()
    wanted = select(Message.id).where(_is_due(now), _is_free(now, lease_for)).limit(1)
    return session.execute(wanted).first() is not None


def hurry(session: Session, topic: str, keys: list[str]) -> None:
    """Makes waiting messages due at once, as when a person asks to try again."""
    session.execute(
        update(Message)
        .where(Message.topic == topic, Message.key.in_(keys), Message.lease == "")
        .values(available_at=clock.now(), wait_seconds=0.0)
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    """Due, or told to wait from a time that lies ahead: then the clock was set back."""
    waited_out = Message.available_at <= now
    ahead = or_(
        *(
            (Message.wait_seconds < bound) & (Message.available_at > now + timedelta(seconds=bound))
            for bound in (10, 120, 1800, 4 * 3600 + 1)
        )
    )
    return or_(waited_out, ahead)


def _is_free(now: datetime, lease_for: timedelta) -> ColumnElement[bool]:
    """Free, or its lease is over, or ends later than any lease could: the clock was set back.

    Twice the length, since another worker's clock, or a moment spent waiting for a lock, may
    make an honest lease end a little later than ours would.
    """
    return or_(
        Message.lease == "",
        Message.leased_until <= now,
        Message.leased_until > now + 2 * lease_for,
    )


def _free(
    session: Session, lease: Lease, until: datetime, wait: timedelta, *, attempts: int, error: str
) -> None:
    session.execute(
        update(Message)
        .where(Message.id == lease.message_id, Message.lease == lease.token)
        .values(
            lease="",
            leased_until=None,
            attempts=attempts,
            available_at=until,
            wait_seconds=wait.total_seconds(),
            last_error=error,
        )
    )


def _pause(session: Session, lease: Lease, asked: timedelta, *, whole_lane: bool) -> None:
    """Keeps what the LMS asked for, however long this message backs off by itself."""
    until = clock.now() + asked
    mine = Message.id == lease.message_id
    those = update(Message).where(Message.lane == lease.lane if whole_lane else mine)
    those = those.where(Message.lease == "")
    session.execute(those.values(leased_until=until))
    session.execute(
        those.where(Message.available_at < until).values(
            available_at=until, wait_seconds=asked.total_seconds()
        )
    )


def _wake_lane(session: Session, lane: str) -> None:
    """A repeated try went through: what backed off from the same LMS need not wait longer.

    What the LMS asked for holds all the same: calls that it let in before may end after.
    """
    now = clock.now()
    session.execute(
        update(Message)
        .where(
            Message.lane == lane,
            Message.lease == "",
            Message.attempts > 0,
            Message.available_at > now,
            or_(Message.leased_until.is_(None), Message.leased_until <= now),
        )
        .values(available_at=now, wait_seconds=0.0)
    )

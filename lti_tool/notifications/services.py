"""Telling people what happened, in the transaction in which it happens."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.notifications.models import MailWish, Notification
from lti_tool.notifications.queries import mailed_people, notice_of
from lti_tool.notifications.rules import (
    KEPT_AFTER_READING,
    LASTING,
    LASTING_KEPT_FOR,
    MAIL,
    PURGED_AT_ONCE,
    Telling,
    lane_of,
)
from lti_tool.outbox.services import put

_NOTIFICATIONS = table_of(Notification)
_WISHES = table_of(MailWish)


def tell(session: Session, tellings: Iterable[Telling]) -> None:
    """Stores what people are told, each once. The rows commit with the change that they tell of.

    Who is told by e-mail, too, gets it from the worker: a message is put with the row.
    """
    added = [(one, _add(session, one)) for one in tellings]
    new = [(one, number) for one, number in added if number is not None]
    if not new:
        return
    mailed = mailed_people(session, {one.person_id for one, _ in new})
    for one, number in new:
        if one.person_id in mailed:
            lane = lane_of(one.organisation_id)
            put(session, MAIL, str(number), lane=lane, delay=timedelta(0))


def mark_read(session: Session, actor: Actor, public_id: str) -> None:
    """Notes that the actor read a notification; raises `NotFound` for any but their own."""
    _read(session, actor, notice_of(session, actor, public_id).id, only_this=True)


def mark_all_read(session: Session, actor: Actor, newest: str) -> None:
    """Notes that the actor read everything up to the one that was newest on their page.

    What came meanwhile stays unread. Raises `NotFound` where that is none of theirs.
    """
    _read(session, actor, notice_of(session, actor, newest).id, only_this=False)


def wish_mail(session: Session, actor: Actor, *, wanted: bool) -> None:
    """Stores whether the actor wants e-mail."""
    values = {"wanted": wanted, "changed_at": clock.now()}
    session.execute(
        insert_into(session, _WISHES)
        .values(person_id=actor.person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )


def purge_notices(session: Session) -> int:
    """Removes what was read long ago, some at a time; returns how many. For a worker's round.

    What tells that a thing was told goes with it, so what a round would tell anew stays longer.
    """
    now, one = clock.now(), _NOTIFICATIONS.c
    old = (
        select(one.id)
        .where(
            one.read_at <= now - KEPT_AFTER_READING,
            one.kind.not_in(sorted(LASTING)) | (one.read_at <= now - LASTING_KEPT_FOR),
        )
        .limit(PURGED_AT_ONCE)
    )
    numbers = list(session.execute(old).scalars())
    if numbers:
        session.execute(delete(_NOTIFICATIONS).where(_NOTIFICATIONS.c.id.in_(numbers)))
    return len(numbers)


def _add(session: Session, one: Telling) -> int | None:
    """Stores one telling; returns its number, or None where it was told before."""
    return session.execute(
        insert_into(session, _NOTIFICATIONS)
        .values(
            public_id=new_public_id(),
            organisation_id=one.organisation_id,
            person_id=one.person_id,
            placement_id=one.placement_id,
            kind=one.kind.value,
            params=dict(one.params),
            endpoint=one.endpoint,
            link=dict(one.link),
            reference=one.reference,
            created_at=clock.now(),
            read_at=None,
            mailed_at=None,
            mail_failure="",
        )
        .on_conflict_do_nothing()
        .returning(_NOTIFICATIONS.c.id)
    ).scalar_one_or_none()


def _read(session: Session, actor: Actor, number: int, *, only_this: bool) -> None:
    column = _NOTIFICATIONS.c.id
    session.execute(
        update(_NOTIFICATIONS)
        .where(
            _NOTIFICATIONS.c.person_id == actor.person_id,
            column == number if only_this else column <= number,
            _NOTIFICATIONS.c.read_at.is_(None),
        )
        .values(read_at=clock.now())
    )

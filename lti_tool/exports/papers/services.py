"""Asking for a paper, noting what became of it, forgetting old ones."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.exports.papers.models import Paper
from lti_tool.exports.papers.queries import view_of
from lti_tool.exports.papers.rules import (
    DISCARD,
    KEPT_FOR,
    LANE,
    TOPIC,
    Kind,
    Options,
    PaperState,
    PaperView,
)
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.outbox import services as outbox

PURGED_AT_ONCE = 100


def ask(
    session: Session,
    actor: Actor,
    place: PlacementView,
    kind: Kind,
    options: Options,
    content: str,
) -> PaperView:
    """Returns the paper with this content digest: the one that is there, or one to be made.

    One that failed is tried again. Raises `NotAllowed` for anyone but a learner of the course.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners make papers of their own."), code="role-not-allowed")
    lock_person(session, actor.person_id)
    row = session.execute(
        select(Paper)
        .where(
            Paper.person_id == actor.person_id,
            Paper.placement_id == place.id,
            Paper.kind == kind,
            Paper.content == content,
        )
        .order_by(Paper.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if row is None:
        row = Paper(
            public_id=new_public_id(),
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            placement_id=place.id,
            kind=kind.value,
            options=options.as_json(),
            content=content,
            blob="",
            size=0,
            ready_at=None,
        )
        session.add(row)
    elif row.state != PaperState.FAILED:
        return view_of(row)
    row.state, row.reason, row.asked_at = PaperState.ASKED.value, "", clock.now()
    session.flush()
    outbox.put(session, TOPIC, str(row.id), lane=LANE, delay=timedelta(0))
    outbox.hurry(session, TOPIC, [str(row.id)])
    return view_of(row)


def mark_ready(session: Session, paper_id: int, content: str, blob: str, size: int) -> None:
    """Notes that a paper is there: what it shows by now, and where it is kept."""
    session.execute(
        update(Paper)
        .where(Paper.id == paper_id)
        .values(
            state=PaperState.READY.value,
            reason="",
            content=content,
            blob=blob,
            size=size,
            ready_at=clock.now(),
        )
    )


def mark_failed(session: Session, paper_id: int, reason: str) -> None:
    """Notes why a paper was not made, one of `rules.REASONS`."""
    session.execute(
        update(Paper)
        .where(Paper.id == paper_id)
        .values(state=PaperState.FAILED.value, reason=reason)
    )


def purge_papers(session: Session) -> int:
    """Forgets papers that were asked for too long ago; returns how many. For the worker.

    Their files are removed by messages of their own, outside the transaction.
    """
    old = session.execute(
        select(Paper.id, Paper.organisation_id, Paper.blob)
        .where(Paper.asked_at < clock.now() - KEPT_FOR)
        .order_by(Paper.asked_at)
        .limit(PURGED_AT_ONCE)
    ).all()
    if old:
        session.execute(delete(Paper).where(Paper.id.in_([row.id for row in old])))
    for row in old:
        if row.blob:
            key = f"{row.organisation_id}:{row.blob}"
            outbox.put(session, DISCARD, key, lane=LANE, delay=timedelta(0))
    return len(old)

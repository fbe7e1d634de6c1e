"""Joining two people of an organisation who are one human. `undoing` takes it back."""

from datetime import timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Rating
from lti_tool.assessments.services import record_scores
from lti_tool.competencies.queries import library
from lti_tool.courses.models import Person
from lti_tool.courses.services import lock_person
from lti_tool.gateway.people import folding, folding_offices, folding_portfolios
from lti_tool.gateway.people.journal import Joining, table_named
from lti_tool.gateway.people.models import Merge
from lti_tool.gateway.people.queries import Someone
from lti_tool.gateway.people.rules import ENDED, MOVED, check_pair
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_

log = structlog.get_logger()

_PEOPLE = table_of(Person)


def join_people(
    session: Session, actor: Actor, remaining: Someone, absorbed: Someone, *, delay: timedelta
) -> str:
    """Gives all that is one person's to another, and returns the join's name.

    Both are of the actor's organisation: they come from its queries. Identifiers go along, so
    that every one of them leads to who remains; sessions of who is absorbed end. Raises
    `NotAllowed` for anyone but an administrator, `InvalidInput` and `Conflict` as `check_pair`.
    """
    check_administrator(actor)
    check_pair(remaining.id, absorbed.id, actor.person_id)
    lock_both(session, remaining.id, absorbed.id)
    merge = Merge(
        public_id=new_public_id(),
        organisation_id=actor.organisation_id,
        remaining_id=remaining.id,
        absorbed_id=absorbed.id,
        merged_by=actor.person_id,
        merged_at=clock.now(),
        undone_by=None,
        undone_at=None,
    )
    session.add(merge)
    session.flush()
    _move_everything(Joining(session, merge.id, absorbed.id, remaining.id))
    record_everywhere(session, remaining.id, delay)
    log.info("people joined", merge=merge.id, by=actor.person_id)
    return merge.public_id


def check_administrator(actor: Actor) -> None:
    """Raises `NotAllowed` for anyone but an administrator of the organisation."""
    if not actor.is_administrator:
        raise NotAllowed(N_("Only administrators join people."), code="role-not-allowed")


def lock_both(session: Session, *people: int) -> None:
    """Locks people in one order, so that two joins never wait for each other."""
    for number in sorted(people):
        lock_person(session, number)


def record_everywhere(session: Session, person_id: int, delay: timedelta) -> None:
    """Records what a person's answers are worth, under the identifier of each course."""
    rated = session.execute(
        select(Rating.instrument).where(Rating.person_id == person_id).distinct()
    ).scalars()
    known = library()
    for instrument in sorted(rated):
        if instrument in known:
            record_scores(session, person_id, instrument, delay=delay)


def _move_everything(joining: Joining) -> None:
    for name in sorted(ENDED):
        table, column = name.split(".")
        ended = table_named(table)
        joining.session.execute(delete(ended).where(ended.c[column] == joining.absorbed_id))
    folding.fold_memberships(joining)
    folding.fold_ratings(joining)
    folding.fold_snapshots(joining)
    folding.fold_looking_back(joining)
    folding.fold_scores(joining)
    folding_portfolios.fold_portfolios(joining)
    folding_offices.fold_assessors(joining)
    folding_offices.fold_wishes(joining)
    for name in sorted(MOVED):
        table, column = name.split(".")
        joining.move(table_named(table), column)
    folding_offices.hand_back_readings(joining)
    _take_name(joining)


def _take_name(joining: Joining) -> None:
    """A name or an address that only one of the two has is worth keeping in view."""
    both = joining.session.execute(
        select(_PEOPLE).where(_PEOPLE.c.id.in_((joining.absorbed_id, joining.remaining_id)))
    )
    people = {row.id: row for row in both}
    absorbed, remaining = people[joining.absorbed_id], people[joining.remaining_id]
    news = {
        name: getattr(absorbed, name)
        for name in ("name", "email")
        if getattr(absorbed, name) and not getattr(remaining, name)
    }
    if news:
        joining.change(_PEOPLE, remaining, **news)


def note_undone(session: Session, actor: Actor, merge_id: int) -> bool:
    """Marks a join as undone; False where somebody was quicker."""
    done = session.execute(
        update(Merge)
        .where(Merge.id == merge_id, Merge.undone_at.is_(None))
        .values(undone_by=actor.person_id, undone_at=clock.now())
        .returning(Merge.id)
    ).first()
    return done is not None

"""What those who manage a catalogue read: their own offers, and what was decided."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Placement
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.training.offers.models import Decision, OwnOffer
from lti_tool.training.offers.queries import OwnFacts, own_offers, place_of
from lti_tool.training.offers.rules import OWN, SHIPPED, Offer
from lti_tool.training.offers.shipped import shipped_offers


def own_facts(session: Session, actor: Actor) -> list[OwnFacts]:
    """Returns the own offers that an actor manages, archived ones too, in order.

    An administrator has all of the organisation; a tutor those bound to their course.
    """
    own = own_offers(session, actor.organisation_id, _managed_by(actor))
    return sorted(own, key=lambda facts: (facts.course_title.casefold(), *place_of(facts.offer)))


def own_offer(session: Session, actor: Actor, key: str) -> OwnOffer:
    """Returns the row of an own offer that the actor manages; raises `NotFound` for any other."""
    row = session.execute(
        select(OwnOffer).where(
            OwnOffer.organisation_id == actor.organisation_id,
            OwnOffer.public_id == key.removeprefix(OWN),
            _managed_by(actor),
        )
    ).scalar_one_or_none()
    if row is None or not key.startswith(OWN):
        raise unknown_offer()
    return row


def own_facts_of(session: Session, actor: Actor, key: str) -> OwnFacts:
    """Returns one own offer that the actor manages; raises `NotFound` for any other."""
    row = own_offer(session, actor, key)
    (facts,) = own_offers(session, actor.organisation_id, OwnOffer.id == row.id)
    return facts


def version_of(session: Session, actor: Actor, key: str) -> int:
    """Returns at which version an offer, or the decision on it, stands; 0 where there is none."""
    if key.startswith(SHIPPED):
        decided = decision_on(session, actor.organisation_id, key.removeprefix(SHIPPED))
        return decided.version if decided else 0
    own = own_offers(
        session,
        actor.organisation_id,
        OwnOffer.public_id == key.removeprefix(OWN),
        _managed_by(actor),
    )
    return own[0].version if own else 0


def rows_of(session: Session, organisation_id: int, course_id: int | None) -> Sequence[OwnOffer]:
    """Returns the rows of one scope: the organisation's (None) or one course's; archived too."""
    return (
        session.execute(
            select(OwnOffer)
            .where(OwnOffer.organisation_id == organisation_id, OwnOffer.course_id == course_id)
            .order_by(OwnOffer.id)
        )
        .scalars()
        .all()
    )


def decision_on(session: Session, organisation_id: int, shipped_id: str) -> Decision | None:
    """Returns what an organisation decided about a shipped offer, if anything."""
    return session.execute(
        select(Decision).where(
            Decision.organisation_id == organisation_id, Decision.shipped_id == shipped_id
        )
    ).scalar_one_or_none()


def shipped_offer(key: str) -> Offer:
    """Returns a shipped offer as the release has it; raises `NotFound`."""
    found = shipped_offers().get(key.removeprefix(SHIPPED))
    if found is None or not key.startswith(SHIPPED):
        raise unknown_offer()
    return found


def activities_of(session: Session, course_id: int) -> dict[str, str]:
    """Returns the titles of a course's activities of this tool, by public id."""
    rows = session.execute(
        select(Placement.public_id, Placement.title)
        .where(Placement.course_id == course_id)
        .order_by(Placement.id)
    )
    return {row.public_id: row.title or row.public_id for row in rows}


def unknown_offer() -> NotFound:
    """Returns the error for an offer that is not there, or not for this person."""
    return NotFound(N_("There is no such offer in your catalogue."), code="offer-unknown")


def _managed_by(actor: Actor) -> ColumnElement[bool]:
    if actor.is_administrator:
        return OwnOffer.organisation_id == actor.organisation_id
    return OwnOffer.course_id == actor.course_id

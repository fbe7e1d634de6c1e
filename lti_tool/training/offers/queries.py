"""Reading of the catalogue: shipped offers with an organisation's decisions, and its own."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lti_tool.assessments.rules import State
from lti_tool.competencies.queries import library
from lti_tool.courses.models import Course, Placement
from lti_tool.training.offers.models import Decision, OwnOffer, OwnRule
from lti_tool.training.offers.rules import (
    OWN,
    SHIPPED,
    Format,
    Gap,
    Offer,
    Recommendation,
    Rule,
    recommend,
)
from lti_tool.training.offers.shipped import shipped_offers
from lti_tool.training.offers.terms import levels_of

# Own offers that nobody has moved come first, shipped ones that nobody has moved come last.
_LAST = 10**6


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """What the provider pages need of an own offer beside what learners see."""

    offer: Offer
    reference: str
    course_title: str
    version: int


def offers_for(session: Session, organisation_id: int, course_id: int) -> list[Offer]:
    """Returns what learners of a course can choose from, in the organisation's order.

    First what is bound to the course, then what is for the whole organisation.
    """
    own = own_offers(
        session,
        organisation_id,
        or_(OwnOffer.course_id.is_(None), OwnOffer.course_id == course_id),
        OwnOffer.archived_at.is_(None),
        OwnOffer.hidden.is_(False),
    )
    shipped = [offer for offer in _shipped(session, organisation_id) if not offer.hidden]
    return in_order([facts.offer for facts in own] + shipped)


def all_offers(session: Session, organisation_id: int) -> list[Offer]:
    """Returns what holds for the whole organisation, hidden ones too, in its order."""
    own = own_offers(
        session, organisation_id, OwnOffer.course_id.is_(None), OwnOffer.archived_at.is_(None)
    )
    return in_order([facts.offer for facts in own] + _shipped(session, organisation_id))


def recommendations_for(
    session: Session, organisation_id: int, course_id: int, gaps: Iterable[Gap]
) -> list[Recommendation]:
    """Returns the training that serves these gaps, the first to think of first."""
    return recommend(offers_for(session, organisation_id, course_id), gaps)


def offer_by_key(session: Session, organisation_id: int, key: str) -> Offer | None:
    """Returns an offer by its stable key, hidden and archived ones too; None for any other.

    Goals and training records keep naming an offer that is no longer on show.
    """
    return offers_by_keys(session, organisation_id, [key]).get(key)


def offers_by_keys(
    session: Session, organisation_id: int, keys: Collection[str]
) -> dict[str, Offer]:
    """Returns the offers of these keys that the organisation has, by key."""
    wanted = {key.removeprefix(OWN) for key in keys if key.startswith(OWN)}
    found: dict[str, Offer] = {}
    if wanted:
        own = own_offers(session, organisation_id, OwnOffer.public_id.in_(wanted))
        found = {facts.offer.key: facts.offer for facts in own}
    if any(key.startswith(SHIPPED) for key in keys):
        shipped = _shipped(session, organisation_id)
        found |= {offer.key: offer for offer in shipped if offer.key in keys}
    return found


def in_order(offers: Iterable[Offer]) -> list[Offer]:
    """Returns offers in order, numbered from 0: a course's own first, then as decided."""
    ordered = sorted(offers, key=lambda offer: (offer.course_id is None, *place_of(offer)))
    return [replace(offer, position=place) for place, offer in enumerate(ordered)]


def place_of(offer: Offer) -> tuple[int, str, str]:
    """Returns what an offer is put in order by, within its scope."""
    return offer.position, offer.title.casefold(), offer.key


def _shipped(session: Session, organisation_id: int) -> list[Offer]:
    rows = session.execute(select(Decision).where(Decision.organisation_id == organisation_id))
    decided = {row.shipped_id: row for row in rows.scalars()}
    return [
        _decided(offer, decided.get(name), _LAST + number)
        for number, (name, offer) in enumerate(shipped_offers().items())
    ]


def _decided(offer: Offer, decision: Decision | None, position: int) -> Offer:
    if decision is None:
        return replace(offer, position=position)
    rules = offer.rules
    if decision.essential:
        rules = tuple(replace(rule, essential=True) for rule in rules)
    return replace(
        offer,
        rules=rules,
        cost=decision.cost or offer.cost,
        address=decision.address or offer.address,
        note=decision.note,
        hidden=decision.hidden,
        position=position if decision.position is None else decision.position,
    )


def own_offers(
    session: Session, organisation_id: int, *conditions: ColumnElement[bool]
) -> list[OwnFacts]:
    """Returns the own offers of an organisation that meet the conditions, in no order."""
    rows = session.execute(
        select(OwnOffer, Placement.public_id, Course.title)
        .outerjoin(Placement, Placement.id == OwnOffer.placement_id)
        .outerjoin(Course, Course.id == OwnOffer.course_id)
        .where(OwnOffer.organisation_id == organisation_id, *conditions)
    ).all()
    rules = _rules_of(session, [row.OwnOffer.id for row in rows])
    return [
        OwnFacts(
            _offer(row.OwnOffer, row.public_id or "", rules.get(row.OwnOffer.id, ())),
            row.OwnOffer.reference,
            row.title or "",
            row.OwnOffer.version,
        )
        for row in rows
    ]


def _rules_of(session: Session, offer_ids: Collection[int]) -> dict[int, tuple[Rule, ...]]:
    if not offer_ids:
        return {}
    rows = session.execute(
        select(OwnRule).where(OwnRule.offer_id.in_(offer_ids)).order_by(OwnRule.place)
    ).scalars()
    found: dict[int, tuple[Rule, ...]] = {}
    for row in rows:
        rule = Rule(
            tuple(row.instruments),
            tuple(row.domains),
            tuple(row.codes),
            tuple(State(name) for name in row.results),
            row.essential,
        )
        found[row.offer_id] = (*found.get(row.offer_id, ()), rule)
    return found


def _offer(row: OwnOffer, placement: str, rules: tuple[Rule, ...]) -> Offer:
    return Offer(
        key=OWN + row.public_id,
        title=row.title,
        provider=row.provider,
        rules=rules,
        levels=levels_of(library(), [name for rule in rules for name in rule.instruments]),
        description=row.description,
        format=Format(row.format) if row.format else None,
        length=row.length,
        cost=row.cost,
        address=row.address,
        placement=placement,
        checked_on=row.checked_on,
        position=-1 if row.position is None else row.position,
        course_id=row.course_id,
        hidden=row.hidden,
        archived=row.archived_at is not None,
    )

"""What an organisation decides about offers: shown or hidden, in which order, and about shipped ones."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.training.offers.managing import decision_on, own_facts, own_offer, shipped_offer
from lti_tool.training.offers.models import Decision, OwnOffer
from lti_tool.training.offers.queries import all_offers
from lti_tool.training.offers.rules import OWN, SHIPPED, Offer
from lti_tool.training.offers.services import (
    change_row,
    changed_meanwhile,
    check_scope,
    nothing_to_undo,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What an organisation says of a shipped offer; empty text leaves the shipped one."""

    essential: bool = False
    note: str = ""
    cost: str = ""
    address: str = ""


def show_offer(session: Session, actor: Actor, key: str, *, shown: bool) -> None:
    """Shows an offer to learners, or hides it from them."""
    if key.startswith(SHIPPED):
        _decide(session, actor, key, hidden=not shown)
    else:
        change_row(session, actor, own_offer(session, actor, key), hidden=not shown)


def decide(
    session: Session, actor: Actor, key: str, decided: Decided, *, seen_version: int
) -> None:
    """Notes what an organisation says of a shipped offer; version 0 means nothing yet."""
    check_scope(actor, None)
    shipped = shipped_offer(key)
    now = decision_on(session, actor.organisation_id, shipped.key.removeprefix(SHIPPED))
    if seen_version != (now.version if now else 0):
        raise changed_meanwhile()
    before = _texts(Decided(now.essential, now.note, now.cost, now.address) if now else Decided())
    _decide(session, actor, key, before=before, **asdict(decided))


def undo_decision(session: Session, actor: Actor, key: str, *, seen_version: int) -> None:
    """Takes back what was last said of a shipped offer; doing it again brings it back.

    Raises `Conflict` when it was changed meanwhile, or nothing was said.
    """
    check_scope(actor, None)
    now = decision_on(session, actor.organisation_id, key.removeprefix(SHIPPED))
    if now is None or now.before is None:
        raise nothing_to_undo()
    texts = now.before
    before = Decided(bool(texts["essential"]), texts["note"], texts["cost"], texts["address"])
    decide(session, actor, key, before, seen_version=seen_version)


def move_offer(session: Session, actor: Actor, key: str, *, steps: int) -> None:
    """Moves an offer up (-1) or down (1) in the order of its scope, as far as there is room."""
    offers = _scope_of(session, actor, key)
    here = next(place for place, offer in enumerate(offers) if offer.key == key)
    there = min(max(here + steps, 0), len(offers) - 1)
    offers.insert(there, offers.pop(here))
    own = {offer.key.removeprefix(OWN): n for n, offer in enumerate(offers) if offer.is_own}
    for row in session.execute(
        select(OwnOffer.id, OwnOffer.public_id, OwnOffer.position).where(
            OwnOffer.organisation_id == actor.organisation_id, OwnOffer.public_id.in_(own)
        )
    ):
        if row.position != own[row.public_id]:
            session.execute(
                update(OwnOffer).where(OwnOffer.id == row.id).values(position=own[row.public_id])
            )
    for place, offer in enumerate(offers):
        if not offer.is_own:
            _decide(session, actor, offer.key, position=place)


def _texts(decided: Decided) -> dict[str, str]:
    return asdict(decided) | {"essential": "yes" if decided.essential else ""}


def _scope_of(session: Session, actor: Actor, key: str) -> list[Offer]:
    """The offers among which one is moved: the organisation's, or those of one course."""
    if key.startswith(OWN):
        row = own_offer(session, actor, key)
        if row.archived_at is not None:
            raise InvalidInput(N_("An archived offer has no place in the order."))
        if row.course_id is not None:
            mine = (facts.offer for facts in own_facts(session, actor))
            return [one for one in mine if one.course_id == row.course_id and not one.archived]
    else:
        shipped_offer(key)
    check_scope(actor, None)
    return all_offers(session, actor.organisation_id)


def _decide(session: Session, actor: Actor, key: str, **values: Any) -> None:
    """Stores part of a decision. A place in the order is no change of what was decided."""
    check_scope(actor, None)
    shipped_id = shipped_offer(key).key.removeprefix(SHIPPED)
    step = 0 if set(values) == {"position"} else 1
    table = table_of(Decision)
    fresh: dict[str, Any] = {
        "organisation_id": actor.organisation_id,
        "shipped_id": shipped_id,
        "hidden": False,
        "position": None,
        "essential": False,
        "note": "",
        "cost": "",
        "address": "",
        "before": None,
        "version": step,
    }
    changed = {"changed_by": actor.person_id, "changed_at": clock.now()}
    statement = insert_into(session, table).values(**fresh | values | changed)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["organisation_id", "shipped_id"],
            set_=values | changed | {"version": table.c.version + step},
        )
    )
    session.expire_all()

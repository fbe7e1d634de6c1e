"""Offers of the catalogue, as far as goals and training records need them."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.text import as_kept
from lti_tool.training.offers.queries import offer_by_key


@dataclass(frozen=True, slots=True)
class OfferWords:
    """Which offer, and what it is called."""

    key: str
    title: str
    provider: str

    @property
    def words(self) -> str:
        return ", ".join(part for part in (self.title, self.provider) if part)


def offer_words(session: Session, actor: Actor, key: str) -> OfferWords | None:
    """Returns an offer that the actor's organisation shows, or None for an unknown key."""
    known = as_kept(key)
    found = offer_by_key(session, actor.organisation_id, known) if known else None
    return OfferWords(found.key, found.title, found.provider) if found else None

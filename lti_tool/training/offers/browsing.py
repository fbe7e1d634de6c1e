"""Looking through a catalogue by level and domain. Pure."""

from collections.abc import Iterable, Mapping

from lti_tool.competencies.models import Instrument
from lti_tool.training.offers.rules import Offer
from lti_tool.training.offers.terms import self_assessments


def browse(
    offers: Iterable[Offer],
    instruments: Mapping[str, Instrument],
    *,
    level: int | None,
    domain: int | None,
) -> list[Offer]:
    """Returns the offers for a level and a domain together; None asks for neither."""
    at = [i for i, one in self_assessments(instruments).items() if level in (None, one.level)]
    return [
        offer
        for offer in offers
        if any(
            numbers and (domain is None or domain in numbers)
            for numbers in (offer.domains_at(name) for name in at)
        )
    ]


def levels_in(instruments: Mapping[str, Instrument], offers: Iterable[Offer]) -> list[int]:
    """Returns the levels that one can look for: of the self-assessments, and of the offers."""
    known = {one.level for one in self_assessments(instruments).values()}
    return sorted(known | {level for offer in offers for level in offer.levels})

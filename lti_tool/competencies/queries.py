"""The instruments, as shipped or in the wording that an organisation's people see."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from lti_tool.competencies.loading import library, load_instrument, load_instruments
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.wordings.overlay import in_wording
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_

__all__ = [
    "instrument",
    "instrument_for",
    "instruments_for",
    "library",
    "load_instrument",
    "load_instruments",
]


def instruments_for(session: Session, organisation_id: int) -> Mapping[str, Instrument]:
    """Returns every instrument by id, in the wording that an organisation's people see."""
    return in_wording(session, organisation_id, library())


def instrument_for(session: Session, organisation_id: int, instrument_id: str) -> Instrument:
    """Returns one instrument in an organisation's wording; raises `NotFound` for an unknown id."""
    return _one(instruments_for(session, organisation_id), instrument_id)


def instrument(instrument_id: str) -> Instrument:
    """Returns an instrument as shipped: enough where codes and domains count, not their words.

    Raises `NotFound` for an id that the library does not hold.
    """
    return _one(library(), instrument_id)


def _one(instruments: Mapping[str, Instrument], instrument_id: str) -> Instrument:
    try:
        return instruments[instrument_id]
    except KeyError:
        raise NotFound(
            N_("There is no such instrument in this tool."),
            code="instrument-unknown",
            detail=instrument_id[:60],
        ) from None

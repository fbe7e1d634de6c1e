"""An instrument as other programs read it, and what pages and papers say of its wording."""

from dataclasses import dataclass
from typing import Any

from lti_tool.competencies.models import Competency, Instrument, Provenance


@dataclass(frozen=True, slots=True)
class ProvenanceCounts:
    """How many of an instrument's statements the sources give whole, damaged, or not at all."""

    published: int
    repaired: int
    derived: int

    @property
    def provisional(self) -> int:
        """How many statements pages and papers mark."""
        return self.repaired + self.derived

    @property
    def total(self) -> int:
        return self.published + self.provisional


def as_published(instrument: Instrument) -> dict[str, Any]:
    """Returns the instrument as plain values, with absent fields left out."""
    shown = {"id", "kind", "level", "title", "version", "wording", "domains"}
    found: dict[str, Any] = instrument.model_dump(
        mode="json", include=shown, exclude_none=True, exclude_defaults=True
    )
    return {"wording": instrument.wording} | found


def is_provisional(competency: Competency) -> bool:
    """Says whether this tool's statement must not pass as published: repaired or derived.

    Pages show `_shared/provenance.html` for it; papers say it in words beside the statement.
    Words that an organisation put in its place are its own, and no longer provisional.
    """
    return competency.wording == "own" and competency.provenance is not Provenance.PUBLISHED


def provenance_counts(instrument: Instrument) -> ProvenanceCounts:
    """Returns how many statements are repaired and derived, and how many are not provisional."""
    every = instrument.by_code.values()
    kinds = [competency.provenance for competency in every if is_provisional(competency)]
    return ProvenanceCounts(
        published=len(every) - len(kinds),
        repaired=kinds.count(Provenance.REPAIRED),
        derived=kinds.count(Provenance.DERIVED),
    )

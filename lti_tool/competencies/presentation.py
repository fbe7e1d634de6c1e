"""An instrument as other programs read it: `imhcf framework show --json`."""

from typing import Any

from lti_tool.competencies.models import Instrument


def as_published(instrument: Instrument) -> dict[str, Any]:
    """Returns the instrument as plain values, with absent fields left out."""
    shown = {"id", "kind", "level", "title", "version", "wording", "domains"}
    found: dict[str, Any] = instrument.model_dump(
        mode="json", include=shown, exclude_none=True, exclude_defaults=True
    )
    return {"wording": instrument.wording} | found

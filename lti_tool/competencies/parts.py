"""A framework as its folder holds it: facts, instruments, crosswalk, and where each stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lti_tool.competencies.files import Read
from lti_tool.competencies.frameworks import Crosswalk, Framework
from lti_tool.competencies.models import Instrument


@dataclass(frozen=True, slots=True)
class Parts:
    """One framework. `instruments` are by the names of their files, which are their ids."""

    folder: Path
    manifest: Read[Framework]
    instruments: Mapping[str, Read[Instrument]]
    crosswalk: Read[Crosswalk] | None

    @property
    def framework(self) -> Framework:
        """What `framework.yaml` says."""
        return self.manifest.value

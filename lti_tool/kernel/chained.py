"""Lines of a log, each tied to the one before it, so that what is changed by force shows."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any


def line_digest(before: str, said: Sequence[Any]) -> str:
    """Returns the digest of a line: over the digest of the line before it, and what it says."""
    written = json.dumps([before, *said], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()

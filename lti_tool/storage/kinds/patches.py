"""Bytes that are replaced in a file without changing its length."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """From `start`, `content` is written; then zeros, until `size` bytes are replaced."""

    start: int
    size: int
    content: bytes = b""

    @property
    def end(self) -> int:
        return self.start + self.size


def patched(step: bytes, at: int, patches: Sequence[Patch]) -> bytes:
    """Returns a step of a file that begins at `at`, with what patches replace in it replaced."""
    touching = [p for p in patches if p.start < at + len(step) and p.end > at]
    if not touching:
        return step
    made = bytearray(step)
    for patch in touching:
        first, last = max(patch.start, at), min(patch.end, at + len(step))
        made[first - at : last - at] = bytes(last - first)
        written = patch.content[first - patch.start : last - patch.start]
        made[first - at : first - at + len(written)] = written
    return bytes(made)

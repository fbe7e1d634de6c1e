"""A finished upload's pieces, read as one file, with some of its bytes replaced on the way."""

import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from lti_tool.storage.blobs import STEP, Blobs
from lti_tool.storage.kinds.patches import Patch, patched
from lti_tool.storage.uploads.queries import PieceView

_BUFFER = 65_536


class Pieces(io.RawIOBase):
    """The pieces of an upload as one file that can be read anywhere; a step is in memory."""

    def __init__(self, blobs: Blobs, pieces: Sequence[PieceView]) -> None:
        super().__init__()
        self._blobs = blobs
        self._pieces = pieces
        self._starts = [piece.begins_at for piece in pieces]
        self._size = sum(piece.size for piece in pieces)
        self._at = 0
        self._step_at, self._step = 0, b""

    def readable(self) -> bool:
        """Says that it can be read."""
        return True

    def seekable(self) -> bool:
        """Says that it can be read from anywhere."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Goes to a place in the file and returns it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Returns the place in the file."""
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Fills the buffer as far as one step goes; returns how many bytes came."""
        if self._at >= self._size:
            return 0
        if not self._step_at <= self._at < self._step_at + len(self._step):
            self._load()
        found = self._step[self._at - self._step_at :][: len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _load(self) -> None:
        piece = self._pieces[bisect_right(self._starts, self._at) - 1]
        inside = (self._at - piece.begins_at) // STEP * STEP
        size = min(STEP, piece.size - inside)
        self._step = self._blobs.read(piece.object_name, inside, size)
        self._step_at = piece.begins_at + inside
        if len(self._step) != size:
            raise OSError("a piece is shorter than on record")


def as_file(blobs: Blobs, pieces: Sequence[PieceView]) -> io.BufferedReader:
    """Returns the pieces as one file."""
    return io.BufferedReader(Pieces(blobs, pieces), _BUFFER)


def steps_of(
    blobs: Blobs, pieces: Sequence[PieceView], patches: Sequence[Patch] = ()
) -> Iterator[bytes]:
    """Yields the whole in steps, with the patches laid over. Raises `NotFound`, `Unavailable`."""
    for piece in pieces:
        for inside in range(0, piece.size, STEP):
            step = blobs.read(piece.object_name, inside, min(STEP, piece.size - inside))
            yield patched(step, piece.begins_at + inside, patches)

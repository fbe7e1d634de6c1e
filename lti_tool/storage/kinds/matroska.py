"""WebM: an EBML file whose elements follow each other to the end, and its tags. Pure."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from lti_tool.storage.kinds import types
from lti_tool.storage.kinds.patches import Patch
from lti_tool.storage.kinds.refusals import refused

# Matroska's elements (RFC 9559, 5): what a reader needs, and what says who, where, with what.
_HEADER, _SEGMENT, _DOC_TYPE = 0x1A45DFA3, 0x18538067, 0x4282
_CLUSTER, _TRACKS = 0x1F43B675, 0x1654AE6B
_TAGS, _ATTACHMENTS = 0x1254C367, 0x1941A469
_VOID = b"\xec"
# A browser's live recording has its frames side by side: half an hour has 150,000.
_MOST_ELEMENTS = 1_000_000


def check_webm(source: BinaryIO, size: int) -> str:
    """Returns the type of a WebM file; raises `NotEvidence` for anything else of that family."""
    top = list(_elements(source, 0, size))
    if not top or top[0][0] != _HEADER or [e[0] for e in top[1:]].count(_SEGMENT) != 1:
        raise refused("file-damaged")
    _name, _at, begins, ends = top[0]
    doc_types = [(b, e) for name, _a, b, e in _elements(source, begins, ends) if name == _DOC_TYPE]
    source.seek(doc_types[0][0] if doc_types else 0)
    if not doc_types or source.read(doc_types[0][1] - doc_types[0][0]).rstrip(b"\0") != b"webm":
        raise refused("type-unknown")
    parts = [name for name, *_ in _parts(source, size)]
    if _TRACKS not in parts or _CLUSTER not in parts:
        raise refused("file-damaged")
    return types.WEBM


def places_of(source: BinaryIO, size: int) -> Sequence[Patch]:
    """Returns patches that turn tags and attachments into empty space of the same length."""
    found = []
    for name, at, _begins, ends in _parts(source, size):
        if name in {_TAGS, _ATTACHMENTS}:
            length = ends - at
            width = 1 if length < 100 else 8
            inner = length - 1 - width
            marked = (inner | 1 << 7 * width).to_bytes(width, "big")
            found.append(Patch(at, length, _VOID + marked))
    return found


def _parts(source: BinaryIO, size: int) -> Iterator[tuple[int, int, int, int]]:
    for name, _at, begins, ends in _elements(source, 0, size):
        if name == _SEGMENT:
            yield from _elements(source, begins, ends)


def _elements(source: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yields each element's name, where it, its content and what follows it begin.

    RFC 8794, 4 to 6. A segment or cluster of unknown size, as a browser records it, reaches to
    the end of what holds it, or to the next cluster.
    """
    seen = 0
    while at < end:
        seen += 1
        source.seek(at)
        header = source.read(12)
        name, name_length = _number(header, keep_mark=True, longest=4)
        size, size_length = _number(header[name_length:], keep_mark=False, longest=8)
        begins = at + name_length + size_length
        if size == (1 << 7 * size_length) - 1:
            if name not in {_SEGMENT, _CLUSTER}:
                raise refused("file-damaged")
            ends = end if name == _SEGMENT else begins  # its blocks follow as if beside it
        else:
            ends = begins + size
        if ends > end or seen > _MOST_ELEMENTS:
            raise refused("file-damaged")
        yield name, at, begins, ends
        at = ends


def _number(header: bytes, *, keep_mark: bool, longest: int) -> tuple[int, int]:
    """Returns a number of variable length and its length (RFC 8794, 4)."""
    length = 9 - header[0].bit_length() if header and header[0] else 0
    if not 1 <= length <= longest or len(header) < length:
        raise refused("file-damaged")
    value = int.from_bytes(header[:length], "big")
    return (value if keep_mark else value & ~(1 << 7 * length)), length

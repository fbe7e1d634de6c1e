"""MP4, MOV and M4A: boxes that follow each other to the end, and where they say a place. Pure.

ISO 14496-12, 4.2: a box has a size, a type and a content; QuickTime calls them atoms.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from lti_tool.storage.kinds import types
from lti_tool.storage.kinds.patches import Patch
from lti_tool.storage.kinds.refusals import refused
from lti_tool.storage.kinds.samples import chunks_of

_FREE = b"free"
_MOST_BOXES = 50_000
_LARGEST_INDEX = 2_000_000
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B "})
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"})
# What says who, where, with what: user data (©xyz, loci), Apple's keys, XMP.
_SAID = frozenset({b"udta", b"meta", b"uuid", b"Xtra"})
_HOLD_OTHERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf", b"edts"})
# What a player reads at the top; whatever else stands there, free space included, is emptied.
_PLAYED = frozenset(
    {b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"ssix", b"styp", b"prft", b"pdin"}
)
# Tracks that are neither seen nor heard: places along the way (mebx, gpmd, camm), and others.
_MEANT = frozenset({b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp", b"auxv"})


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, where it begins, where its content begins, and where it ends."""

    kind: bytes
    at: int
    begins: int
    ends: int


def check_boxes(source: BinaryIO, size: int) -> str:
    """Returns the type of a recording; raises `NotEvidence` for what is cut off or none."""
    brand = _brand(source)
    if brand in _PICTURE_BRANDS:
        raise refused("ending-heic")
    top = list(_boxes(source, 0, size))
    kinds = [box.kind for box in top]
    if kinds[0] != b"ftyp" or kinds.count(b"moov") != 1 or b"mdat" not in kinds:
        raise refused("file-damaged")
    seen = {_handler(source, track) for track in _tracks(source, top)}
    if brand in _SOUND_BRANDS or (seen and b"vide" not in seen and b"soun" in seen):
        return types.M4A
    if b"vide" not in seen:
        raise refused("file-damaged", "no track")
    return types.MOV if brand == b"qt  " else types.MP4


def places_of(source: BinaryIO, size: int) -> Sequence[Patch]:
    """Returns patches that empty whatever says who, where and with what, at the same length.

    User data and metadata become free space, and so does all that no player reads. So do tracks that are neither seen nor heard, such
    as the places that a camera notes along the way, and their samples become zeros. Raises
    `NotEvidence` where such samples cannot be found.
    """
    found: list[Patch] = []
    top = list(_boxes(source, 0, size))
    at_top = {box.at for box in top}
    for box in _all(source, top):
        if box.kind in _SAID or (box.at in at_top and box.kind not in _PLAYED):
            found += _emptied(box)
    for track in _tracks(source, top):
        if _handler(source, track) not in _MEANT:
            if any(box.kind == b"moof" for box in top):
                raise refused("video-location", "fragments")
            found += [Patch(at, length) for at, length in _samples(source, track, size)]
            found += _emptied(track)
    return found


def _brand(source: BinaryIO) -> bytes:
    source.seek(8)
    return source.read(4)


def _emptied(box: Box) -> list[Patch]:
    return [Patch(box.at + 4, 4, _FREE), Patch(box.begins, box.ends - box.begins)]


def _boxes(source: BinaryIO, at: int, end: int) -> Iterator[Box]:
    """Yields the boxes of a stretch, which they must fill to its last byte."""
    seen = 0
    while at < end:
        source.seek(at)
        header = source.read(16)
        seen += 1
        if end - at < 8 or len(header) < 8 or seen > _MOST_BOXES:
            raise refused("file-damaged")
        length, begins = int.from_bytes(header[:4], "big"), at + 8
        if length == 1 and len(header) == 16:
            length, begins = int.from_bytes(header[8:], "big"), at + 16
        elif length == 0:  # to the end of the file, or QuickTime's end of a list
            length = end - at
        if begins > at + length or at + length > end:
            raise refused("file-damaged")
        yield Box(header[4:8], at, begins, at + length)
        at += length


def _all(source: BinaryIO, boxes: Sequence[Box], depth: int = 0) -> Iterator[Box]:
    for box in boxes:
        yield box
        if box.kind in _HOLD_OTHERS and depth < 8:
            yield from _all(source, list(_boxes(source, box.begins, box.ends)), depth + 1)


def _tracks(source: BinaryIO, top: Sequence[Box]) -> list[Box]:
    return [
        box for box in _all(source, [b for b in top if b.kind == b"moov"]) if box.kind == b"trak"
    ]


def _inside(source: BinaryIO, box: Box, *path: bytes) -> Box | None:
    for kind in path:
        found = [b for b in _boxes(source, box.begins, box.ends) if b.kind == kind]
        if not found:
            return None
        box = found[0]
    return box


def _handler(source: BinaryIO, track: Box) -> bytes:
    """Returns what a track is for (ISO 14496-12, 8.4.3): "vide", "soun", "meta" and others."""
    handler = _inside(source, track, b"mdia", b"hdlr")
    if handler is None:
        return b""
    source.seek(handler.begins + 8)
    return source.read(4)


def _samples(source: BinaryIO, track: Box, size: int) -> Iterator[tuple[int, int]]:
    """Yields where the samples of a track are, in stretches; raises `NotEvidence`."""
    table = _inside(source, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    indexes = {}
    for box in _boxes(source, table.begins, table.ends):
        if box.kind in {b"stsz", b"stsc", b"stco", b"co64"}:
            if box.ends - box.begins > _LARGEST_INDEX:
                raise refused("video-location", "large index")
            source.seek(box.begins)
            indexes[box.kind] = source.read(box.ends - box.begins)
    try:
        for at, length in chunks_of(indexes):
            if at + length > size:
                raise refused("file-damaged", "samples outside")
            yield at, length
    except (struct.error, KeyError, IndexError):
        raise refused("video-location", "index") from None

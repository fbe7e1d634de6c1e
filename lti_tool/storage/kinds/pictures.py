"""Pictures by their ends, and their size in pixels before anything decodes them. Pure."""

import struct

from lti_tool.storage.kinds import types
from lti_tool.storage.kinds.refusals import refused

# A telephone's largest pictures have 50 million; three copies of this many stand in memory.
MOST_PIXELS = 100_000_000
LONGEST_SIDE = 20_000
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def type_of(head: bytes, tail: bytes, size: int) -> str | None:
    """Returns the type of a picture; None for anything else.

    Raises `NotEvidence` for one that is cut off, and for more pixels than are prepared. What
    stands behind its end is not asked: pictures are made anew, without it.
    """
    if head.startswith(b"\xff\xd8\xff"):
        _check_whole(b"\xff\xd9" in tail)
        _check_pixels(jpeg_size(head))
        return types.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        _check_whole(b"IEND\xaeB`\x82" in tail)
        _check_pixels(struct.unpack(">II", head[16:24]))
        return types.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        _check_whole(int.from_bytes(head[4:8], "little") + 8 <= size + 1)
        _check_pixels(_webp_size(head))
        return types.WEBP
    return None


def jpeg_size(head: bytes) -> tuple[int, int] | None:
    """Returns width and height where the frame header is among these bytes, else None.

    ISO 10918-1, B.2.2. Pillow asks again, in its own process, before it decodes.
    """
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        if head[at + 1] in _JPEG_SIZES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    """RFC 9649, 2.7: width and height less one, of 24 bits, in the extended header."""
    if head[12:16] != b"VP8X":
        return None
    width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    return width, height


def _check_whole(whole: bool) -> None:  # noqa: FBT001 - what the test above found
    if not whole:
        raise refused("file-damaged")


def _check_pixels(size: tuple[int, int] | None) -> None:
    if size is None:
        return
    if min(size) < 1:
        raise refused("file-damaged")
    if max(size) > LONGEST_SIDE or size[0] * size[1] > MOST_PIXELS:
        raise refused("picture-too-large", f"{size[0]} x {size[1]}")

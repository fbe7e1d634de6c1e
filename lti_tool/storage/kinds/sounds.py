"""Sounds (MP3, OGG, WAV): their frames, and tags that may hold names, places, pictures. Pure.

The comments of OGG stay: each page is sealed by a sum, and what browsers and telephones record
in it names the encoder alone.
"""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Protocol

from lti_tool.storage.kinds import types
from lti_tool.storage.kinds.patches import Patch
from lti_tool.storage.kinds.refusals import refused

_BITRATES = {  # kilobits for MPEG version 1 and 2, layer III (ISO 11172-3, 2.4.2.3; 13818-3)
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_FRAMES_SEEN = 4
_MOST_CHUNKS = 10_000
# Chunks of a WAV file that say who, where, and with what.
_TAGS_OF_WAV = frozenset({b"LIST", b"bext", b"iXML", b"id3 ", b"ID3 ", b"_PMX", b"aXML", b"cart"})
_JUNK = b"JUNK"


class Ends(Protocol):
    """The beginning and the end of a file, and its size."""

    @property
    def head(self) -> bytes: ...
    @property
    def tail(self) -> bytes: ...
    @property
    def size(self) -> int: ...


def type_of(source: BinaryIO, head: bytes, ends: Ends) -> str | None:
    """Returns the type of a sound, None for anything else; raises `NotEvidence` when cut off."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        names = [name for name, _at, _size in _chunks(source, ends.size)]
        if b"fmt " not in names or b"data" not in names:
            raise refused("file-damaged")
        return types.WAV
    if head.startswith(b"OggS\0"):
        _check_ogg(head, ends)
        return types.OGG
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] >= b"\xe0"):
        return types.MP3 if _has_frames(source, ends.size) else None
    return None


def tags_of_mp3(source: BinaryIO, size: int) -> Sequence[Patch]:
    """Returns patches that empty the tags at both ends: ID3v2, and ID3v1."""
    found = []
    begins = _after_tag(source, size)
    if begins > 10:
        found.append(Patch(10, begins - 10))
    source.seek(max(0, size - 128))
    if source.read(3) == b"TAG":
        found.append(Patch(size - 125, 124))
    return found


def tags_of_wav(source: BinaryIO, size: int) -> Sequence[Patch]:
    """Returns patches that turn chunks with tags into empty space of the same length."""
    found = []
    for name, at, length in _chunks(source, size):
        if name in _TAGS_OF_WAV:
            found += [Patch(at - 8, 4, _JUNK), Patch(at, length)]
    return found


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yields each chunk's name, the place of its content and its length, to the very end."""
    at, seen = 12, 0
    while at + 8 <= size:
        source.seek(at)
        header = source.read(8)
        length = int.from_bytes(header[4:], "little")
        seen += 1
        if at + 8 + length > size or seen > _MOST_CHUNKS:
            raise refused("file-damaged")
        yield header[:4], at + 8, length
        at += 8 + length + length % 2
    if at < size:
        raise refused("file-damaged")


def _check_ogg(head: bytes, ends: Ends) -> None:
    """RFC 3533, 6: the first page begins a stream of a sound; the last page ends with the file."""
    first = head[28:64]
    is_sound = first.startswith((b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC"))
    if not is_sound or not head[5] & 2:
        raise refused("type-unknown")
    at = ends.tail.rfind(b"OggS\0")
    page = ends.tail[at:]
    if at < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        raise refused("file-damaged")
    if len(page) != 27 + page[26] + sum(page[27 : 27 + page[26]]):
        raise refused("file-damaged")


def _after_tag(source: BinaryIO, size: int) -> int:
    """Returns where the frames begin, behind an ID3v2 tag (ID3v2.4, 3.1: a size of 28 bits)."""
    source.seek(0)
    head = source.read(10)
    if not head.startswith(b"ID3"):
        return 0
    if len(head) < 10 or any(byte & 0x80 for byte in head[6:]):
        raise refused("file-damaged")
    length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    end = 10 + length + (10 if head[5] & 0x10 else 0)
    if end >= size:
        raise refused("file-damaged")
    return end


def _has_frames(source: BinaryIO, size: int) -> bool:
    """Says whether frames follow each other as their headers say: chance does not do that."""
    at = _after_tag(source, size)
    source.seek(at)
    window = source.read(65_536)
    at = len(window) - len(window.lstrip(b"\0"))  # padding behind a tag
    for _number in range(_FRAMES_SEEN):
        length = _frame_length(window[at : at + 4])
        if not length:
            return False
        at += length
        if at >= len(window):
            return True
    return True


def _frame_length(header: bytes) -> int:
    """Returns the bytes of a layer-III frame, 0 for what is none (ISO 11172-3, 2.4.1.3)."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, padding = header[1] >> 3 & 3, header[2] >> 1 & 1
    rates = _RATES.get(version)
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if rates is None or bitrate in {0, 15} or rate == 3:
        return 0
    kilobits = _BITRATES[1 if version == 3 else 2][bitrate]
    samples = 144 if version == 3 else 72
    return samples * kilobits * 1000 // rates[rate] + padding

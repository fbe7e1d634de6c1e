"""Recordings and pictures made by hand, with what telephones write into them."""

import io
import struct
import wave
import zlib
from typing import Any

from PIL import Image

PLACE = b"+51.5074-000.1278/"


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">L", 8 + len(content)) + kind + content


def _hdlr(handler: bytes) -> bytes:
    return box(b"hdlr", bytes(8), handler, bytes(12), b"name\0")


def track(handler: bytes, *more: bytes, samples: list[tuple[int, int]] | None = None) -> bytes:
    """A track; `samples` are places in the file and sizes, one sample in each chunk."""
    samples = samples or []
    table = box(
        b"stbl",
        box(b"stsd", bytes(8)),
        box(
            b"stsz",
            bytes(4),
            struct.pack(">LL", 0, len(samples)),
            *(struct.pack(">L", n) for _, n in samples),
        ),
        box(b"stsc", bytes(4), struct.pack(">LLLL", 1, 1, 1, 1)),
        box(
            b"stco",
            bytes(4),
            struct.pack(">L", len(samples)),
            *(struct.pack(">L", at) for at, _ in samples),
        ),
    )
    return box(
        b"trak", box(b"tkhd", bytes(84)), box(b"mdia", _hdlr(handler), box(b"minf", table)), *more
    )


def udta() -> bytes:
    """What Android (©xyz), 3GPP (loci) write of the place."""
    xyz = struct.pack(">HH", len(PLACE), 0x15C7) + PLACE
    return box(b"udta", box(b"\xa9xyz", xyz), box(b"loci", bytes(6), PLACE))


def apple_meta() -> bytes:
    """What an iPhone writes of the place: a key, and its value in a list."""
    key = box(b"mdta", b"com.apple.quicktime.location.ISO6709")
    keys = box(b"keys", bytes(4), struct.pack(">L", 1), key)
    value = box(b"data", struct.pack(">LL", 1, 0), PLACE)
    return box(
        b"meta",
        _hdlr(b"mdta"),
        keys,
        box(b"ilst", struct.pack(">L", 8 + len(value)) + struct.pack(">L", 1) + value),
    )


def mp4(*, brand: bytes = b"isom", places: bool = True, samples_of_places: bool = False) -> bytes:
    """A film of nothing, which says thrice where it was taken."""
    ftyp = box(b"ftyp", brand, bytes(4), brand)
    frames = b"FRAMES" * 50
    noted = b"GPS5" + PLACE if samples_of_places else b""
    mdat = box(b"mdat", frames, noted, frames)
    at = len(ftyp) + 8 + len(frames)
    said = [udta(), apple_meta()] if places else []
    tracks = [track(b"vide", udta() if places else b""), track(b"soun")]
    if samples_of_places:
        tracks.append(track(b"meta", samples=[(at, len(noted))]))
    return ftyp + mdat + box(b"moov", box(b"mvhd", bytes(100)), *tracks, *said)


def mp4_around(size: int) -> tuple[bytes, bytes]:
    """The beginning and the end of a film of so many bytes; zeros are between."""
    end = box(b"moov", box(b"mvhd", bytes(100)), track(b"vide"), udta())
    start = box(b"ftyp", b"isom", bytes(4), b"isom")
    return start + struct.pack(">L", size - len(start) - len(end)) + b"mdat", end


def lay(part: bytearray, at: int, content: bytes, where: int) -> None:
    """Lays content that begins at `where` of a file over a part that begins at `at`."""
    first, last = max(at, where), min(at + len(part), where + len(content))
    if first < last:
        part[first - at : last - at] = content[first - where : last - where]


def element(name: int, content: bytes, *, unknown: bool = False) -> bytes:
    """An EBML element, with a size of eight bytes."""
    size = b"\x01" + (b"\xff" * 7 if unknown else len(content).to_bytes(7, "big"))
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + size + content


def webm(doc_type: bytes = b"webm", *, live: bool = False) -> bytes:
    head = element(0x1A45DFA3, element(0x4282, doc_type))
    tags = element(0x1254C367, element(0x7373, b"LOCATION" + PLACE))
    parts = element(0x1549A966, b"") + element(0x1654AE6B, b"\xae\x80") + tags
    parts += element(0x1F43B675, element(0xE7, b"\0") + element(0xA3, b"frame"), unknown=live)
    return head + element(0x18538067, parts, unknown=live)


def wav() -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", "NONE"))
        sound.writeframes(bytes(800))
    said = b"INFO" + b"ICMT" + struct.pack("<L", len(PLACE)) + PLACE
    content = target.getvalue()[8:] + b"LIST" + struct.pack("<L", len(said)) + said
    return b"RIFF" + struct.pack("<L", len(content)) + content


def mp3(frames: int = 10) -> bytes:
    """MPEG 1, layer III, 128 kbit/s, 44.1 kHz: 417 bytes a frame; with tags at both ends."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    said = b"TXXX" + struct.pack(">L", len(PLACE)) + bytes(2) + PLACE
    return (
        b"ID3\x04\0\0"
        + bytes([0, 0, 0, len(said)])
        + said
        + frame * frames
        + b"TAG"
        + PLACE.ljust(125)
    )


def ogg() -> bytes:
    def page(flags: int, content: bytes) -> bytes:
        return b"OggS\0" + bytes([flags]) + bytes(20) + bytes([1, len(content)]) + content

    return page(2, b"OpusHead" + bytes(11)) + page(0, b"OpusTags" + bytes(8)) + page(4, bytes(40))


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (60, 40), orientation: int = 6, **options: Any
) -> bytes:
    """A picture, red on its left, that says where it was taken, in every way that there is."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera of Amina"
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (51.0, 30.0, 26.0)
    target = io.BytesIO()
    picture.save(target, kind, exif=exif, **options)
    return target.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says how large it is and holds hardly any pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">L", len(content))
            + kind
            + content
            + struct.pack(">L", zlib.crc32(kind + content))
        )

    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )

"""What a part of a ZIP file really unpacks to: counted in steps, and thrown away. Pure."""

import struct
import zipfile
import zlib
from typing import BinaryIO

from lti_tool.storage.kinds.refusals import refused

_STEP = 65_536
_MOST_AT_ONCE = 1 << 20
# APPNOTE 4.3.7: signature, version, flags, method, time, date, sums and sizes, two lengths.
_LOCAL = struct.Struct("<4s5H3L2H")


def check_part(source: BinaryIO, part: zipfile.ZipInfo, most: int) -> int:
    """Returns how many bytes were inflated: the part's own size, none for what is only stored.

    Raises `NotEvidence` when that is not the size that the directory says, or is over `most`:
    the readers of others may believe the content and not the directory.
    """
    at = _begins(source, part)
    if part.compress_type == zipfile.ZIP_STORED:
        if part.compress_size != part.file_size:
            raise refused("package-bomb", "stored size")
        _check_sum(source, at, part)
        return 0
    return _inflate(source, at, part, most)


def _begins(source: BinaryIO, part: zipfile.ZipInfo) -> int:
    """Returns where the content begins; the local header must agree with the directory."""
    source.seek(part.header_offset)
    header = source.read(_LOCAL.size)
    if len(header) < _LOCAL.size:
        raise refused("file-damaged")
    facts = _LOCAL.unpack(header)
    name = source.read(facts[9])
    if facts[0] != b"PK\x03\x04" or facts[3] != part.compress_type:
        raise refused("file-damaged", "local header")
    if facts[2] & 0x41:
        raise refused("package-password")
    encoding = "utf-8" if facts[2] & 0x800 else "cp437"
    if name.decode(encoding, "replace") != part.orig_filename:
        raise refused("file-damaged", "local name")
    return part.header_offset + _LOCAL.size + int(facts[9]) + int(facts[10])


def _check_sum(source: BinaryIO, at: int, part: zipfile.ZipInfo) -> None:
    source.seek(at)
    left, found = part.compress_size, 0
    while left and (step := source.read(min(_STEP, left))):
        left -= len(step)
        found = zlib.crc32(step, found)
    if left or found != part.CRC:
        raise refused("file-damaged", "sum")


def _inflate(source: BinaryIO, at: int, part: zipfile.ZipInfo, most: int) -> int:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    source.seek(at)
    left, made, found = part.compress_size, 0, 0
    try:
        while not unpacker.eof:
            packed = unpacker.unconsumed_tail
            if not packed:
                packed = source.read(min(_STEP, left))
                left -= len(packed)
                if not packed:
                    raise refused("file-damaged", "cut")
            step = unpacker.decompress(packed, _MOST_AT_ONCE)
            made += len(step)
            found = zlib.crc32(step, found)
            if made > most:
                raise refused("package-bomb", "real")
    except zlib.error:
        raise refused("file-damaged", "deflate") from None
    if made != part.file_size or found != part.CRC:
        raise refused("file-damaged", "size or sum")
    return made

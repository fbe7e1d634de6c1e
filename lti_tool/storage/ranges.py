"""Which part of a file a browser asks for (RFC 9110, 13 and 14), for players that jump. Pure."""

import re
from dataclasses import dataclass

_ONE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file: its first byte, and how many there are."""

    start: int
    size: int

    def said_of(self, whole: int) -> str:
        """Returns the value of the header `Content-Range`."""
        return f"bytes {self.start}-{self.start + self.size - 1}/{whole}"


class Unsatisfiable(Exception):
    """The part lies behind the end of the file (HTTP 416)."""


def part_asked(header: str, if_range: str, etag: str, size: int) -> Part | None:
    """Returns the part that the headers ask for, or None for the whole file.

    `Range` is taken with one range in bytes; anything else, several ranges among it, gives the
    whole, as does an `If-Range` that names another version or a date (14.2, 13.1.5). Raises
    `Unsatisfiable`.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or (if_range and if_range.strip() != etag):
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if first and last and int(last) < int(first):
        return None  # not a range at all (14.1.1)
    if not first:
        length = min(int(last), size)
        if not length:
            raise Unsatisfiable
        return Part(size - length, length)
    start = int(first)
    if start >= size:
        raise Unsatisfiable
    end = min(int(last), size - 1) if last else size - 1
    return Part(start, end - start + 1)


def is_known(if_none_match: str, etag: str) -> bool:
    """Says whether the browser holds this version already (13.1.2; weak comparison)."""
    named = {name.strip().removeprefix("W/") for name in if_none_match.split(",")}
    return etag in named or "*" in named

"""Where the samples of a track lie in the file, from its tables (ISO 14496-12, 8.6 and 8.7). Pure."""

import struct
from collections.abc import Iterator, Mapping

_MOST_CHUNKS = 200_000


def chunks_of(tables: Mapping[bytes, bytes]) -> Iterator[tuple[int, int]]:
    """Yields place and length of each chunk; `tables` are the contents of the boxes, by type.

    Raises `struct.error`, `KeyError` or `IndexError` for tables that do not agree.
    """
    places = _places(tables)
    sizes = _Sizes(tables[b"stsz"])
    runs = _runs(tables[b"stsc"]) if places else []
    sample = run = 0
    for number, place in enumerate(places, start=1):
        while run + 1 < len(runs) and runs[run + 1][0] <= number:
            run += 1
        count = runs[run][1]
        length = sizes.of(sample, count)
        sample += count
        yield place, length


def _places(tables: Mapping[bytes, bytes]) -> list[int]:
    table = tables.get(b"stco") or tables[b"co64"]
    (count,) = struct.unpack_from(">L", table, 4)
    if count > _MOST_CHUNKS:
        raise IndexError("more chunks than are looked at")
    kind = "L" if b"stco" in tables else "Q"
    return list(struct.unpack_from(f">{count}{kind}", table, 8))


class _Sizes:
    """The sizes of samples: one for all, or a table."""

    def __init__(self, table: bytes) -> None:
        self._table = table
        self._same, self._count = struct.unpack_from(">LL", table, 4)

    def of(self, first: int, count: int) -> int:
        """Returns the bytes of so many samples from the first of them."""
        if first + count > self._count:
            raise IndexError("more samples than sizes")
        if self._same:
            return int(self._same) * count
        return sum(struct.unpack_from(f">{count}L", self._table, 12 + 4 * first))


def _runs(table: bytes) -> list[tuple[int, int]]:
    """Returns, for each run of chunks, its first chunk and how many samples each has."""
    (count,) = struct.unpack_from(">L", table, 4)
    runs = [struct.unpack_from(">LL", table, 8 + 12 * index) for index in range(count)]
    return [(int(first), int(samples)) for first, samples in runs]

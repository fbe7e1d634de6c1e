"""Pages of a list, and the links between them (AGS 2.0 and NRPS 2.0 use RFC 8288)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote

Row = TypeVar("Row")

FILTERS = ("resource_link_id", "resource_id", "tag", "user_id", "role", "rlid", "groups")


@dataclass(frozen=True, slots=True)
class Page:
    """So many rows from an offset on; no limit means all of them."""

    offset: int = 0
    limit: int | None = None

    def of(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Returns the rows of this page."""
        if self.limit is None:
            return rows
        return rows[self.offset : self.offset + self.limit]

    def next_offset(self, total: int) -> int | None:
        """Returns where the next page begins, or none after the last."""
        if self.limit is None or not 0 <= self.offset < total:
            return None
        following = self.offset + self.limit
        return following if following < total else None


def positive(arguments: Mapping[str, str], name: str) -> int | None:
    """Returns a query argument that is a whole number above nought, else none."""
    text = arguments.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None


def kept_filters(arguments: Mapping[str, str]) -> dict[str, str]:
    """Returns the filters of a request, ready to stand in the next page's address."""
    return {name: quote(arguments[name], safe="") for name in FILTERS if arguments.get(name)}


def with_query(url: str, arguments: Mapping[str, object]) -> str:
    """Returns the address with arguments added; they are written as they are."""
    if not arguments:
        return url
    joint = "&" if "?" in url else "?"
    return url + joint + "&".join(f"{name}={value}" for name, value in arguments.items())

"""Finds the next page in a `Link` header (RFC 8288), tolerantly, as AGS and NRPS page with it.

Moodle 4.5 writes curly quotes around `rel`, which arrive as the mojibake of their UTF-8, and
`&amp;` in its addresses. Cursors are opaque: their case and their text stay as they came.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from lti_tool.lti.addresses import same_origin
from lti_tool.lti.refusals import ServiceUnreadable
from lti_tool.lti.waiting import header

# Curly quotes, then their UTF-8 bytes read as Latin-1 and as Windows-1252 (with 0x9D kept, and
# dropped). No address holds one: what is not ASCII is percent-encoded there.
_QUOTES = re.compile(
    "[\u201c\u201d\u201e\u201f]|\u00e2\u0080[\u009c\u009d\u009e\u009f]"
    "|\u00e2\u20ac[\u0153\u009d\u017e\u0178]?"
)
_TARGET = re.compile(r"<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*(?P<name>[^\s=;,<"]*)\s*(?:=\s*(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s;,<"]*))?"""
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link: its target as it was written, and its relations in lower case."""

    target: str
    relations: frozenset[str]


def parse_links(value: str) -> list[Link]:
    """Returns the header's links in their order; what cannot be read is passed over."""
    straight = _QUOTES.sub('"', value)
    links: list[Link] = []
    position = 0
    while found := _TARGET.search(straight, position):
        relations, position = _relations(straight, found.end())
        links.append(Link(found[1].strip().replace("&amp;", "&"), relations))
    return links


def next_link(headers: Mapping[str, str], current_url: str) -> str | None:
    """Returns the absolute address of the next page, or None on the last one.

    Raises `ServiceUnreadable` (`next-link-foreign`) when it is not on the origin of the current
    one: our access token must go to no other host, and to leave the rest out would be a lie.
    """
    for link in parse_links(header(headers, "Link") or ""):
        if "next" in link.relations:
            return _resolved(link.target, current_url)
    return None


def _resolved(target: str, current_url: str) -> str:
    try:
        url = urljoin(current_url, target)
    except ValueError:
        url = ""
    if not same_origin(url, current_url):
        raise ServiceUnreadable("next-link-foreign", detail="rel=next leaves the origin")
    return url


def _relations(value: str, position: int) -> tuple[frozenset[str], int]:
    """Returns the relations after a target, and where the next link may begin.

    RFC 8288, §3.3: of several `rel` only the first counts.
    """
    relations: frozenset[str] | None = None
    while found := _PARAMETER.match(value, position):
        position = found.end()
        if relations is None and found["name"].lower() == "rel":
            names = (found["value"] or "").strip("\"'").lower()
            relations = frozenset(names.split())
    return relations or frozenset(), position

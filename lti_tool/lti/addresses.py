"""Addresses: what an origin is, and how a path or a query is added to an opaque URL."""

import re
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
# A browser reads "\" as "/", and drops tabs and line ends: Python's parser does neither, and
# an address that the two read differently is never what an LMS meant.
_UNCLEAR = re.compile(r"[\x00-\x20\\\x7f]")

Origin = tuple[str, str, int]


def origin(url: str) -> Origin | None:
    """Returns (scheme, host, port) of an absolute http(s) address, or None (RFC 6454, §4).

    An address with a user name, a backslash or white space has none.
    """
    if _UNCLEAR.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme]


def same_origin(one: str, other: str) -> bool:
    """Returns whether both are absolute http(s) addresses on one scheme, host and port."""
    first = origin(one)
    return first is not None and first == origin(other)


def with_path_ending(url: str, ending: str) -> str:
    """Returns the URL with `/ending` on its path and its query kept.

    AGS 2.0, “Score service” and “Result service”: Moodle's line items carry `?type_id=…`, and the ending goes
    before it.
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{ending}", fragment=""))


def with_query(url: str, added: dict[str, str]) -> str:
    """Returns the URL with the parameters added; ours replace those of the same name.

    What else the query holds stays as it was written, byte for byte: it is the LMS's own.
    """
    parts = urlsplit(url)
    kept = [piece for piece in parts.query.split("&") if piece and _name(piece) not in added]
    query = "&".join([*kept, urlencode(added, quote_via=quote)] if added else kept)
    return urlunsplit(parts._replace(query=query, fragment=""))


def _name(piece: str) -> str:
    return piece.partition("=")[0]

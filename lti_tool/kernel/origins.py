"""Origins of web addresses, as they may stand in a content security policy."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

# A host name in ASCII, or an address; with its port. No wildcard, no user name, no separator.
_SOURCE = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")


@lru_cache(maxsize=1024)  # asked in every launch, mostly for the same few
def source_of(address: str) -> str | None:
    """Returns the origin of an http(s) address as a CSP source, or None where it has none.

    What would end the source, or the policy, has no place in an origin (CSP 3, §2.3.1).
    """
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return None
    source = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in {"http", "https"} or not _SOURCE.fullmatch(source):
        return None
    return source

"""What a scanner may say of a file, and who gets the file then. Pure."""

from datetime import timedelta
from enum import StrEnum

TOPIC = "files.scan"
LANE = "clamav"
# A file that could not be scanned is tried again, at first soon, then every few hours.
AT_ONCE = timedelta(0)


class Scan(StrEnum):
    """How far the scan of a file is. Where no scanner is configured it is not asked for."""

    NOT_ASKED = "not-asked"
    RECEIVED = "received"
    SCANNING = "scanning"
    CLEAN = "clean"
    INFECTED = "infected"
    COULD_NOT_SCAN = "could-not-scan"


class Serving(StrEnum):
    """What somebody who asks for a file is given."""

    CONTENT = "content"
    BEING_CHECKED = "being-checked"
    INFECTED = "infected"
    NOTHING = "nothing"


SCANNED = frozenset({Scan.CLEAN, Scan.INFECTED})


def serving(scan: Scan, *, is_owner: bool, may_see: bool) -> Serving:
    """Returns what is given of a file whose scan stands so, to somebody who owns or may see it.

    The content is given when it is clean, or when no scanner is there to ask. Until then its
    owner alone is told that it is being checked, or that a virus was found; to others it is not
    there. Nobody gets the bytes, the owner included: they might be on another machine by now.
    """
    if not (is_owner or may_see):
        return Serving.NOTHING
    if scan in {Scan.CLEAN, Scan.NOT_ASKED}:
        return Serving.CONTENT
    if not is_owner:
        return Serving.NOTHING
    return Serving.INFECTED if scan is Scan.INFECTED else Serving.BEING_CHECKED

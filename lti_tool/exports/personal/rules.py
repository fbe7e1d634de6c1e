"""How large a record may be, what may be in it, and how its files are called. Pure."""

import re
from datetime import timedelta
from typing import Final

SCHEMA: Final = "imhcf-record/1"
FILES = "files/"

MEGABYTE = 1_000_000
# The zip as uploaded; what may be in it; the record, which is the one part that is unpacked whole.
MOST_ZIP = 100 * MEGABYTE
MOST_RECORD = 64 * MEGABYTE
MOST_UNPACKED = 200 * MEGABYTE
MOST_ENTRIES = 2_000
# An entry above a megabyte that was packed tighter than this is no certificate. The record is
# text that may repeat itself, so its size alone is bounded.
MOST_RATIO = 100
# A zip that was looked at and neither taken in nor put away is forgotten after this time.
WAITS_FOR = timedelta(days=1)

_FILE_NAME = re.compile(r"files/[a-z0-9][a-z0-9-]{0,60}\.[a-z0-9]{1,5}")


def is_file_name(name: str) -> bool:
    """Says whether a name in the zip is one that this program gives to a certificate."""
    return _FILE_NAME.fullmatch(name) is not None


def file_name(number: int, ending: str) -> str:
    """Returns the name of the n-th file of a record: the owner's own name for it is in the record.

    A name of ours is safe on every system, unique, and tells nothing to who lists the zip.
    """
    plain = re.sub(r"[^a-z0-9]", "", ending.lower())[:5]
    return f"{FILES}certificate-{number:03d}.{plain or 'bin'}"

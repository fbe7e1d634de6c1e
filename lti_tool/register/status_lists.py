"""Bitstring Status List 1.0 (W3C): one bit for each credential, in a signed, cacheable list. Pure.

The purpose is "suspension", which can be taken back, as a register's can. A list says nothing of
who holds what: places in it are drawn by lot, and every list has the same length.
"""

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta

from lti_tool.register.badges import CREDENTIALS, Json, moment, status_address

# The least that the specification allows (6.1): with fewer, a place would tell too much.
LENGTH = 131_072
# Lots are drawn quickly only while a good part of the list is free.
MOST_IN_A_LIST = 100_000
_LIVES_FOR = timedelta(days=2)
FRESH_FOR = timedelta(minutes=5)


def encoded(indices: Iterable[int]) -> str:
    """Returns the bits as multibase of a GZIP; place 0 is the leftmost bit (3.3)."""
    bits = bytearray(LENGTH // 8)
    for index in indices:
        bits[index // 8] |= 0x80 >> (index % 8)
    compressed = gzip.compress(bytes(bits), mtime=0)  # the same bits give the same bytes
    return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode()


def status_list_json(
    base_url: str, issuer: Json, number: int, indices: Iterable[int], now: datetime
) -> Json:
    """Returns the list as a credential (2.2), the same for a whole day unless a bit changes."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    address = status_address(base_url, number)
    return {
        "@context": [CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": moment(since),
        "validUntil": moment(since + _LIVES_FOR),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "suspension",
            "encodedList": encoded(indices),
            "ttl": int(FRESH_FOR.total_seconds() * 1000),
        },
    }

"""The life of a signing key of ours: published, signing, retiring, retired. Pure.

A new key is published a while before it signs, since LMSs keep a copy of our key set and some
read it again only when that copy is old. The key before it stays published for longer than
anything that it signed can be under way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.gateway.rules import KeyStatus
from lti_tool.kernel.errors import InvalidInput, NotFound
from lti_tool.kernel.text import N_

# An LMS may keep its copy of our key set for a day.
LEAD = timedelta(days=1)
OVERLAP = timedelta(days=7)
# From this age on, `imhcf doctor` asks for a new one.
OLD_AGE = timedelta(days=365)


class Standing(StrEnum):
    """What a key is good for at a moment: the status that is stored, and the clock."""

    NEXT = "next"
    SIGNING = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key without its secret. `retires_at` is when it stops being published, once known."""

    id: int
    kid: str
    status: KeyStatus
    created_at: datetime
    activates_at: datetime
    retires_at: datetime | None = None
    retired_at: datetime | None = None


def signing(keys: Sequence[KeyFacts], now: datetime) -> KeyFacts | None:
    """Returns the key that signs now: the newest active one whose time has come.

    Where none has come (a clock was set back), the one whose time comes first: it is published,
    and an installation always signs. None where no key is active at all.
    """
    active = [key for key in keys if key.status is KeyStatus.ACTIVE]
    ready = [key for key in active if key.activates_at <= now]
    if ready:
        return max(ready, key=lambda key: key.id)
    return min(active, key=lambda key: (key.activates_at, key.id), default=None)


def standing(key: KeyFacts, keys: Sequence[KeyFacts], now: datetime) -> Standing:
    """Returns what one of the keys is good for now."""
    if key.status is not KeyStatus.ACTIVE:
        return Standing(key.status.value)
    present = signing(keys, now)
    if present is None or key.id == present.id:
        return Standing.SIGNING
    return Standing.NEXT if key.id > present.id else Standing.RETIRING


def superseded(keys: Sequence[KeyFacts], now: datetime) -> list[KeyFacts]:
    """Returns the active keys that a newer one has taken the place of."""
    present = signing(keys, now)
    older = present.id if present else 0
    return [key for key in keys if key.status is KeyStatus.ACTIVE and key.id < older]


def over(keys: Sequence[KeyFacts], now: datetime) -> list[KeyFacts]:
    """Returns the retiring keys that need not be published any longer."""
    return [
        key
        for key in keys
        if key.status is KeyStatus.RETIRING and key.retires_at and key.retires_at <= now
    ]


def named(keys: Sequence[KeyFacts], start: str) -> KeyFacts:
    """Returns the key with this id, or the only one whose id begins like that.

    Raises `NotFound`, and `InvalidInput` for a beginning that several share.
    """
    found = [key for key in keys if start and key.kid.startswith(start)]
    exact = [key for key in found if key.kid == start]
    if not found:
        raise NotFound(
            N_("There is no such key."),
            code="key-unknown",
            advice="`imhcf keys list` shows them.",
        )
    if len(found) > 1 and not exact:
        raise InvalidInput(
            N_("Several keys begin like that."),
            code="key-unclear",
            advice="Type more of its id; `imhcf keys list` shows them.",
        )
    return exact[0] if exact else found[0]

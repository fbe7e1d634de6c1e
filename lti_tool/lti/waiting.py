"""Time in this room: whether a while has passed, and how long an LMS asks us to wait."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

Clock = Callable[[], datetime]

# RFC 9110, §15.5.9 and §15.5; RFC 8470; RFC 6585: the same call may do well later.
_PASSING = frozenset({408, 425, 429})
_SERVER_ERRORS = range(500, 600)

# An LMS may ask for patience, not for ever.
LONGEST_WAIT_SECONDS = 24 * 3600.0


def is_within(moment: datetime | None, period: timedelta, now: datetime) -> bool:
    """Returns whether the moment was less than the period ago.

    A moment ahead of now is not: after a clock is set back, nothing must be blocked for long.
    """
    return moment is not None and timedelta(0) <= now - moment < period


def is_passing(status: int) -> bool:
    """Returns whether an HTTP status speaks of a trouble that passes by itself."""
    return status in _PASSING or status in _SERVER_ERRORS


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Returns a header whatever the case of its name."""
    for each, value in headers.items():
        if each.lower() == name.lower():
            return value
    return None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Returns the seconds to wait that `Retry-After` asks for, at most a day (RFC 9110, §10.2.3).

    It is a number of seconds or a date; None when absent or neither.
    """
    value = (header(headers, "Retry-After") or "").strip()
    if value.isascii() and value.isdigit():
        # A number this long need not be read to its end, and Python refuses to.
        seconds = float(value[:12])
    else:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_SECONDS)

"""The one place that reads the wall clock. Times are aware and in UTC everywhere."""

from datetime import UTC, datetime


def now() -> datetime:
    """Returns the present moment, aware, in UTC, with microseconds."""
    return datetime.now(UTC)


def floor_to_second(moment: datetime) -> datetime:
    """Returns the moment without its fraction: LMSs compare score timestamps by the second."""
    return moment.replace(microsecond=0)

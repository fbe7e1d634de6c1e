"""Which changes of a text make one version, so that no words are lost and few rows are kept. Pure."""

from datetime import datetime, timedelta

# What is typed within this time, in one sitting, is one version.
ONE_VERSION = timedelta(minutes=5)
# More than this taken away at once begins a new version, so that the old words can be had back.
TAKEN_AWAY = 40


def is_one_version(begun_at: datetime, now: datetime, taken: int) -> bool:
    """Says whether a change goes on with the newest version of the same sitting.

    It does within minutes, unless more than a few words are taken away in it altogether: then
    the version before stays, and its words can be had back. `taken` counts their characters.
    """
    return begun_at <= now < begun_at + ONE_VERSION and taken <= TAKEN_AWAY


def taken_away(before: str, after: str) -> int:
    """Returns how many characters between the unchanged beginning and end are there no more."""
    shortest = min(len(before), len(after))
    start = 0
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return len(before) - start - end

"""Custom parameters that an LMS fills in: LTI Core 1.3, appendix C; Deep Linking 2.0, appendix A.

A parameter whose value is `$Variable` comes back with what the LMS knows, or as it was written
where the LMS does not know the variable: that counts as absent.
Canvas: https://canvas.instructure.com/doc/api/file.tools_variable_substitutions.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from urllib.parse import unquote

# Our parameter, and the variable that fills it. Registrations ask for those that the LMS offers.
HISTORIES: Mapping[str, str] = MappingProxyType(
    {"context_history": "Context.id.history", "link_history": "ResourceLink.id.history"}
)
DATES: Mapping[str, str] = MappingProxyType(
    {
        "available_from": "ResourceLink.available.startDateTime",
        "available_until": "ResourceLink.available.endDateTime",
        "submission_from": "ResourceLink.submission.startDateTime",
        "due": "ResourceLink.submission.endDateTime",
    }
)
# The dates of the assignment for the person who launches: Canvas can give each learner others.
CANVAS_DATES: Mapping[str, str] = MappingProxyType(
    {
        "canvas_available_from": "Canvas.assignment.unlockAt.iso8601",
        "canvas_available_until": "Canvas.assignment.lockAt.iso8601",
        "canvas_due": "Canvas.assignment.dueAt.iso8601",
    }
)
SUBSTITUTIONS: Mapping[str, str] = MappingProxyType({**HISTORIES, **DATES, **CANVAS_DATES})

# More ancestors than this is no course's history.
MOST_ANCESTORS = 50
_LONGEST_ID = 255
_LONGEST_MOMENT = 40


def asked(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the parameters as they stand in a configuration: `{"due": "$ResourceLink…"}`."""
    return {name: f"${variable}" for name, variable in variables.items()}


def filled(custom: Mapping[str, str], name: str) -> str:
    """Returns what the LMS filled in; "" where it filled in nothing, or left the variable."""
    value = custom.get(name, "").strip()
    return "" if value.startswith("$") else value


def moment(custom: Mapping[str, str], *names: str) -> datetime | None:
    """Returns the first of the parameters that is an ISO 8601 moment, in UTC and whole seconds.

    One without a zone is taken as UTC, as the specification writes them. Anything else counts as
    not given: a date that cannot be read must not break a launch.
    """
    for name in names:
        value = filled(custom, name)
        if not value or len(value) > _LONGEST_MOMENT:
            continue
        try:
            found = datetime.fromisoformat(value)
            found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return found.replace(microsecond=0)
    return None


def ancestors(custom: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Returns the ids that a history names, the nearest first; they come URL-encoded."""
    ids = (unquote(part.strip()) for part in filled(custom, name).split(","))
    good = (one for one in ids if one and len(one) <= _LONGEST_ID and "\0" not in one)
    return tuple(dict.fromkeys(good))[:MOST_ANCESTORS]

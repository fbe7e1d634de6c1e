"""Custom parameters that an LMS fills in, when their value is `$` and a variable's name.

LTI 1.3 core, appendix C; Deep Linking 2.0, appendix. One that an LMS does not know is left as it
was written.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from lti_tool.demo.models import Placement
from lti_tool.demo.platform.facts import LaunchFacts

if TYPE_CHECKING:
    from lti_tool.demo.platform.profile import Profile

_LINK = "ResourceLink."
# The specification's name of each date, and Canvas's older one.
CANVAS_DATES = {
    _LINK + "available.startDateTime": "unlockAt",
    _LINK + "available.endDateTime": "lockAt",
    _LINK + "submission.endDateTime": "dueAt",
}
DATE_NAMES = {
    *CANVAS_DATES,
    *(f"Canvas.assignment.{name}.iso8601" for name in CANVAS_DATES.values()),
}


def filled(custom: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Returns the parameters, with each known variable replaced by its value."""
    return {
        name: known.get(value[1:], value) if value.startswith("$") else value
        for name, value in custom.items()
    }


def link_variables(facts: LaunchFacts, profile: "Profile") -> dict[str, str]:
    """Returns what is known of the link, the course and the person."""
    links = [profile.link_id(one) for one in facts.link_ancestors]
    courses = [profile.context_id(one) for one in facts.course_ancestors]
    return {
        "User.id": profile.subject(facts.person),
        "Context.id": profile.context_id(facts.course),
        "Context.title": facts.course.title,
        "Context.label": facts.course.label,
        "Context.id.history": ",".join(quote(one, safe="") for one in courses),
        "ResourceLink.id": profile.link_id(facts.placement),
        "ResourceLink.title": facts.placement.title,
        "ResourceLink.description": facts.placement.description,
        "ResourceLink.id.history": ",".join(quote(one, safe="") for one in links),
    }


def date_variables(placement: Placement) -> dict[str, str]:
    """Returns the dates of a link; one that is not set is empty."""
    return {
        _LINK + "available.startDateTime": _moment(placement.available_from),
        _LINK + "available.endDateTime": _moment(placement.available_until),
        _LINK + "submission.startDateTime": _moment(placement.submission_from),
        _LINK + "submission.endDateTime": _moment(placement.due_at),
    }


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

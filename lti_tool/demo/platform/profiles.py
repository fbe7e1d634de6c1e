"""The profiles by name, with what a developer should know of each before choosing it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from lti_tool.demo.platform.canvas import Canvas
from lti_tool.demo.platform.moodle import Moodle
from lti_tool.demo.platform.profile import Profile
from lti_tool.demo.platform.strict import Strict
from lti_tool.kernel.errors import Misconfigured

PROFILES: Mapping[str, Profile] = {
    profile.key: profile for profile in (Moodle(), Canvas(), Strict())
}


@dataclass(frozen=True, slots=True)
class ProfileText:
    """How a profile is introduced on the settings page."""

    title: LazyString
    summary: LazyString


TEXTS: Mapping[str, ProfileText] = {
    "moodle": ProfileText(
        _("Moodle 4.5"),
        _(
            "Launch tokens live for a minute. A score of the same second is refused with 409, "
            "one that is not final erases the grade, and paging headers are malformed."
        ),
    ),
    "canvas": ProfileText(
        _("Canvas"),
        _(
            "Each score is a new submission. Institution roles come along in every launch, "
            "there are two deployments, and calls without a User-Agent are refused."
        ),
    ),
    "strict": ProfileText(
        _("Strict"),
        _(
            "Only what the specification requires is sent, everything posted must be complete, "
            "and access tokens live for a minute. Close to Open edX."
        ),
    ),
}


def named_profile(key: str) -> Profile:
    """Returns a profile; raises `Misconfigured` when there is none of that name."""
    profile = PROFILES.get(key)
    if profile is None:
        raise Misconfigured(
            f"The development LMS has no profile called “{key}”.",
            advice=f"Choose one of {', '.join(PROFILES)}.",
        )
    return profile

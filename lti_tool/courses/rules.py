"""What a placement may be, and how people are called. Pure: no Flask, no SQL."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from lti_tool.kernel.actor import Role

LAUNCHED = "lms"
BY_HAND = "tutor"


class GradeRule(StrEnum):
    """How a placement is graded."""

    COMPLETION = "completion"
    ACHIEVED = "achieved"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SetUp:
    """What a placement shows and how it is graded. No domains means all of them."""

    instrument: str
    domains: tuple[int, ...] = ()
    grade_rule: GradeRule = GradeRule.COMPLETION

    @property
    def is_done(self) -> bool:
        return bool(self.instrument)


NOT_SET_UP = SetUp("", (), GradeRule.NONE)


@dataclass(frozen=True, slots=True)
class Milestones:
    """What a placement does with time: a tutor sets it by hand, no launch ever changes it.

    At the end of the day `snapshot_on` everybody's answers are kept as they stand. With
    `asks_looking_back`, learners are asked at the end how they were at the start.
    """

    snapshot_on: date | None = None
    asks_looking_back: bool = False


NO_MILESTONES = Milestones()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a launch says of a person, a course and a resource link, in this room's words.

    `copied_from` is our public id of the placement that the link, or the one that it is a copy
    of, was made for: the custom parameter `placement`.
    """

    organisation_id: int
    registration_id: int
    deployment: str
    subject: str
    roles: frozenset[Role]
    name: str
    email: str
    context: str
    course_title: str
    course_label: str
    resource_link: str
    link_title: str
    set_up: SetUp = NOT_SET_UP
    line_item: str = ""
    line_items: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)
    copied_from: str = ""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who and where a launch turned out to be.

    `is_news` says that the placement is new to the person, or was set up or graded elsewhere
    before, so that scores should be looked at again.
    """

    person_id: int
    course_id: int
    membership_id: int
    membership_public_id: str
    placement_id: int
    placement_public_id: str
    display_name: str
    is_news: bool


def display_name(name: str, public_id: str) -> str:
    """Returns the name, or a pseudonym that stays the same where the LMS shares no names."""
    return name or "Participant " + hashlib.sha256(public_id.encode()).hexdigest()[:4].upper()


def set_up_from_custom(custom: dict[str, str]) -> SetUp:
    """Reads the custom parameters of a resource link; what cannot be read counts as not given.

    A set-up that is not understood must not break the launch: the tutor is asked instead.
    """
    instrument = custom.get("instrument", "").strip()
    try:
        rule = GradeRule(custom.get("grade", "").strip() or GradeRule.COMPLETION)
        wanted = (part.strip() for part in custom.get("domains", "").split(","))
        domains = tuple(sorted({int(part) for part in wanted if part}))
    except ValueError:
        return NOT_SET_UP
    return SetUp(instrument[:60], domains, rule) if instrument else NOT_SET_UP

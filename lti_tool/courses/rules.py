"""What a placement may be, and how people are called. Pure: no Flask, no SQL."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum

from lti_tool.kernel.actor import Role

LAUNCHED = "lms"
BY_HAND = "tutor"
# A data privacy launch is about a person and no course: its session belongs to one that has
# no placement and is shown nowhere.
DATA_PRIVACY_CONTEXT = "imhcf:data-privacy"
HIGHEST_DOMAIN = 99


class GradeRule(StrEnum):
    """How a placement is graded."""

    COMPLETION = "completion"
    ACHIEVED = "achieved"
    NONE = "none"


class GradeParts(StrEnum):
    """What has a grade of its own: the whole of a placement, or each of its domains."""

    WHOLE = "whole"
    DOMAINS = "domains"


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
class Dates:
    """When a placement is open, and when it is due. Moments are aware; nothing is closed by them."""

    available_from: datetime | None = None
    available_until: datetime | None = None
    submission_from: datetime | None = None
    due_at: datetime | None = None

    def __bool__(self) -> bool:
        return any((self.available_from, self.available_until, self.submission_from, self.due_at))

    def or_else(self, other: "Dates") -> "Dates":
        """Returns these dates, and those of `other` where this has none."""
        return Dates(
            self.available_from or other.available_from,
            self.available_until or other.available_until,
            self.submission_from or other.submission_from,
            self.due_at or other.due_at,
        )


NO_DATES = Dates()
# What a membership holds: by the number of a placement, the dates by their names, as ISO 8601.
OwnDates = Mapping[str, Mapping[str, str]]


def own_dates_at(stored: OwnDates | None, placement_id: int) -> Dates:
    """Returns the dates of a placement that are this member's own."""
    found = (stored or {}).get(str(placement_id), {})
    return Dates(**{name: datetime.fromisoformat(text) for name, text in found.items()})


def with_own_dates(
    stored: OwnDates | None, placement_id: int, dates: Dates
) -> dict[str, dict[str, str]] | None:
    """Returns what a membership holds from now on; without any date, nothing of the placement."""
    found = {name: dict(one) for name, one in (stored or {}).items() if name != str(placement_id)}
    if dates:
        given = {name: moment for name, moment in asdict(dates).items() if moment}
        found[str(placement_id)] = {name: moment.isoformat() for name, moment in given.items()}
    return found or None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a launch says of a person, a course and a resource link, in this room's words.

    `copied_from` is our public id of what the link, or the one that it is a copy of, was made
    for: the custom parameter `placement`. The histories are the LMS's ids of the links and
    courses that this one is a copy of, the nearest first. `resource_link` is empty where a
    message is about no link. `sees` are those whom an observer may see, by `sub`, in order.
    `dates` hold for everybody, `own_dates` for this person alone.
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
    memberships_url: str = ""
    groups_url: str = ""
    group_sets_url: str = ""
    # Asked only for a placement that is new: what the LMS's notices said of where its course came
    # from, where the launch itself does not say it.
    noticed_origins: Callable[[], Sequence[str]] = field(default=tuple, compare=False)
    link_history: tuple[str, ...] = ()
    context_history: tuple[str, ...] = ()
    dates: Dates = NO_DATES
    own_dates: Dates = NO_DATES
    sees: tuple[str, ...] = ()


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

    A set-up that is not understood must not break the launch: the tutor is asked instead. A
    variable that the LMS did not fill in ("$…") is not understood either.
    """
    instrument = custom.get("instrument", "").strip()
    if instrument.startswith("$"):
        return NOT_SET_UP
    try:
        rule = GradeRule(custom.get("grade", "").strip() or GradeRule.COMPLETION)
        wanted = (part.strip() for part in custom.get("domains", "").split(","))
        domains = tuple(sorted({int(part) for part in wanted if part}))
    except ValueError:
        return NOT_SET_UP
    if any(not 0 < number <= HIGHEST_DOMAIN for number in domains):
        return NOT_SET_UP
    return SetUp(instrument[:60], domains, rule) if instrument else NOT_SET_UP

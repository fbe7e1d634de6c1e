"""Which column is a placement's, when it is looked at, and what a tutor's grade is. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from urllib.parse import parse_qs, urlencode, urlsplit

from lti_tool.competencies.models import Instrument, Kind
from lti_tool.courses.rules import GradeParts, GradeRule, SetUp
from lti_tool.grades.comparing import EMPTY, Cell
from lti_tool.grades.rules import MAXIMUM, WHOLE, part_of
from lti_tool.kernel.text import N_
from lti_tool.lti.claims import SCOPE_LINE_ITEM
from lti_tool.lti.deliveries import Result
from lti_tool.lti.line_items import LineItem

FIND_LINE_ITEM = "line-item.find"
CHANGE_LINE_ITEM = "line-item.change"
DELETE_LINE_ITEM = "line-item.delete"
RECONCILE = "grades.reconcile"

# What every column that this tool asks for is tagged with (AGS 2.0, "tag").
TAG = "imhcf"
# When gradebooks are read back, in the installation's zone, and over how long that is spread.
NIGHT_BEGINS = time(1)
NIGHT_LASTS = timedelta(hours=4)
LONGEST_LABEL = 255


class ColumnState(StrEnum):
    """Whether a part of a placement has a column, and if not, why."""

    READY = "ready"
    WANTED = "wanted"
    REFUSED = "refused"
    GONE = "gone"
    DELETING = "deleting"
    DELETED = "deleted"


# Why there is no column, or what is to be said of it, in the words that a tutor reads.
COLUMN_REASONS = {
    "several-found": N_("Your gradebook has several columns for this; the oldest is used."),
    "permission-missing": N_("The LMS does not allow this service to do that."),
    "line-item-gone": N_("The column, or the whole course, is no longer in the LMS."),
    "service-refused": N_("The LMS refused it."),
    "no-list": N_("The LMS offers no way to add columns to its gradebook."),
    "registration-disabled": N_("The connection to this LMS is switched off."),
    "service-unavailable": N_("The LMS does not answer usefully at the moment."),
    "unreachable": N_("The LMS cannot be reached."),
    "token-refused": N_("The LMS does not recognise this service."),
}


@dataclass(frozen=True, slots=True)
class Home:
    """Where a placement's columns are kept: the LMS's list of them, and what we may do there.

    `names` are what a column's `resourceId` may be for this placement: its own public id, and
    that of the plan that it was made from. `taken` are columns of other placements.
    """

    resource_link: str
    title: str
    points: int | None
    set_up: SetUp
    grade_parts: GradeParts
    line_items: str
    scopes: frozenset[str]
    names: tuple[str, ...]
    taken: frozenset[str] = frozenset()

    @property
    def may_make(self) -> bool:
        """Whether the LMS lets us add columns, and there is something to grade."""
        return self.is_graded and SCOPE_LINE_ITEM in self.scopes

    @property
    def is_graded(self) -> bool:
        """Whether grades are sent at all."""
        return self.set_up.is_done and self.set_up.grade_rule is not GradeRule.NONE


def parts_needed(home: Home, asked: Instrument | None) -> tuple[str, ...]:
    """Returns the parts of a placement that have a column of their own."""
    is_whole = home.grade_parts is GradeParts.WHOLE
    if is_whole or asked is None or asked.kind is Kind.PORTFOLIO:
        return (WHOLE,)
    return tuple(part_of(domain.number) for domain in asked.scope(home.set_up.domains))


def resource_id(name: str, part: str) -> str:
    """Returns the `resourceId` of a column: of the placement, or of one part of it."""
    return f"{name}:{part}" if part else name


def choose(home: Home, part: str, items: Sequence[LineItem]) -> tuple[LineItem | None, bool]:
    """Returns the column of a part, and whether several would do.

    First what the LMS ties to the link; then what carries our name and tag, unless it is tied to
    another link or used by another placement. Of several the oldest: numbers in addresses only
    grow, so the shortest and lowest address is it, whatever order the LMS lists them in.
    """
    named = {resource_id(name, part) for name in home.names}
    link = home.resource_link
    free = sorted(
        (item for item in items if item.id not in home.taken),
        key=lambda item: (len(item.id), item.id),
    )
    ours = [item for item in free if item.resource_id in named and item.tag in (TAG, "")]
    tied = [item for item in free if item.resource_link_id == link and not _is_part(home, item)]
    ways = (
        [[i for i in tied if i in ours], tied, [i for i in ours if not i.resource_link_id]]
        if part == WHOLE
        else [ours]
    )
    found = next((way for way in ways if way), [])
    return (found[0] if found else None), len(found) > 1


def new_column(home: Home, part: str, asked: Instrument) -> LineItem:
    """Returns the column to be made. Only that of the whole is tied to the link.

    A link with several columns would make Moodle leave the `lineitem` out of its launches, and a
    first column of a domain would be taken for that of the whole.
    """
    title = home.title or asked.title
    domains = {part_of(domain.number): domain.title for domain in asked.domains}
    label = f"{title}: {domains[part]}" if part else title
    return LineItem(
        id="",
        label=label[:LONGEST_LABEL],
        score_maximum=float(home.points or MAXIMUM),
        resource_id=resource_id(home.names[0], part),
        tag=TAG,
        resource_link_id="" if part else home.resource_link,
    )


def next_look(now: datetime, zone: tzinfo, number: int) -> datetime:
    """Returns when a column is read back: the coming night, each at a moment of its own."""
    spread = int(hashlib.sha256(str(number).encode()).hexdigest()[:8], 16)
    offset = timedelta(seconds=spread % int(NIGHT_LASTS.total_seconds()))
    night = datetime.combine(now.astimezone(zone).date(), NIGHT_BEGINS, zone) + offset
    return night if night > now else night + timedelta(days=1)


def cell_of(stored: Result | None) -> Cell:
    """Returns a result as the ledger compares it."""
    if stored is None:
        return EMPTY
    return Cell(stored.score, stored.maximum, stored.comment, stored.timestamp, stored.by_person)


def column_trouble(code: str) -> str:
    """Returns in words why a column could not be read or changed."""
    known = "line-item-gone" if code == "not-found" else code
    return COLUMN_REASONS.get(known, COLUMN_REASONS["service-unavailable"])


def review_address(base_url: str, person: str) -> str:
    """Returns what an assessor of the LMS launches to open a learner's work.

    Canvas finds the tool by the address's path, and gives the whole as `target_link_uri`.
    """
    return f"{base_url}/lti/launch?{urlencode({'learner': person})}"


def reviewed_person(target: str) -> str:
    """Returns the public id of the learner whose work a launch is to open; empty for none."""
    found = parse_qs(urlsplit(target).query).get("learner", [""])[0]
    return found if found.isascii() and found.replace("-", "").replace("_", "").isalnum() else ""


def _is_part(home: Home, item: LineItem) -> bool:
    return any(item.resource_id.startswith(f"{name}:") for name in home.names)

"""What a roster says, when it is asked for again, and what its failures mean. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from lti_tool.kernel.actor import Role
from lti_tool.kernel.text import N_

TOPIC = "roster.refresh"

# However many tutors open a course page, and however often, its LMS is asked once in this time.
FRESH_FOR = timedelta(minutes=5)
# So many people are stored in one transaction: others wait for the database that long at most.
PEOPLE_AT_ONCE = 1000
MOST_GROUPS = 1000

# Why the LMS did not give the list; what `gateway.rosters` found, in words for a tutor.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "permission-missing": N_("it does not allow this tool to read it."),
        "token-refused": N_("it did not recognise this tool."),
        "token-unavailable": N_("it could not be reached."),
        "token-unreadable": N_("its answer could not be understood."),
        "not-found": N_("it no longer knows this course."),
        "service-refused": N_("it refused."),
        "service-unavailable": N_("it could not be reached, or was busy."),
        "service-unauthorised": N_("it did not recognise this tool."),
        "service-unreadable": N_("its answer could not be understood."),
        "paging-loop": N_("its pages never end."),
        "next-link-foreign": N_("it led to another address in the middle."),
        "registration-disabled": N_("the connection to it is switched off."),
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a course; `kind` is the name of the set that it belongs to, or ""."""

    id: str
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One person as a roster has them. `subject` is the LMS's `user_id`, which is a `sub`."""

    subject: str
    roles: frozenset[Role]
    active: bool
    name: str = ""
    groups: tuple[str, ...] = ()

    @property
    def is_worth_knowing(self) -> bool:
        """Somebody who learns, teaches or administers here; of others nothing is kept."""
        return self.active and bool(self.roles - {Role.OBSERVER})


@dataclass(frozen=True, slots=True)
class RosterView:
    """How a course's roster stands, for the page that shows its people."""

    offered: bool = False
    asked_at: datetime | None = None
    fetched_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str = ""
    groups: tuple[Group, ...] = ()

    @property
    def has_failed(self) -> bool:
        """The newest attempt came to nothing."""
        return self.failed_at is not None and (
            self.fetched_at is None or self.failed_at >= self.fetched_at
        )

    @property
    def is_under_way(self) -> bool:
        """It was asked for, and no answer has come since."""
        answered = max((at for at in (self.fetched_at, self.failed_at) if at), default=None)
        return self.asked_at is not None and (answered is None or answered < self.asked_at)

    def is_due(self, now: datetime) -> bool:
        """Says whether it may be asked for again. A clock that was set back does not stop it."""
        return self.offered and (
            self.asked_at is None or not timedelta(0) <= now - self.asked_at < FRESH_FOR
        )


NO_ROSTER = RosterView()


def once_each(people: Iterable[tuple[int, Listed]]) -> dict[int, Listed]:
    """Returns what is said of each person, by number: two of the LMS's accounts may be one here."""
    found: dict[int, Listed] = {}
    for number, listed in people:
        known = found.get(number)
        found[number] = _joined(known, listed) if known else listed
    return found


def _joined(known: Listed, again: Listed) -> Listed:
    """Somebody who stands twice has the roles and groups of both; active somewhere is active."""
    return replace(
        known,
        roles=known.roles | again.roles,
        active=known.active or again.active,
        name=known.name or again.name,
        groups=tuple(sorted({*known.groups, *again.groups})),
    )

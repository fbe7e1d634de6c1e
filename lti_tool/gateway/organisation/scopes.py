"""The services of an LMS that the tool uses, and what is missing without each. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lti_tool.kernel.text import N_
from lti_tool.lti.claims import (
    SCOPE_LINE_ITEM,
    SCOPE_LINE_ITEM_READONLY,
    SCOPE_MEMBERSHIPS,
    SCOPE_RESULT,
    SCOPE_SCORE,
)


@dataclass(frozen=True, slots=True)
class Service:
    """One permission (scope): what it is for, and what users miss without it."""

    scope: str
    title: str
    without: str


SERVICES: tuple[Service, ...] = (
    Service(
        SCOPE_SCORE,
        N_("Send grades"),
        N_("No grade reaches the gradebook; learners see their progress here alone."),
    ),
    Service(
        SCOPE_LINE_ITEM_READONLY,
        N_("Find columns in the gradebook"),
        N_("Where the LMS does not say which column is an activity's, no grade is sent."),
    ),
    Service(
        SCOPE_LINE_ITEM,
        N_("Make and change columns in the gradebook"),
        N_("An activity without a column gets none, and none gets one for each domain."),
    ),
    Service(
        SCOPE_RESULT,
        N_("Read back what the gradebook holds"),
        N_("A grade that was changed in the gradebook by hand is not noticed here."),
    ),
    Service(
        SCOPE_MEMBERSHIPS,
        N_("See who is in a course"),
        N_("Tutors see only those who have come; nobody is shown as not started or as gone."),
    ),
)


@dataclass(frozen=True, slots=True)
class Permission:
    """How one service stands: allowed, not allowed, or not known yet (None)."""

    service: Service
    is_granted: bool | None


def permissions(
    *, carried: AbstractSet[str], granted: AbstractSet[str], has_tested: bool, has_roster: bool
) -> list[Permission]:
    """Returns how every service stands.

    `granted` is what tokens were given in the last test, which is the surest; `carried` what
    launches and the registration said. Whoever may change columns may read them, and a course
    that told where its roster is (`has_roster`) lets it be read.
    """
    known = set(granted if has_tested else carried)
    if SCOPE_LINE_ITEM in known:
        known.add(SCOPE_LINE_ITEM_READONLY)
    if has_roster and not has_tested:
        known.add(SCOPE_MEMBERSHIPS)
    is_known = has_tested or bool(carried)
    return [
        Permission(service, True if service.scope in known else (False if is_known else None))
        for service in SERVICES
    ]

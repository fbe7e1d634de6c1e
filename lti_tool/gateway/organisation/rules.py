"""What an administrator may change of a connection, and what can be taken back. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.gateway.rules import DeploymentPolicy, DeploymentStatus, RegistrationStatus
from lti_tool.kernel.errors import Conflict, InvalidInput
from lti_tool.kernel.text import N_

TOPIC = "connection.test"
LONGEST_NAME = 120
# A test that has not ended by then was lost with its worker: another may be asked for.
TEST_PATIENCE = timedelta(minutes=3)
# A page that waits for longer says that no worker seems to run.
LATE = timedelta(seconds=30)
# How many grades one click sends again.
MOST_RESENT = 500


class What(StrEnum):
    """What was changed; the names stand in the log."""

    NAME = "name"
    STATUS = "status"
    POLICY = "policy"
    DEPLOYMENT = "deployment"
    GRADES = "grades"


class TestState(StrEnum):
    """How the newest test of a connection stands."""

    __test__ = False  # it is no test of ours, whatever pytest reads in its name

    NONE = "none"
    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the log. `before` and `after` are as stored: names, statuses, counts."""

    id: int
    what: What
    subject: str
    before: str
    after: str
    actor_id: int | None
    created_at: datetime
    by_operator: bool = False


# What each kind of change may be put back to.
_VALUES = {
    What.STATUS: {one.value for one in RegistrationStatus},
    What.POLICY: {one.value for one in DeploymentPolicy},
    What.DEPLOYMENT: {one.value for one in DeploymentStatus},
}


def can_undo(change: Change, present: str) -> bool:
    """Says whether a change can be taken back: what it made still stands, and it hid nothing.

    Sending people out cannot be undone by one click, so switching off is not offered as an undo
    of switching on: it has a page of its own that asks.
    """
    if change.what is What.GRADES or present != change.after:
        return False
    shuts_out = {RegistrationStatus.DISABLED.value, DeploymentStatus.REFUSED.value}
    return change.before not in shuts_out and change.before in _VALUES.get(
        change.what, {change.before}
    )


def checked_name(text: str) -> str:
    """Returns a name as it is stored; raises `InvalidInput` for one that is too long."""
    name = " ".join(text.replace("\0", "").split())
    if len(name) > LONGEST_NAME:
        raise InvalidInput(
            N_("The name is longer than %(most)s characters."),
            code="name-too-long",
            advice=N_("Shorten it."),
            params={"most": LONGEST_NAME},
        )
    return name


def changed_meanwhile() -> Conflict:
    """Returns the refusal to take back what somebody has changed since."""
    return Conflict(
        N_("This has been changed again since, so it was not taken back."),
        code="changed-meanwhile",
        advice=N_("Look at how it stands now, and change it if need be."),
    )


def must_tick() -> InvalidInput:
    """Returns the refusal to shut somebody out who did not say that they know what it means."""
    return InvalidInput(
        N_("Tick the box to say that you know what will happen."),
        code="not-confirmed",
        advice=N_("Nothing has been changed yet."),
    )


def test_state(asked_at: datetime | None, ended_at: datetime | None, now: datetime) -> TestState:
    """Returns how a test stands; one that was lost counts as none."""
    if asked_at is None:
        return TestState.NONE
    if ended_at is not None:
        return TestState.DONE
    return TestState.RUNNING if now - asked_at < TEST_PATIENCE else TestState.NONE

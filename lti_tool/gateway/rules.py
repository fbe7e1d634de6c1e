"""Who is let in, and under which conditions. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed, NotSignedIn
from lti_tool.kernel.origins import source_of
from lti_tool.kernel.text import N_
from lti_tool.lti.registration import Registration

# A login that takes longer was abandoned: people sign in to their LMS in between.
LOGIN_LIFE = timedelta(minutes=10)
# From the launch's answer to the browser's next request; longer where a person must click.
TICKET_LIFE = timedelta(minutes=1)
ASKING_TICKET_LIFE = timedelta(minutes=10)
# Logins under way at once. More than this is not a class but a flood.
MOST_LOGINS = 50_000
# As long as their column.
_MOST_ANCESTORS = 1000

# What an LMS calls this tool, unless its administrators rename it.
TOOL_NAME = "Infant mental health competencies"

OPEN_AGAIN = N_("Open the activity again from your course.")
ASK_SUPPORT = N_("Give this code to the people who run your course.")


class RegistrationStatus(StrEnum):
    """Whether launches of a registration are let in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DeploymentPolicy(StrEnum):
    """What happens to a deployment that nobody has named: it is accepted, or waits."""

    ACCEPT = "accept"
    KNOWN = "known"


class DeploymentStatus(StrEnum):
    """Whether launches of a deployment are let in."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REFUSED = "refused"


class KeyStatus(StrEnum):
    """Signs and is published, is only published, or neither."""

    ACTIVE = "active"
    RETIRING = "retiring"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class KnownRegistration:
    """A registration with what the gateway needs beside the protocol."""

    protocol: Registration
    organisation_id: int
    policy: DeploymentPolicy
    status: RegistrationStatus


@dataclass(frozen=True, slots=True)
class Login:
    """A login under way, as its row has it."""

    id: int
    nonce: str
    browser: str
    storage_target: str
    ends_at: datetime
    is_consumed: bool
    registration: KnownRegistration


# A launch that failed to prove who sends it (HTTP 401); the other refusals are of its form (400).
UNPROVEN = frozenset(
    {
        "algorithm-refused",
        "key-unknown",
        "signature-wrong",
        "issuer-wrong",
        "audience-wrong",
        "authorised-party-wrong",
        "token-expired",
        "token-from-the-future",
        "nonce-wrong",
    }
)


def check_login(login: Login | None, now: datetime) -> Login:
    """Returns the login if a launch may use it; raises the refusal that fits if not."""
    if login is None:
        raise InvalidInput(
            N_("This sign-in was not begun here, or so long ago that it is forgotten."),
            code="state-unknown",
            advice=OPEN_AGAIN,
        )
    if login.is_consumed:
        raise launch_replayed()
    if login.ends_at <= now:
        raise NotSignedIn(
            N_("This sign-in took too long."), code="login-expired", advice=OPEN_AGAIN
        )
    check_registration(login.registration)
    return login


def launch_replayed() -> Conflict:
    """Returns the refusal of a launch whose login was used already."""
    return Conflict(
        N_("This page was opened from your course before and cannot be opened twice."),
        code="launch-replayed",
        advice=N_("Open it again from your course. What you saved is safe."),
    )


def check_registration(registration: KnownRegistration) -> None:
    """Raises `NotAllowed` for a registration that is switched off."""
    if registration.status is not RegistrationStatus.ACTIVE:
        raise NotAllowed(
            N_("The connection between your course and this tool is switched off."),
            code="registration-disabled",
            advice=ASK_SUPPORT,
        )


def check_browser(login: Login, brought: str, *, keeps_cookies: bool) -> bool:
    """Says whether the launch came from the browser that began the login.

    `brought` is the digest of the login's cookie, or empty. False: this browser keeps no
    cookies here, so nothing is proven and the person must be asked. Raises `NotAllowed` when it
    does keep them and brought none, or the wrong one: then another browser began.
    """
    if brought == login.browser:
        return True
    if brought or keeps_cookies:
        raise browser_differs()
    return False


def browser_differs() -> NotAllowed:
    """Returns the refusal of a launch or ticket that another browser began (login CSRF)."""
    return NotAllowed(
        N_("This sign-in was begun in another browser."),
        code="browser-differs",
        advice=OPEN_AGAIN,
    )


def frame_ancestors(addresses: Iterable[str]) -> str:
    """Returns the CSP source list of those who may frame our pages: the LMS's own origins."""
    sources = "'self'"
    for address in addresses:
        source = source_of(address)
        if (
            source
            and source not in sources.split()
            and len(sources) + len(source) < _MOST_ANCESTORS
        ):
            sources += f" {source}"
    return sources

"""Who may connect an LMS, for how long a paper of it is good, and which LMS is believed. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.gateway.rules import DeploymentPolicy
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed
from lti_tool.kernel.text import N_
from lti_tool.lti.addresses import origin
from lti_tool.lti.platform_configuration import PlatformConfiguration

# From the page that asks to its confirmation: long enough to ask a colleague.
FORM_LIFE = timedelta(minutes=30)
# Used confirmations are remembered past the life of their form, so that none is taken twice.
USED_FORM_LIFE = 2 * FORM_LIFE
INVITATION_DAYS = 7
MOST_INVITATION_DAYS = 90
# Without an invitation anybody with an LMS can register, so that what waits is bounded.
WAITING_LIFE = timedelta(days=14)
MOST_WAITING = 100
MOST_WAITING_OF_ISSUER = 5
LONGEST_NAME = 120

_NEW_INVITATION = N_("Ask the people who run this service for a new invitation.")
# Vendors whose issuer, login and token addresses have different hosts, all of them their own.
# Canvas: https://developerdocs.instructure.com/services/canvas/external-tools/lti/file.lti_dev_key_config
# Brightspace: https://community.d2l.com/brightspace/kb/articles/23660-lti-advantage
_VENDORS = (("instructure.com", "canvaslms.com"), ("brightspace.com",))


@dataclass(frozen=True, slots=True)
class KnownInvitation:
    """An invitation as its row has it, with the name of its organisation."""

    id: int
    organisation_id: int
    organisation: str
    replaces_id: int | None
    policy: DeploymentPolicy
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    registration_id: int | None

    def state(self, now: datetime) -> str:
        """Returns `used`, `revoked`, `ended` or `open`."""
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        return "ended" if self.ends_at <= now else "open"


@dataclass(frozen=True, slots=True)
class Connected:
    """A registration that an LMS made, as we keep it."""

    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str
    product: str
    name: str
    scopes: str
    deployment: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a confirmation. `number` is 0 for a registration that waits for approval."""

    number: int
    is_new: bool
    is_active: bool
    organisation: str = ""
    is_replaced: bool = False


def usable(found: KnownInvitation | None, now: datetime) -> KnownInvitation:
    """Returns the invitation if it may be used now; raises the refusal that fits if not."""
    if found is None:
        raise NotAllowed(
            N_("This invitation is not known here."),
            code="invitation-unknown",
            advice=N_("Copy the whole registration address once more, or ask for a new one."),
        )
    match found.state(now):
        case "open":
            return found
        case "used":
            raise invitation_used()
        case "revoked":
            sentence = N_("This invitation was withdrawn.")
            raise NotAllowed(sentence, code="invitation-revoked", advice=_NEW_INVITATION)
    sentence = N_("This invitation has ended.")
    raise NotAllowed(sentence, code="invitation-ended", advice=_NEW_INVITATION)


def invitation_used() -> Conflict:
    """Returns the refusal of an invitation that connected an LMS already."""
    return Conflict(
        N_("This invitation was used already: each connects one LMS, once."),
        code="invitation-used",
        advice=_NEW_INVITATION,
    )


def check_endpoints(found: PlatformConfiguration, *, may_be_plain: bool) -> None:
    """Raises `InvalidInput` for an LMS whose addresses are not its own, or not encrypted.

    The issuer is proven by where its configuration stands; its other addresses are only named by
    it. Were a foreign one taken, we would sign a request for somebody else's token address, and
    hand the token that comes back to the services of this issuer. The registration itself may go
    elsewhere: Canvas names each customer's own host, and nothing in it is secret from there.
    """
    named = {
        "authorization_endpoint": found.auth_login_url,
        "token_endpoint": found.token_url,
        "jwks_uri": found.jwks_url,
    }
    for name, address in named.items():
        if not _belongs(address, found.issuer):
            raise InvalidInput(
                N_("Your LMS names an address that is not its own (%(name)s on %(host)s)."),
                code="endpoint-foreign",
                advice=N_("The people who run this service can connect such an LMS by hand."),
                params={"name": name, "host": _host(address)},
                detail=f"{name} on {_host(address)}",
            )
    for address in (found.issuer, found.registration_url, *named.values()):
        if not may_be_plain and not address.startswith("https://"):
            raise InvalidInput(
                N_("Your LMS is not reached by https, so nothing from it could be trusted."),
                code="endpoint-plain",
                advice=N_("Set up https for your LMS first, then start again."),
                detail=_host(address),
            )


def _belongs(address: str, issuer: str) -> bool:
    """Says whether an address is on the issuer's host, beneath it, or of the same vendor."""
    host, home = _host(address), _host(issuer)
    if not host or not home:
        return False
    if host == home or host.endswith(f".{home}"):
        return True
    return any(_is_of(home, vendor) and _is_of(host, vendor) for vendor in _VENDORS)


def _is_of(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _host(address: str) -> str:
    found = origin(address)
    return found[1] if found else ""


def form_ended() -> InvalidInput:
    """Returns the refusal of a confirmation that is too old, damaged, or not ours."""
    return InvalidInput(
        N_("This page has been open too long, or was changed on its way."),
        code="registration-form-ended",
        advice=N_("Start the registration again in your LMS. Nothing was registered."),
    )


def form_used(*, is_stored: bool) -> Conflict:
    """Returns the refusal of a confirmation that was sent before."""
    if is_stored:
        return Conflict(
            N_("This registration was confirmed already, and is kept."),
            code="registration-form-used",
            advice=N_("Close this window and go on in your LMS."),
        )
    return Conflict(
        N_("This registration was confirmed before, and did not come to its end."),
        code="registration-form-unfinished",
        advice=N_(
            "Look in your LMS for a tool of this name that was added just now and delete it,"
            " then start the registration again."
        ),
    )


def taken() -> Conflict:
    """Returns the refusal of a client id that another organisation holds on this issuer."""
    return Conflict(
        N_("This LMS is connected already, and its connection is not this invitation's."),
        code="registration-taken",
        advice=N_(
            "Delete the tool that your LMS has just added. To change the connection, ask the"
            " people who run this service for an invitation of the right organisation."
        ),
    )


def too_many_waiting() -> Conflict:
    """Returns the refusal of one more registration without an invitation."""
    return Conflict(
        N_("Too many registrations wait for approval."),
        code="too-many-waiting",
        advice=N_("Ask the people who run this service for an invitation, and start with that."),
    )


def waits() -> NotAllowed:
    """Returns the refusal of a sign-in through a registration that nobody approved yet."""
    return NotAllowed(
        N_("Your LMS has registered this tool, and the registration waits for approval."),
        code="registration-waiting",
        advice=N_("Ask the people who run this service to approve it, then try again."),
    )

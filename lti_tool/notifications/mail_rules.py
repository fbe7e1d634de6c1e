"""How an organisation may set up its e-mail, and what a try to send came to. Pure."""

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from lti_tool.kernel.text import N_, as_kept

# Submission with TLS (RFC 8314), with STARTTLS (RFC 6409), relay (RFC 5321), a common second one.
USUAL_PORTS = frozenset({25, 465, 587, 2525})
LONGEST_HOST = 253
LONGEST_NAME = 100
LONGEST_ADDRESS = 254
LONGEST_SECRET = 200
GIVE_UP_AFTER = timedelta(days=3)
LONGEST_LOCAL = 64
# A dot-atom (RFC 5322, 3.2.3), with letters of every script (RFC 6531, 3.3).
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


class Security(StrEnum):
    """How the connection is protected: from the start, after STARTTLS, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class Reason(StrEnum):
    """Why an e-mail did not go out. `wording` says each in words, with advice."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    ADDRESS_REFUSED = "address-refused"
    CERTIFICATE = "certificate"
    NO_STARTTLS = "no-starttls"
    NO_SIGN_IN = "no-sign-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    PASSWORD_UNREADABLE = "password-unreadable"  # noqa: S105 - a reason, and no password  # nosec B105
    SENDER_REFUSED = "sender-refused"
    RECIPIENT_REFUSED = "recipient-refused"
    RECIPIENT_UNFIT = "recipient-unfit"
    MESSAGE_REFUSED = "message-refused"
    LATER = "later"
    BROKEN_OFF = "broken-off"


# About one recipient or one message: another try brings nothing, and the others go on.
FINAL = frozenset({Reason.RECIPIENT_REFUSED, Reason.RECIPIENT_UNFIT, Reason.MESSAGE_REFUSED})
# About the server or how it is set up: whatever else waits for it waits, too.
OF_THE_SERVER = frozenset(Reason) - FINAL - {Reason.LATER}


@dataclass(frozen=True, slots=True)
class Server:
    """Where e-mail is handed over, and as whom."""

    host: str
    port: int
    security: Security
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A try that failed. `said` is the server's code (RFC 5321, 4.2), 0 where it said nothing."""

    reason: Reason
    said: int = 0


@dataclass(frozen=True, slots=True)
class MailWishes:
    """What an administrator's form decides. Without `password` the stored one stays."""

    enabled: bool
    host: str
    port: int
    security: Security
    username: str
    password: str
    sender_name: str
    sender_address: str


@dataclass(frozen=True, slots=True)
class TypedMail:
    """The form as typed, never with a password, and a sentence for each field that is wrong."""

    values: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)


NOTHING_TYPED = TypedMail(
    {
        "enabled": "",
        "host": "",
        "port": "587",
        "security": Security.STARTTLS.value,
        "username": "",
        "sender_name": "",
        "sender_address": "",
    }
)


def parse_mail(
    form: Mapping[str, str], *, allow_private: bool, keeps: Mapping[str, str] | None = None
) -> tuple[TypedMail, MailWishes | None]:
    """Returns the form as typed and, when nothing is wrong with it, what it decides.

    `keeps` are the values that stand, if a password is stored with them: it stays for the same
    server and the same user alone, so that it is never handed to another.
    """
    values = {name: one_line(form.get(name, "")) for name in NOTHING_TYPED.values}
    password = as_kept(form.get("password", ""))
    problems = _problems(values, password, allow_private=allow_private)
    is_same = keeps is not None and all(
        values[name] == keeps[name] for name in ("host", "port", "security", "username")
    )
    if values["username"] and not password and not is_same and "password" not in problems:
        problems["password"] = N_("Type the password that goes with this server and user.")
    if password and not values["username"]:
        problems["username"] = N_("Give the user name that the password belongs to.")
    typed = TypedMail(values, problems)
    if problems:
        return typed, None
    return typed, MailWishes(
        enabled=values["enabled"] == "yes",
        host=values["host"].lower(),
        port=int(values["port"]),
        security=Security(values["security"]),
        username=values["username"],
        password=password,
        sender_name=values["sender_name"],
        sender_address=values["sender_address"],
    )


def is_address(text: str) -> bool:
    """Says whether a text is one e-mail address, without a name or anything else beside it."""
    local, at, domain = text.rpartition("@")
    is_short = len(text) <= LONGEST_ADDRESS and len(local.encode()) <= LONGEST_LOCAL
    return bool(at and is_short and _LOCAL.fullmatch(local)) and _is_host(domain)


def one_line(typed: str) -> str:
    """Returns a text as one line without control characters: nothing that could end a header."""
    seen = "".join(c if not _is_control(c) else " " for c in as_kept(typed))
    return " ".join(seen.split())


def pause_after(attempts: int) -> timedelta:
    """Returns how long everything waits for a server that failed: from a minute to a quarter hour."""
    return timedelta(seconds=min(60 * 2.0 ** min(attempts - 1, 10), 900))


def _problems(values: Mapping[str, str], password: str, *, allow_private: bool) -> dict[str, str]:
    port = values["port"]
    found: dict[str, str] = {}
    if not _is_host(values["host"]):
        found["host"] = N_("Give the name of the mail server, such as smtp.example.org.")
    elif not allow_private and _is_private(values["host"]):
        found["host"] = N_("This is an address inside a network, which this service does not call.")
    is_number = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    if not is_number:
        found["port"] = N_("Give the number of the port: 587 or 465, as a rule.")
    elif int(port) not in USUAL_PORTS and not allow_private:
        found["port"] = N_("Mail servers take mail at port 587, 465, 25 or 2525.")
    if values["security"] not in set(Security):
        found["security"] = N_("Choose how the connection is protected.")
    elif values["security"] == Security.NONE and values["username"]:
        found["security"] = N_("A password is not sent unprotected. Choose TLS or STARTTLS.")
    return found | _too_long(values, password)


def _too_long(values: Mapping[str, str], password: str) -> dict[str, str]:
    found = {}
    if len(values["username"]) > LONGEST_SECRET:
        found["username"] = N_("This is too long: 200 characters can be kept.")
    if len(password) > LONGEST_SECRET:
        found["password"] = N_("This is too long: 200 characters can be kept.")
    if len(values["sender_name"]) > LONGEST_NAME:
        found["sender_name"] = N_("This is too long: 100 characters can be kept.")
    if not is_address(values["sender_address"]):
        found["sender_address"] = N_("Give an e-mail address, such as no-reply@example.org.")
    return found


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        pass
    else:
        return True
    try:
        name = text.encode("idna").decode() if text else ""
    except UnicodeError:
        return False
    labels = name.lower().removesuffix(".").split(".")
    return 0 < len(name) <= LONGEST_HOST and all(_LABEL.fullmatch(one) for one in labels)


def _is_private(host: str) -> bool:
    """Says so of what can be known without asking; what a name leads to is looked at each time."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return False


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"}

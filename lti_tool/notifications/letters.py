"""What an e-mail says: one sentence, where to look, and how to have no more of them."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

from babel.support import Translations

from lti_tool.kernel.text import N_
from lti_tool.notifications.mail_rules import is_address, one_line
from lti_tool.notifications.queries import Letter
from lti_tool.notifications.wording import Say, sentence

_CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
_SUBJECT = N_("There is news for you")
_TEST_SUBJECT = N_("A test of the e-mail from this tool")
_TEST = N_("This message shows that the e-mail of your organisation's tool works.")
_WHERE = N_("To see it, open “%(activity)s” in the course “%(course)s” of your learning platform.")
_SOMEWHERE = N_("To see it, open the tool from your course.")
_LESS = N_(
    "This was sent by a program: answers are not read. If you want no e-mail, say so in the tool"
    " on the page “Notices”."
)


def speaking(language: str) -> Say:
    """Returns what translates for a worker, which has no request."""
    return Translations.load(str(_CATALOGUES), [language]).ugettext


def news(letter: Letter, base_url: str, say: Say, *, language: str = "en") -> EmailMessage | None:
    """Returns the e-mail about a notification; None for an address that is none.

    Its name is made of the notification's, so that a repeat after a crash is known as one.
    """
    if not is_address(letter.address):
        return None
    place = {"activity": one_line(letter.placement_title), "course": one_line(letter.course_title)}
    where = say(_WHERE) % place if all(place.values()) else say(_SOMEWHERE)
    told = sentence(letter.kind, letter.params, say, language=language)
    return _message(
        say(_SUBJECT),
        [one_line(told), where, f"{say(_LESS)}\n{base_url}"],
        sender=(letter.settings.sender_name or letter.organisation, letter.settings.sender_address),
        to=(letter.name, letter.address),
        name=f"<notice.{letter.public_id}@{_host(base_url)}>",
        at=letter.created_at,
    )


def test_letter(
    sender: tuple[str, str], to: str, base_url: str, say: Say, *, name: str, at: datetime
) -> EmailMessage | None:
    """Returns the message by which an administrator tries the settings; None as above."""
    if not is_address(to):
        return None
    return _message(
        say(_TEST_SUBJECT),
        [say(_TEST), base_url],
        sender=sender,
        to=("", to),
        name=f"<test.{name}@{_host(base_url)}>",
        at=at,
    )


def _message(
    subject: str,
    paragraphs: list[str],
    *,
    sender: tuple[str, str],
    to: tuple[str, str],
    name: str,
    at: datetime,
) -> EmailMessage:
    """Builds a message. Names are made one line, so that nothing in them begins a header."""
    message = EmailMessage(policy=SMTP.clone(utf8=not to[1].isascii() or not sender[1].isascii()))
    message["Subject"] = one_line(subject)
    message["From"] = _mailbox(*sender)
    message["To"] = _mailbox(*to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = name
    # RFC 3834: no out-of-office answers to a program; the second is what Exchange asks for.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    return message


def _mailbox(name: str, address: str) -> Address:
    """An address with its domain as every server knows it (RFC 5891)."""
    local, _, domain = address.rpartition("@")
    return Address(one_line(name)[:200], local, domain.encode("idna").decode())


def _host(base_url: str) -> str:
    return urlsplit(base_url).hostname or "localhost"

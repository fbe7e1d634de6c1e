"""What became of an e-mail, in words for an administrator: what happened, and what to do."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from lti_tool.notifications.mail_rules import Reason

REASONS: Mapping[str, tuple[LazyString, LazyString]] = {
    Reason.UNREACHABLE: (
        lazy_gettext("The mail server cannot be reached."),
        lazy_gettext("Look at its name and port, and whether it is running."),
    ),
    Reason.TIMEOUT: (
        lazy_gettext("The mail server took too long to answer."),
        lazy_gettext("Port and protection may not fit: 465 with TLS, 587 with STARTTLS."),
    ),
    Reason.ADDRESS_REFUSED: (
        lazy_gettext("The name leads to an address inside a network, which is not called."),
        lazy_gettext("Use a server of the public Internet, or ask the operator of this service."),
    ),
    Reason.CERTIFICATE: (
        lazy_gettext("The mail server's certificate is not one that can be trusted."),
        lazy_gettext("Use the name that the certificate was made for, or have it renewed."),
    ),
    Reason.NO_STARTTLS: (
        lazy_gettext("The mail server offers no STARTTLS, so nothing was sent."),
        lazy_gettext("Try TLS at port 465, or ask who runs the server."),
    ),
    Reason.NO_SIGN_IN: (
        lazy_gettext("The mail server takes no user name and password here."),
        lazy_gettext("Try port 587 or 465, or leave the user name empty."),
    ),
    Reason.SIGN_IN_REFUSED: (
        lazy_gettext("The mail server refused user name and password."),
        lazy_gettext("Type the password anew. Some providers ask for one made for programs."),
    ),
    Reason.PASSWORD_UNREADABLE: (
        lazy_gettext("The stored password cannot be read any more."),
        lazy_gettext("Type it anew: the secret of this installation was changed."),
    ),
    Reason.SENDER_REFUSED: (
        lazy_gettext("The mail server does not let this sender send."),
        lazy_gettext("Use an address of the account that signs in, or ask who runs the server."),
    ),
    Reason.RECIPIENT_REFUSED: (
        lazy_gettext("The mail server knows no such recipient."),
        lazy_gettext("The address comes from your LMS: have it put right there."),
    ),
    Reason.RECIPIENT_UNFIT: (
        lazy_gettext("The recipient's address is none that the mail server can carry."),
        lazy_gettext("The address comes from your LMS: have it put right there."),
    ),
    Reason.MESSAGE_REFUSED: (
        lazy_gettext("The mail server refused the message itself."),
        lazy_gettext("Ask who runs the server why, with the day and time of this."),
    ),
    Reason.LATER: (
        lazy_gettext("The mail server asks for another try later."),
        lazy_gettext("That is usual with the first messages; it is tried again by itself."),
    ),
    Reason.BROKEN_OFF: (
        lazy_gettext("The mail server broke the conversation off."),
        lazy_gettext("Port and protection may not fit: 465 with TLS, 587 with STARTTLS."),
    ),
}

"""Handing a message to a mail server (RFC 5321): in time, to checked addresses, certificates checked."""

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage

from lti_tool.kernel.database import in_transaction
from lti_tool.kernel.sockets import AddressRefused, connect_checked
from lti_tool.notifications.mail_rules import Failed, Reason, Security, Server

_STEPS = 3  # the whole conversation takes no longer than this many times one answer
_READY = 220
# "Delivery not authorized" and its kin (RFC 3463, 3.8): about us, and not about the recipient.
_NOT_AUTHORIZED = b"5.7."


def send(
    server: Server, message: EmailMessage, *, allow_private: bool, timeout: float
) -> Failed | None:
    """Hands a message over; returns None once the server took it, or why it did not.

    `timeout` is for one answer, in seconds. A password goes out only after TLS.
    """
    if in_transaction():
        raise RuntimeError("a call to a mail server inside a transaction would hold its locks")
    greets_as = str(message["Message-ID"]).rpartition("@")[2].rstrip(">")
    client = _Client(allow_private=allow_private, timeout=timeout, greets_as=greets_as)
    with _watched(client, timeout * _STEPS) as watch:
        try:
            return _converse(client, server, message)
        except Exception as error:  # noqa: BLE001 - whatever a server does, it is a reason to wait
            return _failure(error, is_over=watch.is_set())
        finally:
            client.close()


class _Client(smtplib.SMTP):
    """`smtplib` over a connection that was checked, protected from its start where asked for."""

    def __init__(self, *, allow_private: bool, timeout: float, greets_as: str) -> None:
        self._allow_private = allow_private
        self._begins_with_tls = False
        self.context = ssl.create_default_context()
        super().__init__(local_hostname=greets_as, timeout=timeout)

    def open(self, server: Server) -> None:
        """Connects; raises `SMTPConnectError` where the server does not greet, or `OSError`."""
        self._begins_with_tls = server.security is Security.TLS
        # What the certificate is compared with; `connect` alone would not note it.
        self._host = server.host
        code, said = self.connect(server.host, server.port)
        if code != _READY:
            raise smtplib.SMTPConnectError(code, said)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        ends = time.monotonic() + timeout

        def left() -> float:
            return max(ends - time.monotonic(), 0.05)

        sock = connect_checked(host, port, allow_private=self._allow_private, left=left)
        sock.settimeout(timeout)
        if not self._begins_with_tls:
            return sock
        return self.context.wrap_socket(sock, server_hostname=host)

    def cut(self) -> None:
        """Ends the connection from another thread."""
        sock = self.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _watched(client: _Client, seconds: float) -> Iterator[threading.Event]:
    """Cuts a conversation that takes too long, however the server drips."""
    is_over = threading.Event()

    def end() -> None:
        is_over.set()
        client.cut()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield is_over
    finally:
        timer.cancel()


def _converse(client: _Client, server: Server, message: EmailMessage) -> Failed | None:
    client.open(server)
    client.ehlo_or_helo_if_needed()
    if server.security is Security.STARTTLS:
        if not client.has_extn("starttls"):
            return Failed(Reason.NO_STARTTLS)
        client.starttls(context=client.context)
        client.ehlo()
    if server.username and (failed := _sign_in(client, server)):
        return failed
    client.send_message(message)
    with contextlib.suppress(smtplib.SMTPException, OSError):
        client.quit()  # the message was taken: a server that hangs up now changes nothing
    return None


def _sign_in(client: _Client, server: Server) -> Failed | None:
    if not client.has_extn("auth"):
        return Failed(Reason.NO_SIGN_IN)
    try:
        client.login(server.username, server.password)
    except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected):
        raise
    except smtplib.SMTPException:  # the server knows no way that we know
        return Failed(Reason.NO_SIGN_IN)
    except UnicodeError:  # what cannot be said in this protocol is no password of that server
        return Failed(Reason.SIGN_IN_REFUSED)
    return None


def _failure(error: Exception, *, is_over: bool) -> Failed:
    if is_over or _is_timeout(error):
        return Failed(Reason.TIMEOUT)
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return _with_code(error, reason)
    is_theirs = isinstance(error, (smtplib.SMTPException, ssl.SSLError, ValueError))
    return Failed(Reason.BROKEN_OFF if is_theirs else Reason.UNREACHABLE)


# In the order in which they are asked: a kind before those that it is one of.
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (AddressRefused, Reason.ADDRESS_REFUSED),
    (ssl.SSLCertVerificationError, Reason.CERTIFICATE),
    (smtplib.SMTPAuthenticationError, Reason.SIGN_IN_REFUSED),
    (smtplib.SMTPRecipientsRefused, Reason.RECIPIENT_REFUSED),
    (smtplib.SMTPSenderRefused, Reason.SENDER_REFUSED),
    (smtplib.SMTPDataError, Reason.MESSAGE_REFUSED),
    (smtplib.SMTPNotSupportedError, Reason.RECIPIENT_UNFIT),
    (smtplib.SMTPConnectError, Reason.UNREACHABLE),
    (smtplib.SMTPResponseException, Reason.BROKEN_OFF),
)


def _with_code(error: Exception, reason: Reason) -> Failed:
    """A code from 400 to 499 asks for another try, whatever it is about (RFC 5321, 4.2.1)."""
    code = int(getattr(error, "smtp_code", 0))
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        if bytes(said).startswith(_NOT_AUTHORIZED):
            reason = Reason.SENDER_REFUSED
    return Failed(Reason.LATER if code // 100 == 4 else reason, code)


def _is_timeout(error: BaseException | None) -> bool:
    """`smtplib` tells of an answer that did not come as of a connection that was closed."""
    while error is not None:
        if isinstance(error, TimeoutError):
            return True
        error = error.__cause__ or error.__context__
    return False

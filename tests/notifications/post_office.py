"""A real mail server within the process (aiosmtpd), and servers that misbehave on purpose."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "tool@example.org", "correct horse battery"


@dataclass
class PostOffice:
    """What a server took, and how it answers: `answers` give the reply to a recipient, in turn."""

    port: int = 0
    taken: list[Envelope] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    data_answer: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        if self.data_answer.startswith("2"):
            self.taken.append(envelope)
        return self.data_answer

    def sign_in(
        self, _server: Any, _session: Any, _envelope: Any, _how: str, who: Any
    ) -> AuthResult:
        assert isinstance(who, LoginPassword)
        self.signed_in.append(who.login.decode())
        is_right = (who.login, who.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=is_right)

    @property
    def messages(self) -> list[EmailMessage]:
        read = [
            message_from_bytes(bytes(one.content or b""), policy=policy.default)
            for one in self.taken
        ]
        return [one for one in read if isinstance(one, EmailMessage)]


class _OnAnyPort(Controller):
    """The system gives the port; aiosmtpd would else ask to be told one."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        if self.ssl_context is None:
            super()._trigger_server()
            return
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection((self.hostname, self.port), 5) as plain,
            anyone.wrap_socket(plain) as protected,
        ):
            protected.recv(1024)


@contextlib.contextmanager
def open_office(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    asks_sign_in: bool = False,
    utf8: bool = True,
) -> Iterator[PostOffice]:
    """Runs a server for the time of a test: plain, with STARTTLS, or with TLS from the start."""
    office = PostOffice()
    controller = _OnAnyPort(
        office,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=office.sign_in,
        auth_required=asks_sign_in,
        auth_require_tls=tls is None,
        enable_SMTPUTF8=utf8,
    )
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


@contextlib.contextmanager
def open_rude(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """Runs a server that does to each connection what it is told to; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                behave(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ended.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@dataclass(frozen=True)
class Certificates:
    """A server's side of TLS for "localhost", and the authority that vouches for it."""

    server: ssl.SSLContext
    authority: Path


def make_certificates(folder: Path, *, name: str = "localhost", days: int = 2) -> Certificates:
    """Makes a self-signed certificate; `days` from now it ends, which may be in the past."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = folder / f"{name}.pem"
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    written.write_bytes(private + public)
    authority = folder / f"{name}-authority.pem"
    authority.write_bytes(public)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(written)
    return Certificates(context, authority)


__all__ = [
    "PASSWORD",
    "SMTP",
    "USER",
    "Certificates",
    "PostOffice",
    "make_certificates",
    "open_office",
    "open_rude",
]

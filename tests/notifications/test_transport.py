"""Handing a message over: to real servers, and to those that are down, slow, false or rude."""

import socket
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from lti_tool.kernel import clock
from lti_tool.kernel.database import Database
from lti_tool.notifications.letters import test_letter as a_letter
from lti_tool.notifications.mail_rules import Failed, Reason, Security, Server
from lti_tool.notifications.transport import send
from tests.notifications.post_office import (
    PASSWORD,
    USER,
    Certificates,
    make_certificates,
    open_office,
    open_rude,
)

SENDER = ("Willow Training", "no-reply@example.org")


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    made = make_certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    return made


def letter(to: str = "amina@example.org") -> EmailMessage:
    made = a_letter(SENDER, to, "https://tool.example.org", str, name="abc", at=clock.now())
    assert made
    return made


def hand(
    port: int,
    security: Security = Security.NONE,
    *,
    user: str = "",
    password: str = "",
    host: str = "localhost",
    message: EmailMessage | None = None,
    private: bool = True,
    timeout: float = 5,
) -> Failed | None:
    server = Server(host, port, security, user, password)
    return send(server, message or letter(), allow_private=private, timeout=timeout)


def test_a_plain_server_takes_it() -> None:
    with open_office() as office:
        assert hand(office.port) is None
    (envelope,) = office.taken
    assert envelope.mail_from == SENDER[1]
    assert envelope.rcpt_tos == ["amina@example.org"]
    (message,) = office.messages
    assert message["From"] == "Willow Training <no-reply@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<test.abc@tool.example.org>"


def test_starttls_and_signing_in(trusted: Certificates) -> None:
    with open_office(starttls=trusted.server, asks_sign_in=True) as office:
        assert hand(office.port, Security.STARTTLS, user=USER, password=PASSWORD) is None
        assert office.signed_in == [USER]
        assert len(office.taken) == 1


def test_tls_from_the_start(trusted: Certificates) -> None:
    with open_office(tls=trusted.server, asks_sign_in=True) as office:
        assert hand(office.port, Security.TLS, user=USER, password=PASSWORD) is None
        assert len(office.taken) == 1


@pytest.mark.parametrize("password", ["wrong", "", "Übel"])
def test_a_wrong_password_is_told(trusted: Certificates, password: str) -> None:
    with open_office(starttls=trusted.server, asks_sign_in=True) as office:
        failed = hand(office.port, Security.STARTTLS, user=USER, password=password)
    assert failed
    assert failed.reason is Reason.SIGN_IN_REFUSED
    assert not office.taken


def test_a_server_that_wants_a_user_refuses_nobody(trusted: Certificates) -> None:
    with open_office(starttls=trusted.server, asks_sign_in=True) as office:
        failed = hand(office.port, Security.STARTTLS)
    assert failed == Failed(Reason.SENDER_REFUSED, 530)


def test_no_password_goes_out_where_starttls_is_missing() -> None:
    heard: list[bytes] = []

    def plain(connection: socket.socket) -> None:
        connection.sendall(b"220 ready\r\n")
        heard.append(connection.recv(1000))
        connection.sendall(b"250-hello\r\n250 AUTH PLAIN LOGIN\r\n")
        heard.append(connection.recv(1000))

    with open_rude(plain) as port:
        failed = hand(port, Security.STARTTLS, user=USER, password=PASSWORD)
    assert failed == Failed(Reason.NO_STARTTLS)
    assert PASSWORD.encode() not in b"".join(heard)
    assert b"AUTH" not in b"".join(heard)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("wrong", ["unknown authority", "another name", "over"])
def test_a_certificate_that_does_not_hold_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: Security, wrong: str
) -> None:
    name = "elsewhere.example" if wrong == "another name" else "localhost"
    made = make_certificates(tmp_path, name=name, days=-1 if wrong == "over" else 2)
    if wrong != "unknown authority":
        monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    ways = {"starttls": made.server} if security is Security.STARTTLS else {"tls": made.server}
    with open_office(**ways) as office:
        failed = hand(office.port, security, user=USER, password=PASSWORD)
        assert failed == Failed(Reason.CERTIFICATE)
        assert not office.signed_in
        assert not office.taken


def test_a_greylisting_server_asks_for_another_try() -> None:
    with open_office() as office:
        office.answers = ["451 4.7.1 Greylisted, try again"]
        assert hand(office.port) == Failed(Reason.LATER, 451)
        assert hand(office.port) is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("550 5.1.1 No such user", Reason.RECIPIENT_REFUSED),
        ("553 What an address", Reason.RECIPIENT_REFUSED),
        ("550 5.7.1 Relay access denied", Reason.SENDER_REFUSED),
    ],
)
def test_a_refused_recipient_is_told_from_a_refused_sender(answer: str, reason: Reason) -> None:
    with open_office() as office:
        office.answers = [answer]
        assert hand(office.port) == Failed(reason, int(answer[:3]))


def test_a_refused_message_is_told() -> None:
    with open_office() as office:
        office.data_answer = "554 5.6.0 No"
        assert hand(office.port) == Failed(Reason.MESSAGE_REFUSED, 554)
        office.data_answer = "452 4.3.1 Full"
        assert hand(office.port) == Failed(Reason.LATER, 452)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert hand(port) == Failed(Reason.UNREACHABLE)
    assert hand(port, host="no-such-host.invalid") == Failed(Reason.UNREACHABLE)


def test_a_server_that_is_full_asks_for_another_try() -> None:
    with open_rude(lambda connection: connection.sendall(b"421 4.3.2 Busy\r\n")) as port:
        assert hand(port) == Failed(Reason.LATER, 421)


def hangs(connection: socket.socket) -> None:
    """Reads whatever comes and says nothing, until the other side has had enough."""
    connection.settimeout(20)
    while connection.recv(1000):
        pass


def drips(connection: socket.socket) -> None:
    """A byte now and then: every single read is in time, the greeting never whole."""
    for _ in range(200):
        connection.sendall(b"2")
        time.sleep(0.05)


@pytest.mark.parametrize("behave", [hangs, drips])
@pytest.mark.parametrize("security", [Security.NONE, Security.TLS])
def test_a_server_that_hangs_or_drips_holds_nobody(behave: object, security: Security) -> None:
    with open_rude(behave) as port:  # type: ignore[arg-type]
        failed = hand(port, security, timeout=0.3)
    assert failed
    assert failed.reason in {Reason.TIMEOUT, Reason.BROKEN_OFF}
    if behave is hangs or security is Security.NONE:
        assert failed.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\x00\r\n", b"x" * 10000 + b"\r\n"]
)
def test_something_that_is_no_mail_server_is_told(said: bytes) -> None:
    with open_rude(lambda connection: connection.sendall(said)) as port:
        failed = hand(port)
    assert failed
    assert failed.reason in {Reason.BROKEN_OFF, Reason.UNREACHABLE}


def test_a_private_address_is_not_connected_to() -> None:
    with open_office() as office:
        for host in ("localhost", "127.0.0.1", "::ffff:127.0.0.1"):
            assert hand(office.port, host=host, private=False) == Failed(Reason.ADDRESS_REFUSED)
        assert not office.taken


def test_a_name_that_answers_otherwise_a_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: what was checked is what is connected to, and it is asked once."""
    asked: list[str] = []
    connected: list[str] = []

    def answer(host: str, port: int, *_args: object, **_options: object) -> list[object]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(_self: socket.socket, address: tuple[str, int]) -> None:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    monkeypatch.setattr(socket.socket, "connect", connect)
    assert hand(25, host="mail.example.org", private=False) == Failed(Reason.UNREACHABLE)
    assert (asked, connected) == (["mail.example.org"], ["93.184.216.34"])
    assert hand(25, host="mail.example.org", private=False) == Failed(Reason.ADDRESS_REFUSED)
    assert connected == ["93.184.216.34"]


def test_addresses_of_other_scripts_need_a_server_that_carries_them() -> None:
    with open_office(utf8=True) as office:
        assert hand(office.port, message=letter("żółć@example.org")) is None
        assert office.taken[0].rcpt_tos == ["żółć@example.org"]
    with open_office(utf8=False) as office:
        assert hand(office.port, message=letter("żółć@example.org")) == Failed(
            Reason.RECIPIENT_UNFIT
        )
        assert hand(office.port, message=letter("amina@żółć.example")) is None
        assert office.taken[0].rcpt_tos == ["amina@xn--kda4b0koi.example"]


def test_no_mail_server_is_called_inside_a_transaction(database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError):
        hand(25)

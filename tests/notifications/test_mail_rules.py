"""What an administrator may set up, and what a letter says: nothing slips into a header."""

import pytest

from lti_tool.kernel import clock
from lti_tool.notifications.letters import news
from lti_tool.notifications.letters import test_letter as a_letter
from lti_tool.notifications.mail_rules import NOTHING_TYPED, is_address, one_line, parse_mail
from lti_tool.notifications.queries import Letter, MailState

GOOD = {
    "enabled": "yes",
    "host": "smtp.example.org",
    "port": "587",
    "security": "starttls",
    "username": "tool@example.org",
    "password": "secret",
    "sender_name": "Willow",
    "sender_address": "no-reply@example.org",
}
KEPT = {name: GOOD[name] for name in NOTHING_TYPED.values if name != "enabled"}
STATE = MailState(True, "h", 25, "none", "", "", "", "no-reply@example.org", None, "", None)


def test_a_good_form_is_taken() -> None:
    typed, wishes = parse_mail(GOOD, allow_private=False)
    assert wishes
    assert not typed.problems
    assert (wishes.enabled, wishes.port, wishes.password) == (True, 587, "secret")
    assert "password" not in typed.values


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "smtp.example.org/x"}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "smtp..org"}, "host"),
        ({"host": "x" * 64 + ".org"}, "host"),
        ({"host": ".".join(["x" * 60] * 6)}, "host"),
        ({"host": "user@smtp.example.org"}, "host"),
        ({"host": "smtp.example.org:25"}, "host"),
        ({"host": "127.0.0.1"}, "host"),
        ({"host": "10.0.0.8"}, "host"),
        ({"host": "::1"}, "host"),
        ({"host": "localhost"}, "host"),
        ({"host": "169.254.169.254"}, "host"),
        ({"port": ""}, "port"),
        ({"port": "0"}, "port"),
        ({"port": "-1"}, "port"),
        ({"port": "65536"}, "port"),
        ({"port": "6379"}, "port"),
        ({"port": "22"}, "port"),
        ({"port": "587x"}, "port"),
        ({"port": "٥٨٧"}, "port"),
        ({"port": "9" * 30}, "port"),
        ({"security": "ssl"}, "security"),
        ({"security": "none"}, "security"),
        ({"username": ""}, "username"),
        ({"username": "x" * 201}, "username"),
        ({"password": ""}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"sender_name": "x" * 101}, "sender_name"),
        ({"sender_address": ""}, "sender_address"),
        ({"sender_address": "nobody"}, "sender_address"),
        ({"sender_address": "a@b@c.org"}, "sender_address"),
        ({"sender_address": "Willow <a@example.org>"}, "sender_address"),
        ({"sender_address": "a@example.org, b@example.org"}, "sender_address"),
        ({"sender_address": "a@" + "x" * 300 + ".org"}, "sender_address"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changes: dict[str, str], field: str) -> None:
    typed, wishes = parse_mail(GOOD | changes, allow_private=False)
    assert wishes is None
    assert field in typed.problems
    assert typed.problems[field].endswith(".")


def test_a_private_server_and_port_pass_where_the_installation_allows_them() -> None:
    _, wishes = parse_mail(GOOD | {"host": "127.0.0.1", "port": "1025"}, allow_private=True)
    assert wishes


def test_a_form_without_anything_names_what_is_missing() -> None:
    typed, wishes = parse_mail({}, allow_private=False)
    assert wishes is None
    assert set(typed.problems) == {"host", "port", "security", "sender_address"}


@pytest.mark.parametrize(
    "changes",
    [{"host": "smtp.evil.example"}, {"port": "2525"}, {"security": "tls"}, {"username": "other"}],
)
def test_a_stored_password_goes_to_no_other_server(changes: dict[str, str]) -> None:
    same = GOOD | {"password": ""}
    assert parse_mail(same, allow_private=False, keeps=KEPT)[1]
    typed, wishes = parse_mail(same | changes, allow_private=False, keeps=KEPT)
    assert wishes is None
    assert "password" in typed.problems


@pytest.mark.parametrize("name", ["sender_name", "username", "host", "sender_address"])
@pytest.mark.parametrize("break_", ["\r\nBcc: all@example.org", "\nX: y", "\0", "\u2028x"])
def test_nothing_that_was_typed_ends_a_line(name: str, break_: str) -> None:
    typed, _ = parse_mail(GOOD | {name: GOOD[name] + break_}, allow_private=False)
    assert not set("\r\n\0\u2028") & set(typed.values[name])


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("amina@example.org", True),
        ("żółć@example.org", True),
        ("amina@żółć.example", True),
        ("a.b+c@example.org", True),
        ("", False),
        ("amina", False),
        ("@example.org", False),
        ("amina@", False),
        ("amina@example.org\r\nRCPT TO:<b@c.org>", False),
        ("amina@example.org ", False),
        ("a@b.org>", False),
        ("a" * 300 + "@example.org", False),
        ("a@[127.0.0.1", False),
        ("()@example.org", False),
    ],
)
def test_one_address_and_nothing_else(text: str, fits: bool) -> None:
    assert is_address(text) is fits


@pytest.mark.parametrize(
    "name",
    ["Amina\r\nBcc: all@example.org", "Żółć 李", '"; x', "a" * 500, "\0", "<b@c.org>", "a, b"],
)
def test_a_name_is_a_name_whatever_it_holds(name: str) -> None:
    letter = Letter(
        1, "notice-1", 1, "Willow\nX: y", "submitted", {"title": name}, clock.now(),
        name, "amina@example.org", f"Link {name}", "Course", STATE,
    )  # fmt: skip
    message = news(letter, "https://tool.example.org", str)
    assert message
    assert message["Bcc"] is None
    assert message["X"] is None
    assert [one.addr_spec for one in message["To"].addresses] == ["amina@example.org"]
    head = bytes(message).split(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert sorted(names) == sorted(
        [b"Subject", b"From", b"To", b"Date", b"Message-ID", b"Auto-Submitted",
         b"X-Auto-Response-Suppress", b"Content-Type", b"Content-Transfer-Encoding",
         b"MIME-Version"]
    )  # fmt: skip
    assert message["Message-ID"] == "<notice.notice-1@tool.example.org>"


def test_an_address_that_is_none_gets_no_letter() -> None:
    made = a_letter(
        ("W", "a@b.org"), "a\r\nb@c.org", "https://t.example", str, name="x", at=clock.now()
    )
    assert made is None


def test_one_line_is_one_line() -> None:
    assert one_line(" a\r\n b\tc\u2029d\0 ") == "a b c d"

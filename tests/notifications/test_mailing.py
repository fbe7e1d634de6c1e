"""E-mail from the outbox and from the administrator's page, to a real server."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, update

from lti_tool.grades.rules import TOPIC as DELIVER_SCORE
from lti_tool.kernel.actor import Role
from lti_tool.kernel.runtime import make_runtime
from lti_tool.kernel.settings import Settings
from lti_tool.notifications import worker as mail_worker
from lti_tool.notifications.models import MailSettings
from lti_tool.notifications.rules import MAIL
from lti_tool.outbox.models import Message
from lti_tool.wiring.messages import make_worker
from tests.notifications.post_office import (
    PASSWORD,
    USER,
    PostOffice,
    make_certificates,
    open_office,
)
from tests.notifications.telling import TITLE, give_address, tell_visitor, told
from tests.tool import LEARNER, TUTOR, Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with open_office() as opened:
        yield opened


@pytest.fixture
def ada(tool: Tool) -> Visitor:
    visitor = tool.sign_in("ada", roles=ADMINISTRATOR)
    give_address(tool, visitor, "ada@example.org")
    return visitor


@pytest.fixture
def amina(tool: Tool) -> Visitor:
    visitor = tool.sign_in("amina")
    give_address(tool, visitor, "amina@example.org", "Amina")
    return visitor


def form(port: int, **changes: str) -> dict[str, str]:
    return {
        "enabled": "yes",
        "host": "localhost",
        "port": str(port),
        "security": "none",
        "username": "",
        "password": "",
        "sender_name": "Willow",
        "sender_address": "no-reply@example.org",
    } | changes


def set_up(ada: Visitor, port: int, **changes: str) -> None:
    answer = ada.post("mail", form(port, **changes))
    assert answer.status_code == 303, answer.text


def messages(tool: Tool) -> list[Any]:
    with tool.database.transaction(write=False) as session:
        wanted = select(Message.key, Message.attempts, Message.last_error)
        return list(session.execute(wanted.where(Message.topic == MAIL).order_by(Message.id)))


def settings_row(tool: Tool) -> Any:
    with tool.database.transaction(write=False) as session:
        return session.execute(select(MailSettings.__table__)).one()


def drain(tool: Tool) -> None:
    make_worker(tool.runtime).drain()


def drain_later(tool: Tool, wait: timedelta) -> None:
    with time_machine.travel(datetime.now(UTC) + wait):
        drain(tool)


def test_a_notice_goes_out_by_mail_once(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    set_up(ada, office.port)
    tell_visitor(tool, amina)
    tell_visitor(tool, amina)
    drain(tool)
    (message,) = office.messages
    assert message["To"] == "Amina <amina@example.org>"
    body = message.get_content()
    assert f"You handed in “{TITLE}”." in body
    assert "Open “Link link-1” in the course “Course course-1”" in body.replace("open", "Open")
    assert message["Subject"] == "There is news for you"
    assert told(tool, amina)[0].public_id in message["Message-ID"]
    assert told(tool, amina)[0].mailed_at is not None
    assert settings_row(tool).last_sent_at is not None
    assert messages(tool) == []
    drain(tool)
    assert len(office.taken) == 1


@pytest.mark.parametrize(
    "why", ["not set up", "switched off", "no address", "no wish", "elsewhere"]
)
def test_no_message_is_put_where_nobody_gets_one(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor, why: str
) -> None:
    if why != "not set up":
        set_up(ada, office.port, enabled="" if why == "switched off" else "yes")
    if why == "no address":
        give_address(tool, amina, "")
    if why == "no wish":
        assert amina.post("notifications/e-mail", {"wanted": "no"}).status_code == 303
    who = amina
    if why == "elsewhere":
        who = tool.sign_in("olga", organisation="Other")
        give_address(tool, who, "olga@example.org")
    tell_visitor(tool, who)
    assert messages(tool) == []
    assert len(told(tool, who)) == 1


@pytest.mark.parametrize("why", ["switched off", "no wish", "read"])
def test_what_is_no_longer_wanted_is_not_sent(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor, why: str
) -> None:
    set_up(ada, office.port)
    tell_visitor(tool, amina)
    if why == "switched off":
        set_up(ada, office.port, enabled="")
    elif why == "no wish":
        amina.post("notifications/e-mail", {"wanted": "no"})
    else:
        amina.post(f"notifications/{told(tool, amina)[0].public_id}/read", {})
    drain(tool)
    assert not office.taken
    assert messages(tool) == []


def test_a_wish_is_kept_shown_and_taken_back(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    assert "sends no e-mail" in amina.get("notifications").text
    set_up(ada, office.port)
    assert "No e-mail, please" in amina.get("notifications").text
    amina.post("notifications/e-mail", {"wanted": "no"})
    assert "You asked for no e-mail" in amina.get("notifications").text
    amina.post("notifications/e-mail", {"wanted": "yes"})
    tell_visitor(tool, amina)
    drain(tool)
    assert len(office.taken) == 1


def test_greylisting_is_waited_out(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    set_up(ada, office.port)
    office.answers = ["450 4.2.0 Greylisted", "450 4.2.0 Greylisted"]
    tell_visitor(tool, amina)
    drain(tool)
    assert [(one.attempts, one.last_error) for one in messages(tool)] == [(1, "later")]
    drain(tool)  # it is not due yet
    assert messages(tool)[0].attempts == 1
    drain_later(tool, timedelta(minutes=2))
    assert messages(tool)[0].attempts == 2
    drain_later(tool, timedelta(hours=1))
    assert len(office.taken) == 1
    assert messages(tool) == []
    assert told(tool, amina)[0].mail_failure == ""


def test_a_refused_recipient_is_noted_and_holds_up_nobody(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    ben = tool.sign_in("ben")
    give_address(tool, ben, "ben@example.org")
    set_up(ada, office.port)
    office.answers = ["550 5.1.1 No such user"]
    tell_visitor(tool, amina)
    tell_visitor(tool, ben)
    drain(tool)
    assert told(tool, amina)[0].mail_failure == "recipient-refused"
    assert told(tool, ben)[0].mailed_at is not None
    assert messages(tool) == []
    page = ada.get("mail").text
    assert "The mail server knows no such recipient." in page
    assert "1 message." in page
    assert "amina@example.org" not in page


def test_an_address_that_is_none_is_noted(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    set_up(ada, office.port)
    give_address(tool, amina, "amina@example.org\r\nRCPT TO:<all@example.org>")
    tell_visitor(tool, amina)
    drain(tool)
    assert told(tool, amina)[0].mail_failure == "recipient-unfit"
    assert not office.taken


def test_names_of_all_kinds_arrive(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    set_up(ada, office.port, sender_name="Ysgol Llŷn, Żółć\r\nBcc: all@example.org")
    give_address(tool, amina, "żółć@example.org", "李\r\nBcc: all@example.org")
    tell_visitor(tool, amina)
    drain(tool)
    (envelope,) = office.taken
    assert envelope.rcpt_tos == ["żółć@example.org"]
    (message,) = office.messages
    assert message["Bcc"] is None
    assert "李 Bcc: all@example.org" in str(message["To"])


def test_a_server_that_is_down_is_tried_for_three_days_and_the_others_wait(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    ben = tool.sign_in("ben")
    give_address(tool, ben, "ben@example.org")
    set_up(ada, 1)  # where nothing listens
    tell_visitor(tool, amina)
    tell_visitor(tool, ben)
    drain(tool)
    assert sorted(one.attempts for one in messages(tool)) == [0, 1]
    assert told(tool, amina)[0].mail_failure == ""
    page = ada.get("mail").text
    assert "The mail server cannot be reached." in page
    assert "2 messages wait to be sent." in page
    drain_later(tool, timedelta(days=4))
    assert [one.mail_failure for one in told(tool, amina) + told(tool, ben)] == ["unreachable"] * 2
    assert messages(tool) == []


def test_new_settings_send_what_waits(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    set_up(ada, 1)
    tell_visitor(tool, amina)
    drain(tool)
    set_up(ada, office.port)
    drain_later(tool, timedelta(minutes=1, seconds=5))
    assert len(office.taken) == 1
    assert settings_row(tool).last_failure == ""


def test_a_crash_after_sending_sends_the_same_message_again(
    tool: Tool,
    office: PostOffice,
    ada: Visitor,
    amina: Visitor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_up(ada, office.port)
    tell_visitor(tool, amina)

    def dies(*_arguments: object) -> None:
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as patched:
        patched.setattr(mail_worker, "note_sent", dies)
        drain(tool)
    assert told(tool, amina)[0].mailed_at is None
    drain_later(tool, timedelta(minutes=5))
    first, second = (message["Message-ID"] for message in office.messages)
    assert first == second
    assert told(tool, amina)[0].mailed_at is not None


def test_a_worker_that_lost_its_lease_sends_nothing(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    from lti_tool.notifications.worker import LeaseLost, Mailer
    from lti_tool.outbox.services import take

    set_up(ada, office.port)
    tell_visitor(tool, amina)
    with tool.database.transaction() as session:
        (lease,) = take(session, limit=1, lease_for=timedelta(minutes=1))
    with pytest.raises(LeaseLost):
        Mailer(tool.runtime).send(replace(lease, token="another's"))
    assert not office.taken


def test_starttls_with_a_password_that_is_stored_sealed(
    tool: Tool, ada: Visitor, amina: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_certificates(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.authority))
    with open_office(starttls=made.server, asks_sign_in=True) as office:
        signs_in = {"security": "starttls", "username": USER}
        set_up(ada, office.port, **signs_in, password=PASSWORD)
        assert PASSWORD not in settings_row(tool).sealed_password
        assert settings_row(tool).sealed_password
        for path in ("mail", "mail?done=saved"):
            assert PASSWORD not in ada.get(path).text
            assert settings_row(tool).sealed_password not in ada.get(path).text
        set_up(ada, office.port, **signs_in, sender_name="Another")  # the password stays
        tell_visitor(tool, amina)
        drain(tool)
        assert len(office.taken) == 1
        wrong = ada.post("mail", form(office.port, **signs_in, host="127.0.0.1"))
        assert wrong.status_code == 400
        assert "Type the password that goes with this server" in wrong.text
    set_up(ada, office.port)  # without a user, there is nothing to keep
    assert settings_row(tool).sealed_password == ""


def test_a_password_under_another_secret_is_told(
    tool: Tool, office: PostOffice, ada: Visitor, amina: Visitor
) -> None:
    set_up(ada, office.port, security="starttls", username=USER, password=PASSWORD)
    with tool.database.transaction() as session:
        session.execute(update(MailSettings).values(sealed_password="of another secret"))
    answer = ada.post("mail/test", {})
    assert "The stored password cannot be read any more." in answer.text
    tell_visitor(tool, amina)
    drain(tool)
    assert messages(tool)[0].last_error == "password-unreadable"


def test_the_test_message_says_what_came_of_it(
    tool: Tool, office: PostOffice, ada: Visitor
) -> None:
    assert ada.post("mail/test", {}).status_code == 303  # nothing is set up yet
    set_up(ada, office.port, enabled="")
    answer = ada.post("mail/test", {})
    assert answer.status_code == 200
    assert "The mail server took the message for ada@example.org." in answer.text
    assert [one.rcpt_tos for one in office.taken] == [["ada@example.org"]]
    office.answers = ["550 5.1.1 Who?"]
    answer = ada.post("mail/test", {})
    assert "The test message was not sent" in answer.text
    assert "The mail server knows no such recipient." in answer.text
    assert "code 550" in answer.text
    set_up(ada, 1)
    answer = ada.post("mail/test", {})
    assert "The mail server cannot be reached." in answer.text
    assert settings_row(tool).last_failure == "unreachable"


def test_no_test_goes_to_nobody(tool: Tool, office: PostOffice, ada: Visitor) -> None:
    set_up(ada, office.port)
    give_address(tool, ada, "")
    assert "no test can be sent" in ada.get("mail").text
    assert ada.post("mail/test", {}).status_code == 303
    assert not office.taken


def test_a_test_holds_no_transaction(tool: Tool, ada: Visitor, amina: Visitor) -> None:
    """While a server hangs, others go on saving: SQLite has one writer at a time."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        set_up(ada, listener.getsockname()[1])
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(ada.post("mail/test", {})))
        asking.start()
        connection, _ = listener.accept()  # the test waits for a greeting now
        assert amina.post("notifications/e-mail", {"wanted": "no"}).status_code == 303
        connection.sendall(b"421 4.3.2 Busy\r\n")
        connection.close()
        asking.join()
    assert "asks for another try later" in answers[0].text


def test_a_wrong_form_comes_back_as_typed_without_its_password(ada: Visitor) -> None:
    answer = ada.post("mail", form(587, host="no host", password="hush", username="u"))
    assert answer.status_code == 400
    assert 'value="no host"' in answer.text
    assert "hush" not in answer.text
    assert "Give the name of the mail server" in answer.text
    for odd in ({}, {"port": "\0"}, {"host": "x" * 100000}):
        data = form(587) | odd if odd else {}
        assert ada.post("mail", data).status_code == 400


@pytest.mark.parametrize("roles", [LEARNER, TUTOR])
def test_only_administrators_see_and_change_it(tool: Tool, roles: frozenset[Role]) -> None:
    who = tool.sign_in("who", roles=roles)
    assert who.get("mail").status_code == 403
    assert who.post("mail", form(587)).status_code == 403
    assert who.post("mail/test", {}).status_code == 403


def test_each_organisation_has_its_own(tool: Tool, office: PostOffice, ada: Visitor) -> None:
    set_up(ada, office.port, sender_name="Willow only")
    odin = tool.sign_in("odin", roles=ADMINISTRATOR, organisation="Other")
    assert "Willow only" not in odin.get("mail").text
    assert odin.post("mail/test", {}).status_code == 303
    assert not office.taken


def test_private_servers_are_refused_unless_allowed(settings: Settings) -> None:
    from tests.tool import make_tool

    strict = make_tool(settings.model_copy(update={"allow_private_network": False}))
    try:
        ada = strict.sign_in("ada", roles=ADMINISTRATOR)
        answer = ada.post("mail", form(1025))
        assert answer.status_code == 400
        assert "which this service does not call" in answer.text
        assert "Mail servers take mail at port" in answer.text
    finally:
        strict.close()


def test_mail_does_not_hold_up_grades(tool: Tool, ada: Visitor, amina: Visitor) -> None:
    """With more letters than hands for a server that is down, one is tried, and grades go on."""
    set_up(ada, 1)
    for number in range(20):
        tell_visitor(tool, amina, str(number))
    amina.post_json("ratings", {"code": "1.01", "state": "achieved", "note": "", "version": 0})
    drain(tool)
    assert sum(one.attempts for one in messages(tool)) == 1
    with tool.database.transaction(write=False) as session:
        scores = select(Message.attempts).where(Message.topic == DELIVER_SCORE)
        assert 0 not in list(session.execute(scores).scalars())
    assert tool.http.calls


def test_the_runtime_of_a_worker_needs_no_request(settings: Settings) -> None:
    from lti_tool.notifications.worker import Mailer

    runtime = make_runtime(settings)
    assert re.match("There is", Mailer(runtime)._say("There is news for you"))
    runtime.database.dispose()

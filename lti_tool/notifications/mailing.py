"""An organisation's e-mail: storing how it is sent, and noting what came of sending it."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import Misconfigured, NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import SecretBox
from lti_tool.kernel.text import N_
from lti_tool.notifications.mail_rules import FINAL, Failed, MailWishes, Reason, Security, Server
from lti_tool.notifications.models import MailSettings, Notification
from lti_tool.notifications.queries import MailState, failures_since
from lti_tool.notifications.rules import MAIL, lane_of
from lti_tool.outbox.models import Message
from lti_tool.outbox.services import hurry

_SETTINGS = table_of(MailSettings)
_NOTIFICATIONS = table_of(Notification)
_LOOKED_BACK = timedelta(days=30)


def change_mail(session: Session, secrets: SecretBox, actor: Actor, wishes: MailWishes) -> None:
    """Stores how the organisation sends e-mail; the password sealed. What waits is tried soon.

    Without a password in the wishes the stored one stays, unless there is no user any more.
    Raises `NotAllowed` for anyone but an administrator.
    """
    if not actor.is_administrator:
        raise NotAllowed(N_("Only administrators set up e-mail."), code="role-not-allowed")
    values: dict[str, object] = {
        "enabled": wishes.enabled,
        "host": wishes.host,
        "port": wishes.port,
        "security": wishes.security.value,
        "username": wishes.username,
        "sender_name": wishes.sender_name,
        "sender_address": wishes.sender_address,
        "changed_at": clock.now(),
        "changed_by": actor.person_id,
        "last_failure": "",
        "last_failure_at": None,
    }
    if wishes.password or not wishes.username:
        sealed = secrets.encrypt(wishes.password.encode()) if wishes.password else ""
        values["sealed_password"] = sealed
    new = {_SETTINGS.c.sealed_password.name: "", "last_sent_at": None} | values
    session.execute(
        insert_into(session, _SETTINGS)
        .values(organisation_id=actor.organisation_id, **new)
        .on_conflict_do_update(index_elements=["organisation_id"], set_=values)
    )
    hurry(session, MAIL, _waiting(session, actor.organisation_id))


def server_of(state: MailState, secrets: SecretBox) -> Server | Failed:
    """Returns where to hand e-mail over, or why that cannot be known."""
    try:
        password = secrets.decrypt(state.sealed_password).decode() if state.sealed_password else ""
    except Misconfigured:
        return Failed(Reason.PASSWORD_UNREADABLE)
    security = Security(state.security)
    return Server(state.host, state.port, security, state.username, password)


def note_sent(session: Session, organisation_id: int, notification_id: int | None) -> None:
    """Notes that a message was taken by the server; None is a test message."""
    now = clock.now()
    if notification_id is not None:
        session.execute(
            update(_NOTIFICATIONS)
            .where(_NOTIFICATIONS.c.id == notification_id)
            .values(mailed_at=now)
        )
    _note(session, organisation_id, last_sent_at=now)


def note_failed(
    session: Session,
    organisation_id: int,
    notification_id: int | None,
    failed: Failed,
    *,
    gives_up: bool,
) -> None:
    """Notes that a message did not go out, and on the notification where it never will."""
    if notification_id is not None and (gives_up or failed.reason in FINAL):
        session.execute(
            update(_NOTIFICATIONS)
            .where(_NOTIFICATIONS.c.id == notification_id)
            .values(mail_failure=failed.reason.value)
        )
    _note(
        session,
        organisation_id,
        last_failure=failed.reason.value,
        last_failure_at=clock.now(),
    )


def waiting_count(session: Session, organisation_id: int) -> int:
    """Returns how many e-mails of an organisation wait to be sent."""
    return len(_waiting(session, organisation_id))


def recent_failures(session: Session, organisation_id: int) -> dict[str, int]:
    """Returns how many e-mails were given up in the last thirty days, by reason."""
    return failures_since(session, organisation_id, clock.now() - _LOOKED_BACK)


def _note(session: Session, organisation_id: int, **values: object) -> None:
    session.execute(
        update(_SETTINGS).where(_SETTINGS.c.organisation_id == organisation_id).values(**values)
    )


def _waiting(session: Session, organisation_id: int) -> list[str]:
    keys = select(Message.key).where(
        Message.topic == MAIL, Message.lane == lane_of(organisation_id)
    )
    return list(session.execute(keys).scalars())

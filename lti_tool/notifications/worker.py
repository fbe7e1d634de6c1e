"""Sending e-mail about notifications: read (one transaction), hand over (none), note (another).

A crash between the last two sends it again, under the same name: mail programs show it once.
"""

import structlog
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.runtime import Runtime
from lti_tool.notifications.letters import news, speaking
from lti_tool.notifications.mail_rules import (
    FINAL,
    GIVE_UP_AFTER,
    OF_THE_SERVER,
    Failed,
    Reason,
    pause_after,
)
from lti_tool.notifications.mailing import note_failed, note_sent, server_of
from lti_tool.notifications.queries import Letter, letter_for
from lti_tool.notifications.transport import send
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back, holds

log = structlog.get_logger()


class LeaseLost(Exception):
    """Another worker holds the message now; what this one found out is not stored."""


class Mailer:
    """Handles the messages that ask for an e-mail."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._say = speaking(runtime.settings.language)

    def send(self, lease: Lease) -> None:
        """Sends one e-mail and settles its message; whatever happens, the row is true."""
        with self._runtime.database.transaction() as session:
            letter = letter_for(session, int(lease.key))
            if letter is None:
                self._hold(complete(session, lease))
                return
            # Whoever was held up for longer than the lease must not send beside its successor.
            self._hold(holds(session, lease))
        failed = self._hand_over(letter)
        with self._runtime.database.transaction() as session:
            self._hold(self._settle(session, lease, letter, failed))
        log.info(
            "mail",
            organisation=letter.organisation_id,
            outcome=failed.reason.value if failed else "sent",
            said=failed.said if failed else 0,
            attempt=lease.attempts,
        )

    def _hand_over(self, letter: Letter) -> Failed | None:
        settings = self._runtime.settings
        message = news(letter, settings.base_url, self._say, language=settings.language)
        if message is None:
            return Failed(Reason.RECIPIENT_UNFIT)
        server = server_of(letter.settings, self._runtime.secrets)
        if isinstance(server, Failed):
            return server
        return send(
            server,
            message,
            allow_private=settings.allow_private_network,
            timeout=settings.outgoing_timeout_seconds,
        )

    def _settle(
        self, session: Session, lease: Lease, letter: Letter, failed: Failed | None
    ) -> bool:
        organisation, number = letter.organisation_id, letter.notification_id
        if failed is None:
            note_sent(session, organisation, number)
            return complete(session, lease)
        gives_up = failed.reason in FINAL or clock.now() - letter.created_at > GIVE_UP_AFTER
        note_failed(session, organisation, number, failed, gives_up=gives_up)
        if gives_up:
            return complete(session, lease)
        if failed.reason in OF_THE_SERVER:
            # Its other messages wait, too: a server that hangs must not keep the worker's hands.
            after = pause_after(lease.attempts)
            return give_back(session, lease, Retry(failed.reason.value, after, whole_lane=True))
        return give_back(session, lease, Retry(failed.reason.value, pause_after(lease.attempts)))

    @staticmethod
    def _hold(held: object) -> None:
        """Undoes the transaction around it when the message is no longer this worker's."""
        if not held:
            raise LeaseLost

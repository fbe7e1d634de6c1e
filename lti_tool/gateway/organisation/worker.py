"""Tests connections when asked: read (one transaction), call (none), note (another)."""

import structlog

from lti_tool.gateway.diagnosis import examination, switched_off
from lti_tool.gateway.organisation.asking import store_test
from lti_tool.gateway.organisation.rules import TOPIC
from lti_tool.gateway.passback import LeaseLost
from lti_tool.gateway.protocol import Protocol
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.rules import RegistrationStatus
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease
from lti_tool.outbox.services import complete

__all__ = ["TOPIC", "Tester"]

log = structlog.get_logger()


class Tester:
    """Handles the messages that ask for a test of a connection."""

    def __init__(self, runtime: Runtime, protocol: Protocol) -> None:
        self._runtime = runtime
        self._protocol = protocol

    def test(self, lease: Lease) -> None:
        """Tests one registration and keeps what was found; a crash brings another try."""
        number = int(lease.key)
        with self._runtime.database.transaction(write=False) as session:
            found = registration_by_id(session, number)
        findings, granted = [], set[str]()
        if found and found.status is not RegistrationStatus.ACTIVE:
            findings = switched_off()
        elif found:
            looking = examination(self._runtime, self._protocol.key_ring, found)
            findings, granted = list(looking.steps()), looking.granted
        with self._runtime.database.transaction() as session:
            if found:
                store_test(session, number, findings, granted)
            if not complete(session, lease):
                raise LeaseLost
        log.info(
            "connection-tested",
            registration=number,
            failed=[one.step.value for one in findings if one.outcome == "failed"],
        )

"""The worker's part: a file is streamed to the scanner, outside any transaction."""

from functools import cached_property

import structlog

from lti_tool.kernel.errors import NotFound, Unavailable
from lti_tool.kernel.runtime import Runtime
from lti_tool.outbox.rules import Lease, Retry
from lti_tool.outbox.services import complete, give_back
from lti_tool.storage.blobs import Blobs, open_blobs
from lti_tool.storage.queries import FileView
from lti_tool.storage.scanning.clamd import Clamd, Finding, NoAnswer
from lti_tool.storage.scanning.rules import Scan
from lti_tool.storage.scanning.services import begin_scan, note_scan

log = structlog.get_logger()


class LeaseLost(Exception):
    """Somebody else holds the message by now; what was done here is undone."""


class Scanner:
    """Has files scanned, by what `IMHCF_CLAMAV` names."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def scan(self, lease: Lease) -> None:
        """Handles "files.scan": notes what the scanner says, or comes back later.

        A scanner that was taken out of the settings leaves its files waiting: nobody decided
        that they are clean.
        """
        organisation, _, file_id = lease.key.partition(":")
        with self._runtime.database.transaction() as session:
            file = begin_scan(session, int(organisation), int(file_id))
        if file is None:
            self._settle(lease)
            return
        try:
            finding = self._ask(file)
        except NotFound:  # its blob went with it, meanwhile
            self._settle(lease)
        except (NoAnswer, Unavailable) as failed:
            self._come_back(lease, file, str(failed) if isinstance(failed, NoAnswer) else "store")
        else:
            self._note(lease, file, finding)

    @cached_property
    def _blobs(self) -> Blobs:
        return open_blobs(self._runtime.settings)

    def _ask(self, file: FileView) -> Finding:
        address = self._runtime.settings.clamav
        if not address:
            raise NoAnswer("no scanner configured")
        content = self._blobs.stream(file.organisation_id, file.digest, 0, file.size)
        return Clamd(address).scan(content)

    def _note(self, lease: Lease, file: FileView, finding: Finding) -> None:
        if finding.scan is Scan.INFECTED:
            log.warning("file-infected", file=file.public_id, found=finding.name)
        with self._runtime.database.transaction() as session:
            note_scan(session, file, finding.scan, finding.name)
            _hold(complete(session, lease))

    def _come_back(self, lease: Lease, file: FileView, reason: str) -> None:
        log.warning("file-not-scanned", file=file.public_id, reason=reason)
        with self._runtime.database.transaction() as session:
            note_scan(session, file, Scan.COULD_NOT_SCAN, reason)
            _hold(give_back(session, lease, Retry(reason)))

    def _settle(self, lease: Lease) -> None:
        with self._runtime.database.transaction() as session:
            _hold(complete(session, lease))


def _hold(held: bool) -> None:  # noqa: FBT001 - what the outbox said just now
    if not held:
        raise LeaseLost

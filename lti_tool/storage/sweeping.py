"""The sweep: what stands in the store and nobody names goes, in rounds that disturb nobody."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.storage.blobs import Blobs, Listed, blob_of
from lti_tool.storage.models import StoredFile, Upload
from lti_tool.storage.services import lock_blob
from lti_tool.storage.uploads.receiving import FOLDER

log = structlog.get_logger()

# A blob is written before its row commits; for this long nobody takes it for an orphan.
LEFT_ALONE_FOR = timedelta(days=1)
BETWEEN_WALKS_SECONDS = 24 * 3600.0
LOOKED_AT_IN_A_ROUND = 1_000


@dataclass(frozen=True, slots=True)
class NamedBy:
    """A column that names blobs by their digest, and the column of the organisation beside it."""

    organisation_id: InstrumentedAttribute[int]
    digest: InstrumentedAttribute[Any]


OF_FILES = (
    NamedBy(StoredFile.organisation_id, StoredFile.digest),
    NamedBy(StoredFile.organisation_id, StoredFile.preview_digest),
)


class Sweep:
    """Walks through the store once a day, a stretch in each of a worker's rounds.

    `named_by` are all columns that name blobs, those of other rooms included. An object of an
    upload goes when its upload is no more. A blob goes when no column names it, it was last
    written more than a day ago, and both still hold while nobody can store equal content.
    """

    def __init__(self, blobs: Blobs, named_by: Sequence[NamedBy]) -> None:
        self._blobs = blobs
        self._named_by = named_by
        self._after = ""
        self._rests_until = 0.0

    def round(self, session: Session) -> int:
        """Looks at the next stretch; returns how many objects went."""
        if time.monotonic() < self._rests_until:
            return 0
        if not self._after:
            self._remove_halves()
        found = self._blobs.listed(after=self._after, most=LOOKED_AT_IN_A_ROUND)
        gone = self._of_uploads(session, found) + self._of_files(session, found)
        self._after = found[-1].name if len(found) == LOOKED_AT_IN_A_ROUND else ""
        if not self._after:
            self._rests_until = time.monotonic() + BETWEEN_WALKS_SECONDS
        if gone:
            log.info("storage-swept", objects=gone)
        return gone

    def _of_uploads(self, session: Session, found: Sequence[Listed]) -> int:
        theirs = {o.name: o.name.split("/")[1] for o in found if o.name.startswith(FOLDER + "/")}
        there = _known_uploads(session, set(theirs.values()))
        gone = [name for name, upload in theirs.items() if upload not in there]
        for name in gone:
            self._blobs.discard(name)
        return len(gone)

    def _of_files(self, session: Session, found: Sequence[Listed]) -> int:
        old: dict[int, set[str]] = {}
        for listed in found:
            blob = blob_of(listed.name)
            if blob and listed.written_at < clock.now() - LEFT_ALONE_FOR:
                old.setdefault(blob[0], set()).add(blob[1])
        return sum(
            self._remove_orphan(session, organisation_id, digest)
            for organisation_id, digests in sorted(old.items())
            for digest in sorted(digests - self._named(session, organisation_id, digests))
        )

    def _remove_orphan(self, session: Session, organisation_id: int, digest: str) -> bool:
        lock_blob(session, organisation_id, digest)
        if self._named(session, organisation_id, {digest}):
            return False
        try:
            written_at = self._blobs.written_at(organisation_id, digest)
        except NotFound:
            return False
        if written_at >= clock.now() - LEFT_ALONE_FOR:
            return False
        self._blobs.delete(organisation_id, digest)
        return True

    def _named(self, session: Session, organisation_id: int, digests: Collection[str]) -> set[str]:
        return {
            name
            for column in self._named_by
            for name in session.execute(
                select(column.digest).where(
                    column.organisation_id == organisation_id, column.digest.in_(digests)
                )
            ).scalars()
        }

    def _remove_halves(self) -> None:
        """Removes what a process that was ended left half-written in a folder.

        obstore writes such files beside the whole ones, with a number behind a "#" that no
        name of ours has.
        """
        if self._blobs.folder is None:
            return
        oldest = (clock.now() - LEFT_ALONE_FOR).timestamp()
        for path in self._blobs.folder.rglob("*#*"):
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _known_uploads(session: Session, public_ids: Collection[str]) -> set[str]:
    if not public_ids:
        return set()
    rows = session.execute(select(Upload.public_id).where(Upload.public_id.in_(public_ids)))
    return set(rows.scalars())

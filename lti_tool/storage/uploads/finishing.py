"""Finishing an upload: checked, cleaned, named by its content, and then on record as a file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import insert
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import Database
from lti_tool.kernel.errors import NotFound, Unavailable
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.storage.blobs import Blobs, Written
from lti_tool.storage.kinds.checking import Kind, check_evidence
from lti_tool.storage.kinds.refusals import NotEvidence, refused
from lti_tool.storage.kinds.types import PICTURES
from lti_tool.storage.models import StoredFile
from lti_tool.storage.pictures.cleaning import LARGEST_PICTURE, cleaned_picture, steps_of_file
from lti_tool.storage.queries import FileView, files_by_id
from lti_tool.storage.rules import FileStatus
from lti_tool.storage.scanning.rules import Scan
from lti_tool.storage.scanning.services import ask_for_scan
from lti_tool.storage.services import lock_blob
from lti_tool.storage.uploads.queries import PieceView, UploadView, pieces_of, upload_of
from lti_tool.storage.uploads.reading import as_file, steps_of
from lti_tool.storage.uploads.receiving import object_folder, object_name
from lti_tool.storage.uploads.rules import not_all_there, upload_gone
from lti_tool.storage.uploads.services import abandon_upload, hold_upload, note_arrival

_FILES = table_of(StoredFile)


class Purpose(Protocol):
    """What a file is uploaded for. Both are called in the transaction that puts it on record.

    So no file stays behind that nothing needs: either all of it commits, or the upload stays as
    it was.
    """

    def check(self, session: Session) -> None:
        """Takes its locks, and raises where the file is not wanted any more."""

    def note(self, session: Session, file: FileView) -> None:
        """Notes what the file became. It may be called again for the same file."""


class NoPurpose:
    """Somebody keeps a file for itself."""

    def check(self, session: Session) -> None:
        """Takes no lock."""

    def note(self, session: Session, file: FileView) -> None:
        """Notes nothing."""


NO_PURPOSE = NoPurpose()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A file that stands in the store under names of its own; a picture with its preview."""

    kind: Kind
    whole: Written
    preview: Written | None = None
    width: int | None = None
    height: int | None = None


def finish_upload(
    database: Database,
    blobs: Blobs,
    actor: Actor,
    public_id: str,
    *,
    scan: bool,
    purpose: Purpose = NO_PURPOSE,
) -> FileView:
    """Makes a file of an upload that is complete, and returns it; asking again gives the same.

    Call it outside any transaction. Before its row commits, the file's content stands in the
    store under its digest; a crash anywhere leaves the upload as it was. `scan` says whether a
    scanner is asked; until it answers, the file is given to nobody. What the `purpose` raises
    leaves the upload as it was.

    Raises `Conflict` when a part is missing, `NotEvidence` when the content is not taken (the
    upload is then forgotten), `NotFound`, and `Unavailable` when the store takes no more.
    """
    with database.transaction(write=False) as session:
        upload = upload_of(session, actor.person_id, public_id)
        pieces = pieces_of(session, upload.id)
        if upload.file_id is not None:
            return _file(session, upload.file_id, actor)
    if not upload.is_complete:
        raise not_all_there(upload.received)
    try:
        with _prepared(blobs, upload, pieces) as ready, database.transaction() as session:
            purpose.check(session)
            file = _keep(session, blobs, actor, upload, ready, scan=scan)
            purpose.note(session, file)
    except NotEvidence:
        with database.transaction() as session:
            abandon_upload(session, actor, public_id)
        discard_objects(blobs, public_id)
        raise
    except NotFound:
        return _become_meanwhile(database, actor, public_id)
    discard_objects(blobs, public_id)
    return file


def discard_objects(blobs: Blobs, public_id: str) -> None:
    """Removes what stands in the store of an upload that has ended; the sweep does the rest."""
    with suppress(Unavailable):
        for found in blobs.listed(object_folder(public_id)):
            blobs.discard(found.name)


@contextmanager
def _prepared(blobs: Blobs, upload: UploadView, pieces: Sequence[PieceView]) -> Iterator[_Ready]:
    """Yields the file, written under a name of its own; no transaction is open until then."""
    with as_file(blobs, pieces) as source:
        kind = check_evidence(upload.name, source, upload.size)
    if kind.media_type not in PICTURES:
        steps = steps_of(blobs, pieces, kind.patches)
        yield _Ready(kind, blobs.write(object_name(upload, "whole"), steps))
        return
    if upload.size > LARGEST_PICTURE:
        raise refused("picture-too-large", "bytes")
    with cleaned_picture(steps_of(blobs, pieces), kind.media_type) as made:
        whole = blobs.write(object_name(upload, "whole"), steps_of_file(made.picture))
        preview = blobs.write(object_name(upload, "preview"), steps_of_file(made.preview))
    yield _Ready(kind, whole, preview, made.width, made.height)


def _keep(
    session: Session,
    blobs: Blobs,
    actor: Actor,
    upload: UploadView,
    ready: _Ready,
    *,
    scan: bool,
) -> FileView:
    """Names the content by its digest and puts the file on record, both or neither."""
    if (there := hold_upload(session, upload)) is not None:
        return _file(session, there, actor)
    contents = sorted({w.digest: w for w in (ready.whole, ready.preview) if w}.items())
    for digest, written in contents:
        # Whoever removes equal content waits until the row that needs it is there.
        lock_blob(session, upload.organisation_id, digest)
        blobs.adopt(written, upload.organisation_id)
    file_id = session.execute(
        insert(_FILES)
        .values(
            public_id=new_public_id(),
            organisation_id=upload.organisation_id,
            person_id=upload.person_id,
            digest=ready.whole.digest,
            size=ready.whole.size,
            media_type=ready.kind.media_type,
            name=ready.kind.name,
            status=FileStatus.KEPT,
            created_at=clock.now(),
            scan=Scan.RECEIVED if scan else Scan.NOT_ASKED,
            width=ready.width,
            height=ready.height,
            preview_digest=ready.preview.digest if ready.preview else None,
            preview_size=ready.preview.size if ready.preview else None,
        )
        .returning(_FILES.c.id)
    ).scalar_one()
    note_arrival(session, upload, file_id)
    if scan:
        ask_for_scan(session, upload.organisation_id, file_id)
    return _file(session, file_id, actor)


def _become_meanwhile(database: Database, actor: Actor, public_id: str) -> FileView:
    """Returns the file that another request made of the upload while its pieces went."""
    with database.transaction(write=False) as session:
        upload = upload_of(session, actor.person_id, public_id)
        if upload.file_id is None:
            raise upload_gone()
        return _file(session, upload.file_id, actor)


def _file(session: Session, file_id: int, actor: Actor) -> FileView:
    found = files_by_id(session, actor.person_id, [file_id]).get(file_id)
    if found is None:
        raise upload_gone()
    return found

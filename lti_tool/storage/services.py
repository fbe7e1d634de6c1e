"""Keeping files, handing them out, removing them; a blob goes when no row needs it."""

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import Blobs
from lti_tool.storage.models import StoredFile
from lti_tool.storage.queries import FileView, files_by_id
from lti_tool.storage.rules import UNDO_FOR, CheckedFile, FileStatus

_FILES = table_of(StoredFile)
PURGED_AT_ONCE = 100


def keep_file(session: Session, actor: Actor, blobs: Blobs, file: CheckedFile) -> FileView:
    """Stores a checked file as the actor's own and returns it.

    The blob is written before the row commits: a blob without a row is harmless, a row without
    a blob would be a lost file. Raises `Unavailable` when the store does not answer.
    """
    digest = blobs.digest(file.content)
    lock_blob(session, actor.organisation_id, digest)
    blobs.put(actor.organisation_id, file.content)
    file_id = session.execute(
        insert(_FILES)
        .values(
            public_id=new_public_id(),
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            digest=digest,
            size=len(file.content),
            media_type=file.media_type,
            name=file.name,
            status=FileStatus.KEPT,
            created_at=clock.now(),
        )
        .returning(_FILES.c.id)
    ).scalar_one()
    return files_by_id(session, actor.person_id, [file_id])[file_id]


def read_file(session: Session, actor: Actor, blobs: Blobs, file_id: int) -> tuple[FileView, bytes]:
    """Returns one of the actor's own kept files with its bytes; raises `NotFound`."""
    found = files_by_id(session, actor.person_id, [file_id]).get(file_id)
    if found is None:
        raise _unknown()
    return found, blobs.get(found.organisation_id, found.digest)


def remove_file(session: Session, actor: Actor, file_id: int) -> None:
    """Removes one of the actor's files; for a day it can be had back."""
    session.execute(
        update(_FILES)
        .where(
            _FILES.c.id == file_id,
            _FILES.c.person_id == actor.person_id,
            _FILES.c.status == FileStatus.KEPT,
        )
        .values(status=FileStatus.REMOVED, removed_at=clock.now())
    )


def restore_file(session: Session, actor: Actor, public_id: str) -> FileView:
    """Brings one of the actor's removed files back; raises `NotFound` when it is gone."""
    row = session.execute(
        select(_FILES.c.id, _FILES.c.digest).where(
            # PostgreSQL takes no NUL, which an address or a form may hold.
            _FILES.c.public_id == public_id.replace("\0", ""),
            _FILES.c.person_id == actor.person_id,
        )
    ).first()
    if row is None:
        raise _unknown()
    lock_blob(session, actor.organisation_id, row.digest)
    restored = session.execute(
        update(_FILES)
        .where(
            _FILES.c.id == row.id,
            _FILES.c.status == FileStatus.REMOVED,
            _FILES.c.removed_at > clock.now() - UNDO_FOR,
        )
        .values(status=FileStatus.KEPT, removed_at=None)
        .returning(_FILES.c.id)
    ).first()
    if restored is None:
        raise _unknown()
    return files_by_id(session, actor.person_id, [row.id])[row.id]


def purge_files(session: Session, blobs: Blobs) -> int:
    """Forgets files that were removed more than a day ago; returns how many.

    A blob goes when no other row of the organisation has its digest. For a worker's round.
    """
    old = session.execute(
        select(_FILES.c.id, _FILES.c.organisation_id, _FILES.c.digest, _FILES.c.preview_digest)
        .where(_FILES.c.removed_at <= clock.now() - UNDO_FOR)
        .order_by(_FILES.c.organisation_id, _FILES.c.digest)  # locks are taken in one order
        .limit(PURGED_AT_ONCE)
    ).all()
    for row in old:
        session.execute(delete(_FILES).where(_FILES.c.id == row.id))
        for digest in sorted({row.digest, row.preview_digest} - {None}):
            lock_blob(session, row.organisation_id, digest)
            if not is_named(session, row.organisation_id, digest):
                blobs.delete(row.organisation_id, digest)
    return len(old)


def is_named(session: Session, organisation_id: int, digest: str) -> bool:
    """Says whether any file of the organisation, removed ones included, needs a blob."""
    found = select(_FILES.c.id).where(
        _FILES.c.organisation_id == organisation_id,
        or_(_FILES.c.digest == digest, _FILES.c.preview_digest == digest),
    )
    return session.execute(found.limit(1)).first() is not None


def lock_blob(session: Session, organisation_id: int, digest: str) -> None:
    """Makes those who store and those who remove equal content come in turn until the commit.

    SQLite's writers come in turn anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int(digest[:15], 16) ^ organisation_id
        session.execute(select(func.pg_advisory_xact_lock(number)))


def _unknown() -> NotFound:
    return NotFound(N_("There is no such file of yours here."), code="file-unknown")

"""Beginning and abandoning uploads, and noting what of them is stored. No store is called here."""

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.storage.kinds.names import check_name
from lti_tool.storage.models import Upload, UploadPiece
from lti_tool.storage.uploads.queries import (
    PieceView,
    UploadView,
    quota_of,
    upload_of,
    uploads_of,
)
from lti_tool.storage.uploads.rules import (
    ABANDONED_AFTER,
    MOST_PIECES,
    Limits,
    Wish,
    check_wish,
    in_crumbs,
    moved_on,
)

_UPLOADS = table_of(Upload)
_PIECES = table_of(UploadPiece)
_LOCK = 0x1457
SWEPT_AT_ONCE = 100


def begin_upload(session: Session, actor: Actor, wish: Wish, limits: Limits) -> UploadView:
    """Makes room for a file and returns its upload, of which nothing has been received.

    Raises `InvalidInput` for a name or an ending that is not taken, so that nobody sends 500 MB
    in vain; `TooLarge` or `NotAllowed` where there is no room.
    """
    name = check_name(wish.name)
    _lock_quota(session, actor.organisation_id)
    quota = quota_of(session, actor.organisation_id, actor.person_id, limits)
    check_wish(wish, quota, len(uploads_of(session, actor.person_id)))
    now = clock.now()
    public_id = new_public_id()
    session.execute(
        insert(_UPLOADS).values(
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            file_id=None,
            name=name,
            declared_type=wish.declared_type.replace("\0", "")[:100],
            size=wish.size,
            received=0,
            pieces=0,
            created_at=now,
            touched_at=now,
        )
    )
    return upload_of(session, actor.person_id, public_id)


def note_piece(session: Session, upload: UploadView, piece: PieceView) -> UploadView:
    """Notes that a piece is stored; the length on record is the truth from then on.

    Raises `Conflict` when another request brought the same bytes first, or the upload has ended.
    """
    if upload.pieces >= MOST_PIECES:
        raise in_crumbs()
    noted = session.execute(
        update(_UPLOADS)
        .where(
            _UPLOADS.c.id == upload.id,
            _UPLOADS.c.received == piece.begins_at,
            _UPLOADS.c.file_id.is_(None),
        )
        .values(
            received=_UPLOADS.c.received + piece.size,
            pieces=_UPLOADS.c.pieces + 1,
            touched_at=clock.now(),
        )
        .returning(_UPLOADS.c.id)
    ).first()
    if noted is None:
        raise moved_on()
    session.execute(
        insert(_PIECES).values(
            upload_id=upload.id,
            begins_at=piece.begins_at,
            size=piece.size,
            object_name=piece.object_name,
        )
    )
    return upload_of(session, upload.person_id, upload.public_id)


def note_arrival(session: Session, upload: UploadView, file_id: int) -> None:
    """Notes which file an upload became; its pieces are of no more use."""
    session.execute(
        update(_UPLOADS)
        .where(_UPLOADS.c.id == upload.id)
        .values(file_id=file_id, touched_at=clock.now())
    )
    session.execute(delete(_PIECES).where(_PIECES.c.upload_id == upload.id))


def hold_upload(session: Session, upload: UploadView) -> int | None:
    """Keeps others from finishing an upload until the commit; returns the file that it became.

    Raises `NotFound` when it was abandoned meanwhile.
    """
    session.execute(
        update(_UPLOADS).where(_UPLOADS.c.id == upload.id).values(touched_at=clock.now())
    )
    return upload_of(session, upload.person_id, upload.public_id).file_id


def abandon_upload(session: Session, actor: Actor, public_id: str) -> None:
    """Forgets one of the actor's uploads; a file that it became stays. Raises `NotFound`.

    What was stored of it is swept, since no row names it any more.
    """
    upload = upload_of(session, actor.person_id, public_id)
    session.execute(delete(_UPLOADS).where(_UPLOADS.c.id == upload.id))


def forget_old_uploads(session: Session) -> int:
    """Forgets uploads that nobody touched for a day; returns how many. For a worker's round."""
    old = session.execute(
        select(_UPLOADS.c.id)
        .where(_UPLOADS.c.touched_at <= clock.now() - ABANDONED_AFTER)
        .order_by(_UPLOADS.c.id)
        .limit(SWEPT_AT_ONCE)
    ).scalars()
    ids = list(old)
    if ids:
        session.execute(
            delete(_UPLOADS).where(
                _UPLOADS.c.id.in_(ids), _UPLOADS.c.touched_at <= clock.now() - ABANDONED_AFTER
            )
        )
    return len(ids)


def _lock_quota(session: Session, organisation_id: int) -> None:
    """Lets those who make room in an organisation come in turn until the commit.

    SQLite's writers come in turn anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK, organisation_id)))

"""Reading of uploads: a person's own, their pieces, and how much is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, ScalarSelect, func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.settings import Settings
from lti_tool.kernel.text import N_
from lti_tool.storage.models import StoredFile, Upload, UploadPiece
from lti_tool.storage.uploads.rules import MEGABYTE, Kept, Limits, Quota

_FILES = table_of(StoredFile)
_UPLOADS = table_of(Upload)
_PIECES = table_of(UploadPiece)


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload as services and pages read it. `file_id` is there once it has arrived."""

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    file_id: int | None
    name: str
    declared_type: str
    size: int
    received: int
    pieces: int
    created_at: datetime
    touched_at: datetime

    @property
    def is_complete(self) -> bool:
        """Whether every byte has been received."""
        return self.received == self.size


@dataclass(frozen=True, slots=True)
class PieceView:
    """A stored piece: where it begins in the file, its size, the name of its object."""

    begins_at: int
    size: int
    object_name: str


def upload_of(session: Session, person_id: int, public_id: str) -> UploadView:
    """Returns one of a person's own uploads; raises `NotFound`."""
    row = session.execute(
        select(_UPLOADS).where(
            # PostgreSQL takes no NUL, which an address may hold.
            _UPLOADS.c.public_id == public_id.replace("\0", ""),
            _UPLOADS.c.person_id == person_id,
        )
    ).first()
    if row is None:
        raise NotFound(
            N_("There is no such upload of yours here."),
            code="upload-unknown",
            advice=N_("Choose the file again. An upload is kept for a day."),
        )
    return _view(row)


def uploads_of(session: Session, person_id: int) -> list[UploadView]:
    """Returns the uploads of a person that have not arrived, oldest first."""
    rows = session.execute(
        select(_UPLOADS)
        .where(_UPLOADS.c.person_id == person_id, _UPLOADS.c.file_id.is_(None))
        .order_by(_UPLOADS.c.id)
    )
    return [_view(row) for row in rows]


def pieces_of(session: Session, upload_id: int) -> list[PieceView]:
    """Returns the pieces of an upload in the order of the file."""
    rows = session.execute(
        select(_PIECES.c.begins_at, _PIECES.c.size, _PIECES.c.object_name)
        .where(_PIECES.c.upload_id == upload_id)
        .order_by(_PIECES.c.begins_at)
    )
    return [PieceView(*row) for row in rows]


def limits_of(settings: Settings) -> Limits:
    """Returns the limits of this installation, in bytes."""
    return Limits(
        file=settings.evidence_megabytes * MEGABYTE,
        person=settings.person_quota_megabytes * MEGABYTE,
        organisation=settings.organisation_quota_megabytes * MEGABYTE,
    )


def quota_of(session: Session, organisation_id: int, person_id: int, limits: Limits) -> Quota:
    """Returns what a person and their organisation keep, and what they may.

    Removed files count as long as they can be had back. Equal content counts once: for a
    person, and for an organisation. Previews count too.
    """
    return Quota(
        person=_kept(session, person=person_id, organisation=organisation_id),
        organisation=_kept(session, organisation=organisation_id),
        limits=limits,
    )


def kept_by(session: Session, organisation_id: int, person_id: int) -> Kept:
    """Returns what a person keeps; what their organisation keeps is not counted for it."""
    return _kept(session, person=person_id, organisation=organisation_id)


def _kept(session: Session, *, organisation: int, person: int | None = None) -> Kept:
    """Adds up by index alone; a person belongs to one organisation, and has an index of their own."""

    def theirs(table: object) -> ColumnElement[bool]:
        columns = table.c  # type: ignore[attr-defined]
        found: ColumnElement[bool] = (
            columns.organisation_id == organisation
            if person is None
            else columns.person_id == person
        )
        return found

    def once(digest: ColumnElement[str], size: ColumnElement[int]) -> ScalarSelect[int]:
        each = select(func.max(size).label("size")).where(theirs(_FILES), digest.is_not(None))
        sizes = each.group_by(digest).subquery()
        return select(func.coalesce(func.sum(sizes.c.size), 0)).scalar_subquery()

    on_the_way = select(func.coalesce(func.sum(_UPLOADS.c.size), 0)).where(
        theirs(_UPLOADS), _UPLOADS.c.file_id.is_(None)
    )
    files, previews, coming = session.execute(
        select(
            once(_FILES.c.digest, _FILES.c.size),
            once(_FILES.c.preview_digest, _FILES.c.preview_size),
            on_the_way.scalar_subquery(),
        )
    ).one()
    return Kept(int(files + previews), int(coming))


def _view(row: Row[tuple[object, ...]]) -> UploadView:
    return UploadView(**dict(row._mapping))  # noqa: SLF001 - a row's public mapping

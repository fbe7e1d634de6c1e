"""Reading of files: one person's own, and how much an organisation keeps."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.storage.models import StoredFile
from lti_tool.storage.rules import FileStatus

_FILES = table_of(StoredFile)


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as services and pages read it; `size` is in bytes, `digest` names its blob."""

    id: int
    public_id: str
    organisation_id: int
    person_id: int
    name: str
    media_type: str
    size: int
    digest: str
    status: FileStatus
    created_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Usage:
    """How many files an organisation keeps, and their bytes; equal content counts once."""

    files: int
    bytes: int


def files_of(session: Session, person_id: int) -> list[FileView]:
    """Returns the files that a person keeps, oldest first."""
    rows = session.execute(
        select(_FILES)
        .where(_FILES.c.person_id == person_id, _FILES.c.status == FileStatus.KEPT)
        .order_by(_FILES.c.id)
    )
    return [_view(row) for row in rows]


def files_by_id(session: Session, person_id: int, ids: Collection[int]) -> Mapping[int, FileView]:
    """Returns those of a person's kept files that have these numbers, by number."""
    if not ids:
        return {}
    rows = session.execute(
        select(_FILES).where(
            _FILES.c.person_id == person_id,
            _FILES.c.status == FileStatus.KEPT,
            _FILES.c.id.in_(ids),
        )
    )
    return {row.id: _view(row) for row in rows}


def usage_of(session: Session, organisation_id: int) -> Usage:
    """Returns what an organisation keeps, removed files that can be had back included."""
    blobs = (
        select(_FILES.c.digest, func.max(_FILES.c.size).label("size"))
        .where(_FILES.c.organisation_id == organisation_id)
        .group_by(_FILES.c.digest)
        .subquery()
    )
    total = session.execute(select(func.coalesce(func.sum(blobs.c.size), 0))).scalar_one()
    count = session.execute(
        select(func.count())
        .select_from(_FILES)
        .where(_FILES.c.organisation_id == organisation_id, _FILES.c.status == FileStatus.KEPT)
    ).scalar_one()
    return Usage(int(count), int(total))


def _view(row: Row[tuple[object, ...]]) -> FileView:
    facts = dict(row._mapping)  # noqa: SLF001 - a row's public mapping
    return FileView(**(facts | {"status": FileStatus(facts["status"])}))

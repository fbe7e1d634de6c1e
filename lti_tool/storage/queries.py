"""Reading of files: one person's own, and how much an organisation keeps."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.storage.facts import FileView
from lti_tool.storage.models import StoredFile
from lti_tool.storage.rules import FileStatus
from lti_tool.storage.scanning.rules import Scan

__all__ = [
    "FileView",
    "Usage",
    "file_in_organisation",
    "files_by_id",
    "files_of",
    "usage_of",
]

_FILES = table_of(StoredFile)


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


def file_in_organisation(
    session: Session, organisation_id: int, file_id: int, *, removed_too: bool = False
) -> FileView | None:
    """Returns a kept file of an organisation, whoever gave it; None where there is none.

    For rooms that decide themselves who may see it, and for the scanner, who also looks at
    those that can still be had back.
    """
    states = list(FileStatus) if removed_too else [FileStatus.KEPT]
    row = session.execute(
        select(_FILES).where(
            _FILES.c.id == file_id,
            _FILES.c.organisation_id == organisation_id,
            _FILES.c.status.in_(states),
        )
    ).first()
    return _view(row) if row else None


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
    states = {"status": FileStatus(facts["status"]), "scan": Scan(facts["scan"])}
    return FileView(**(facts | states))

"""The tables of records that were brought here, and of what came in with each."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class RecordImport(Base):
    """A record in a zip that its owner brought from another installation.

    Until it is taken in or put away, `digest` names the zip among the organisation's blobs;
    then it is empty. `origin` is the address of the installation that wrote the record,
    `origin_person` its name for the person. `taken` counts what came in, by kind.
    """

    __tablename__ = "record_imports"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str] = mapped_column(String(300))
    origin_person: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    created_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken: Mapped[dict[str, Any]] = mapped_column(JSON)


class ImportedItem(Base):
    """One thing that came in with a record: where it came from, and which row it became.

    `origin_key` is its name in the record, so that the same record taken in twice changes
    nothing. `local_name` is the public id of the row of its kind here, which may be gone by
    now; it is empty for what was kept aside, such as answers to an instrument that this tool
    does not hold, and `original` is that thing as it came.
    """

    __tablename__ = "imported_items"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "origin_key"),
        Index("ix_imported_items_import_id", "import_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("record_imports.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(30))
    origin_key: Mapped[str] = mapped_column(String(200))
    local_name: Mapped[str | None] = mapped_column(String(32))
    original: Mapped[dict[str, Any]] = mapped_column(JSON)
    imported_at: Mapped[datetime]

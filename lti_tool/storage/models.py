"""The tables of files."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class StoredFile(Base):
    """A file that somebody gave, over a blob that other files of the organisation may share.

    `name` is the name that it came with, made safe; `media_type` is what its content is.
    `removed_at` is set as long as a removed file can still be had back; then its row goes,
    and its blob when no other row of the organisation has that digest.
    """

    __tablename__ = "files"
    __table_args__ = (
        Index("ix_files_organisation_id_digest", "organisation_id", "digest"),
        Index("ix_files_removed_at", "removed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

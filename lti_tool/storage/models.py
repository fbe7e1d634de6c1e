"""The tables of files."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class StoredFile(Base):
    """A file that somebody gave, over a blob that other files of the organisation may share.

    `name` is the name that it came with, made safe; `media_type` is what its content is.
    `removed_at` is set as long as a removed file can still be had back; then its row goes,
    and its blob when no other row of the organisation has that digest. `scan` says what the
    virus scanner found, `scan_note` what it named. A picture has its width and height in pixels
    and a preview, which is a blob too.
    """

    __tablename__ = "files"
    __table_args__ = (
        # With the sizes in them, what an organisation keeps is added up without its rows.
        Index("ix_files_organisation_id_digest", "organisation_id", "digest", "size"),
        Index(
            "ix_files_organisation_id_preview_digest",
            "organisation_id",
            "preview_digest",
            "preview_size",
        ),
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
    scan: Mapped[str] = mapped_column(String(20), server_default="not-asked")
    scan_note: Mapped[str] = mapped_column(String(120), server_default="")
    scanned_at: Mapped[datetime | None]
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    preview_digest: Mapped[str | None] = mapped_column(String(64))
    preview_size: Mapped[int | None] = mapped_column(Integer)


class Upload(Base):
    """A file on its way, in pieces. `received` is how far it is: that many bytes are stored.

    Once it has arrived, `file_id` names the file, so that asking again gives the same one. The
    row goes a day after it was last touched.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_organisation_id", "organisation_id"),
        Index("ix_uploads_touched_at", "touched_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(
        ForeignKey("files.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    declared_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger)
    pieces: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]


class UploadPiece(Base):
    """A piece of an upload: where it begins, its size, and the name of its object."""

    __tablename__ = "upload_pieces"
    __table_args__ = (
        Index("uq_upload_pieces_upload_id_begins_at", "upload_id", "begins_at", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"))
    begins_at: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(Integer)
    object_name: Mapped[str] = mapped_column(String(120))

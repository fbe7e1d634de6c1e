"""The tables of joined people, of what joining moved, and of the keys of LTI 1.1."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Merge(Base):
    """Two people of an organisation who are one human: all of one went to the other.

    Who was joined keeps a row among the people, tied to no identifier, until the join is undone.
    """

    __tablename__ = "merges"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    remaining_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    absorbed_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    merged_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    merged_at: Mapped[datetime]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    undone_at: Mapped[datetime | None]


class MergedRow(Base):
    """One row that a join changed: which, and its changed columns before and after, in order."""

    __tablename__ = "merged_rows"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("merges.id"), index=True)
    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[int] = mapped_column(BigId)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class LegacyKey(Base):
    """An LTI 1.1 consumer key of a registration's LMS; its secret is encrypted."""

    __tablename__ = "legacy_keys"
    __table_args__ = (UniqueConstraint("registration_id", "consumer_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    consumer_key: Mapped[str] = mapped_column(String(255))
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

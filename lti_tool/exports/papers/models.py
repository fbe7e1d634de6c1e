"""The table of papers asked for and rendered."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Paper(Base):
    """One PDF that a person asked for in a place: asked, ready or failed.

    `content` is the digest of what it shows and of how it is drawn, so that asking again for
    the same gives the same file. `blob` names the stored file, empty until it is ready.
    """

    __tablename__ = "papers"
    __table_args__ = (
        Index("ix_papers_person_id_content", "person_id", "content"),
        Index("ix_papers_asked_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    content: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(60))
    blob: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]

"""The tables of evidence."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Evidence(Base):
    """A file as a piece of evidence. It may serve several tasks, in several portfolios.

    `alt` says in words what a picture shows, or what is heard and seen in a recording.
    `declaration` says how nobody can be known by it. A piece that was removed keeps its row: a
    submission may have it. `hidden_at` is set as long as a report of identifiable data stands.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_person_id_removed_at", "person_id", "removed_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    alt: Mapped[str] = mapped_column(Text)
    declaration: Mapped[str] = mapped_column(String(20))
    declared_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]


class EvidenceLink(Base):
    """One task that a piece of evidence serves."""

    __tablename__ = "evidence_links"
    __table_args__ = (
        UniqueConstraint("evidence_id", "portfolio_id", "code"),
        Index("ix_evidence_links_portfolio_id_code", "portfolio_id", "code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id", ondelete="CASCADE"))
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolios.id"))
    code: Mapped[str] = mapped_column(String(10))
    added_at: Mapped[datetime]

"""The tables of wordings and of framework versions. Rows are added and never changed.

The keys point to tables of the room `courses` by name: the rooms do not import each other.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Edition(Base):
    """One change of an organisation's wording: an import, a correction, or its undoing.

    `number` counts an organisation's editions from 1; `key` is random, so that a process can
    keep what it made of an edition whichever database it came from. `actor_id` is null for
    the command line. `files` are the names of what was imported, one a line.
    """

    __tablename__ = "framework_editions"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    number: Mapped[int] = mapped_column(Integer)
    key: Mapped[str] = mapped_column(String(32))
    how: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Statement(Base):
    """What an edition says of one competency; the newest edition's row is what people read.

    `wording` is "official", "corrected", or "own": back to this tool's words, with no text.
    """

    __tablename__ = "framework_statements"
    __table_args__ = (
        UniqueConstraint("edition_id", "instrument", "code"),
        Index("ix_framework_statements_one", "organisation_id", "instrument", "code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("framework_editions.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(10))
    wording: Mapped[str] = mapped_column(String(20))
    knowledge: Mapped[str | None] = mapped_column(Text)
    ability: Mapped[str | None] = mapped_column(Text)
    prompt: Mapped[str | None] = mapped_column(Text)
    points_of: Mapped[str | None] = mapped_column(String(20))
    points: Mapped[list[str]] = mapped_column(JSON)


class FrameworkVersion(Base):
    """An instrument's whole text as it was shown: the shipped one, or an organisation's.

    `organisation_id` and `edition_id` are null for the shipped text. `how` says what made it:
    "shipped", "upgrade" (shipped text changed beneath an organisation's wording), or an
    edition's `how`. `digest` is the SHA-256 of the content.
    """

    __tablename__ = "framework_versions"
    __table_args__ = (
        Index(
            "uq_framework_versions_shipped",
            "instrument",
            "version",
            "digest",
            unique=True,
            sqlite_where=text("organisation_id IS NULL"),
            postgresql_where=text("organisation_id IS NULL"),
        ),
        UniqueConstraint("organisation_id", "instrument", "version", "digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("framework_editions.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    version: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    how: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]

"""The tables of platform notices: who sends us some, which came, and what they said."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class NoticeHandler(Base):
    """Our address for notices at one deployment of an LMS, and whether it was registered there."""

    __tablename__ = "notice_handlers"
    __table_args__ = (UniqueConstraint("registration_id", "deployment"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    deployment: Mapped[str] = mapped_column(String(255))
    service_url: Mapped[str] = mapped_column(Text)
    notice_types: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    registered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(60))


class ReceivedNotice(Base):
    """The digest of a notice's id, until its token would be refused as too old anyway."""

    __tablename__ = "received_notices"
    __table_args__ = (UniqueConstraint("registration_id", "token_digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    token_digest: Mapped[str] = mapped_column(String(64))
    ends_at: Mapped[datetime] = mapped_column(index=True)


class CourseCopy(Base):
    """A course of an LMS is a copy of another, as a notice said; neither need be known here."""

    __tablename__ = "course_copies"
    __table_args__ = (UniqueConstraint("registration_id", "deployment", "context", "origin"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    deployment: Mapped[str] = mapped_column(String(255))
    context: Mapped[str] = mapped_column(String(300))
    origin: Mapped[str] = mapped_column(String(300))
    noticed_at: Mapped[datetime]

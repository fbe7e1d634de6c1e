"""The tables of notifications, of how an organisation sends e-mail, and of who wants it."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Notification(Base):
    """One thing that a person is told: which kind, about what, and where to look.

    It holds no content: `params` are facts such as a title of an instrument or a code.
    `endpoint` and `link` say which page it leads to, in the placement that it belongs to. The
    same `reference` is told to a person once.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("person_id", "reference"),
        Index("ix_notifications_person_id_read_at", "person_id", "read_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    placement_id: Mapped[int | None] = mapped_column(ForeignKey("placements.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    endpoint: Mapped[str] = mapped_column(String(80))
    link: Mapped[dict[str, Any]] = mapped_column(JSON)
    reference: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    mail_failure: Mapped[str] = mapped_column(String(60))


class MailSettings(Base):
    """How an organisation sends e-mail (SMTP, RFC 5321). The password is sealed."""

    __tablename__ = "mail_settings"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    enabled: Mapped[bool] = mapped_column(Boolean)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int] = mapped_column(Integer)
    security: Mapped[str] = mapped_column(String(20))
    username: Mapped[str] = mapped_column(String(255))
    sealed_password: Mapped[str] = mapped_column(Text)
    sender_name: Mapped[str] = mapped_column(String(200))
    sender_address: Mapped[str] = mapped_column(String(320))
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    last_sent_at: Mapped[datetime | None]
    last_failure: Mapped[str] = mapped_column(String(200))
    last_failure_at: Mapped[datetime | None]


class MailWish(Base):
    """Whether a person wants e-mail; who never said gets it where the organisation sends it."""

    __tablename__ = "mail_wishes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), unique=True)
    wanted: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime]

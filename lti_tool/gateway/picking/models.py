"""The table of picks: a tutor choosing what goes into a course, between an LMS's question and ours."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Pick(Base):
    """One deep linking request, from its launch to its one answer.

    `sealed` is what the LMS wants back, encrypted: the return address of some holds a session
    key. `drafts` is what the tutor has put together so far, stored as they go.
    """

    __tablename__ = "picks"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    membership_id: Mapped[int] = mapped_column(
        ForeignKey("memberships.id", ondelete="CASCADE"), index=True
    )
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    deployment: Mapped[str] = mapped_column(String(255))
    sealed: Mapped[str] = mapped_column(Text)
    drafts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

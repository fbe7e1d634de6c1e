"""The table of messages."""

from datetime import datetime

from sqlalchemy import Float, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Message(Base):
    """One thing to be done after the commit: at most one row for each (topic, key).

    News on the same key raises `generation`: a worker that finishes an older generation leaves
    the row for another round. `wait_seconds` is how long the row was told to wait, so that a
    clock that was set back cannot keep it waiting for longer. `leased_until` is when the lease
    ends; without a lease, until when the LMS asked to be left alone.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("topic", "key"),
        Index("ix_messages_available_at", "available_at"),
        Index("ix_messages_lane", "lane"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(100))
    lane: Mapped[str] = mapped_column(String(60))
    generation: Mapped[int] = mapped_column(Integer)
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    available_at: Mapped[datetime]
    wait_seconds: Mapped[float] = mapped_column(Float)
    lease: Mapped[str] = mapped_column(String(40))
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(200))

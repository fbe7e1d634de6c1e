"""The tables of ratings and of their history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Rating(Base):
    """A person's present answer to a competency. `version` counts its changes, from 1."""

    __tablename__ = "ratings"
    __table_args__ = (UniqueConstraint("person_id", "instrument", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]


class RatingChange(Base):
    """One change of a rating: who, when, from, to. Rows are added and never changed."""

    __tablename__ = "rating_changes"
    __table_args__ = (
        UniqueConstraint("rating_id", "version"),
        Index("ix_rating_changes_person_at", "person_id", "instrument", "changed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rating_id: Mapped[int] = mapped_column(ForeignKey("ratings.id"))
    version: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime]
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    from_note: Mapped[str] = mapped_column(Text)
    to_note: Mapped[str] = mapped_column(Text)

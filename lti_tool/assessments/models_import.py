"""The table of rating changes that were made in another installation."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class ImportedChange(Base):
    """One change of a rating as it was made elsewhere: its own time, version and words.

    It stands beside `RatingChange` and not among its rows: those say what happened here, in
    one unbroken sequence. `origin_person` is the first installation's name for the person,
    which stays the same however often a record moves on; `origin` is that installation's
    address. Rows are added and never changed.
    """

    __tablename__ = "imported_changes"
    __table_args__ = (
        UniqueConstraint("person_id", "origin_person", "instrument", "code", "version"),
        Index("ix_imported_changes_person_at", "person_id", "instrument", "changed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    origin: Mapped[str] = mapped_column(String(300))
    origin_person: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]
    by_oneself: Mapped[bool]
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    from_note: Mapped[str] = mapped_column(Text)
    to_note: Mapped[str] = mapped_column(Text)

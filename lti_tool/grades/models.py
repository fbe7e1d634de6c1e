"""The table of scores."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Score(Base):
    """One cell of a gradebook as this tool knows it: the newest value for (line item, person).

    `version` counts what was recorded, `delivered_version` what the LMS confirmed. `stamp` is
    the timestamp of this version, fixed in the row so that a repeat is the same message;
    `sent_stamp` is the newest one that may have left the house, which `stamp` always exceeds
    for a new version (LMSs refuse one that is not newer, by the second).
    """

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("placement_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"), index=True)
    line_item: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(255))
    value: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str] = mapped_column(Text)
    is_complete: Mapped[bool]
    version: Mapped[int] = mapped_column(Integer)
    delivered_version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20), index=True)
    reason: Mapped[str] = mapped_column(String(60))
    stamp: Mapped[datetime]
    sent_stamp: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

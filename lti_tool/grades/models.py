"""The table of scores."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Float,
    ForeignKey,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Score(Base):
    """One cell of a gradebook as this tool knows it: the newest value for (line item, person).

    `part` is empty for the whole placement, or names the domain that has a column of its own.

    `version` counts what was recorded, `delivered_version` what the LMS confirmed. `stamp` is
    the timestamp of this version, fixed in the row so that a repeat is the same message;
    `sent_stamp` is the newest one that may have left the house, which `stamp` always exceeds
    for a new version (LMSs refuse one that is not newer, by the second).

    `sent_values` holds each value that may ever have left for this cell, and `delivered_value`
    and `delivered_comment` the last one that the LMS confirmed: what else the gradebook shows is
    a tutor's. The `overridden_…` fields hold that as long as it stands. `mended_at` is when the
    cell was found wanting and sent again, until that arrives; `insists` says that a tutor asked
    for ours over what the gradebook shows. A `value` of None says that something was handed in and
    is not graded yet; a None in `sent_values` that this was announced. `submitted_at` is when the
    work that it is about was handed in, `announced_at` the same of what the LMS confirmed last:
    where they differ, it is another piece of work than the one that the LMS knows.
    """

    __tablename__ = "scores"
    __table_args__ = (UniqueConstraint("placement_id", "person_id", "part"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    part: Mapped[str] = mapped_column(String(20), server_default="")
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"), index=True)
    line_item: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(255))
    value: Mapped[int | None] = mapped_column(Integer)
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
    sent_values: Mapped[list[int | None]] = mapped_column(JSON, server_default="[]")
    delivered_value: Mapped[int | None] = mapped_column(Integer)
    delivered_comment: Mapped[str | None] = mapped_column(Text)
    overridden_value: Mapped[float | None] = mapped_column(Float)
    overridden_maximum: Mapped[float | None] = mapped_column(Float)
    overridden_at: Mapped[datetime | None]
    mended_at: Mapped[datetime | None]
    insists: Mapped[bool] = mapped_column(Boolean, server_default=false())
    submitted_at: Mapped[datetime | None]
    announced_at: Mapped[datetime | None]


class PlacementLineItem(Base):
    """A gradebook column of a placement: for the whole (`part` empty) or for one domain.

    `url` is where the grades of a domain go; those of the whole go where the placement says.
    `made` says that this tool made the column, so that it may change and delete it. `wanted_…`
    hold a change on its way to the LMS. `checked_at` is when its results were last read back,
    `check_at` when they will be, `check_reason` why that failed, `differing` how many cells
    differed then.
    """

    __tablename__ = "placement_line_items"
    __table_args__ = (UniqueConstraint("placement_id", "part"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"))
    part: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(60))
    made: Mapped[bool]
    label: Mapped[str] = mapped_column(String(300))
    score_maximum: Mapped[float | None] = mapped_column(Float)
    wanted_label: Mapped[str] = mapped_column(String(300))
    wanted_maximum: Mapped[float | None] = mapped_column(Float)
    checked_at: Mapped[datetime | None]
    check_at: Mapped[datetime | None] = mapped_column(index=True)
    check_reason: Mapped[str] = mapped_column(String(60))
    differing: Mapped[int] = mapped_column(Integer)

"""The tables of ratings, their history, snapshots of them, and what people say looking back."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Rating(Base):
    """A person's present answer to a competency. `version` counts its changes, from 1.

    `instrument_version` is the edition of the framework that the answer was given to.
    """

    __tablename__ = "ratings"
    __table_args__ = (UniqueConstraint("person_id", "instrument", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40), server_default="")
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
    # Where an answer was brought in and not typed here: the installation that it came from.
    origin: Mapped[str | None] = mapped_column(String(300))


class Snapshot(Base):
    """A dated, frozen copy of a person's ratings for an instrument; its answers never change.

    `occasion` says what it was taken for, once for each person and instrument: "baseline", a
    placement's date, or, by hand, the snapshot itself. `placement_id` is where the person
    worked, `due_on` the date that a placement had set.
    """

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("person_id", "instrument", "occasion"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    placement_id: Mapped[int | None] = mapped_column(ForeignKey("placements.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    occasion: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(100))
    due_on: Mapped[date | None]
    taken_at: Mapped[datetime]


class SnapshotAnswer(Base):
    """One answer in a snapshot, as it stood: with the edition of the framework it answers."""

    __tablename__ = "snapshot_answers"

    snapshot_id: Mapped[int] = mapped_column(
        ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    instrument_version: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime]


class LookingBack(Base):
    """One answer to "Looking back, at the start I was …". Rows are added and never changed.

    The newest version of a code counts; one without a state withdraws what was said before.
    It never touches the baseline that it looks back to.
    """

    __tablename__ = "looking_back"
    __table_args__ = (UniqueConstraint("person_id", "instrument", "code", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    baseline_id: Mapped[int] = mapped_column(ForeignKey("snapshots.id"), index=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime]

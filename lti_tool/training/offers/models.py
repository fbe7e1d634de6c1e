"""The tables of own offers, their rules, decisions about shipped ones, and checked addresses."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class OwnOffer(Base):
    """An offer of an organisation's own: for everyone in it, or bound to one course.

    `reference` is the provider's own short name, by which a CSV file finds the offer again;
    it is unique among the organisation's, and among those of one course. `address` or
    `placement_id` (an activity in the offer's own course) leads to it; both may be missing.
    `position` is None until somebody moved it. An archived offer is kept: goals and records
    name it. `before` has the fields before the last edit, to undo it; `version` counts changes.
    """

    __tablename__ = "training_offers"
    __table_args__ = (
        Index(
            "uq_training_offers_organisation_reference",
            "organisation_id",
            "reference",
            unique=True,
            sqlite_where=text("course_id IS NULL"),
            postgresql_where=text("course_id IS NULL"),
        ),
        UniqueConstraint("course_id", "reference"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    reference: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(300))
    provider: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(20))
    length: Mapped[str] = mapped_column(String(200))
    cost: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(500))
    placement_id: Mapped[int | None] = mapped_column(ForeignKey("placements.id"))
    checked_on: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int | None] = mapped_column(Integer)
    hidden: Mapped[bool]
    archived_at: Mapped[datetime | None]
    created_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    before: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(Integer)


class OwnRule(Base):
    """One rule of an own offer: which gaps, at which instruments and results, it serves."""

    __tablename__ = "training_rules"
    __table_args__ = (UniqueConstraint("offer_id", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("training_offers.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(Integer)
    instruments: Mapped[list[str]] = mapped_column(JSON)
    domains: Mapped[list[int]] = mapped_column(JSON)
    codes: Mapped[list[str]] = mapped_column(JSON)
    results: Mapped[list[str]] = mapped_column(JSON)
    essential: Mapped[bool]


class Decision(Base):
    """What an organisation decided about a shipped offer, which stays as the release has it.

    `address` and `cost` stand in for the shipped ones where they are not empty.
    """

    __tablename__ = "training_decisions"
    __table_args__ = (UniqueConstraint("organisation_id", "shipped_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    shipped_id: Mapped[str] = mapped_column(String(60))
    hidden: Mapped[bool]
    position: Mapped[int | None] = mapped_column(Integer)
    essential: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    cost: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(500))
    changed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    before: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int] = mapped_column(Integer)


class CheckedLink(Base):
    """What an address answered when it was last fetched: `answered`, else `reason` says why."""

    __tablename__ = "training_links"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    address: Mapped[str] = mapped_column(String(500), unique=True)
    answered: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40))
    checked_at: Mapped[datetime]

"""The tables of organisations, people, courses, memberships and placements."""

from datetime import date, datetime

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Organisation(Base):
    """A training provider or employer: the tenant. Everything belongs to one."""

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime]


class Person(Base):
    """One human in one organisation. Names may be absent for ever; the public id never is."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]


class Identity(Base):
    """How one registration's LMS calls a person: its `sub`. Never matched by e-mail."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("registration_id", "subject"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)


class Course(Base):
    """An LTI context, unique within its deployment (LTI 1.3 core, 5.4.1)."""

    __tablename__ = "courses"
    __table_args__ = (UniqueConstraint("registration_id", "deployment", "context"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    deployment: Mapped[str] = mapped_column(String(255))
    context: Mapped[str] = mapped_column(String(300))
    title: Mapped[str] = mapped_column(String(300))
    label: Mapped[str] = mapped_column(String(300))


class Membership(Base):
    """A person in a course, with the roles that the LMS gave there."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("course_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identities.id"))
    roles: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class Placement(Base):
    """One resource link in a course: which instrument, which domains, how it is graded.

    `instrument` is empty until somebody set the placement up. `line_item` is where its grade
    goes, `line_items` where the LMS lists them; both are empty where it offers none.
    `snapshot_on` is the day on which everybody's answers are kept as they stand;
    `asks_looking_back` says whether learners are asked, at the end, how they were at the start.
    """

    __tablename__ = "placements"
    __table_args__ = (
        UniqueConstraint("course_id", "resource_link"),
        Index("ix_placements_instrument_course", "instrument", "course_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    resource_link: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(300))
    instrument: Mapped[str] = mapped_column(String(60))
    domains: Mapped[list[int]] = mapped_column(JSON)
    grade_rule: Mapped[str] = mapped_column(String(20))
    line_item: Mapped[str] = mapped_column(Text)
    line_items: Mapped[str] = mapped_column(Text)
    scopes: Mapped[str] = mapped_column(Text)
    set_up_by: Mapped[str] = mapped_column(String(10))
    snapshot_on: Mapped[date | None] = mapped_column(index=True)
    asks_looking_back: Mapped[bool] = mapped_column(Boolean, server_default=false())

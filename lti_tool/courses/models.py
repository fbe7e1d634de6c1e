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


class LegacyIdentity(Base):
    """How LTI 1.1 called a person: a `user_id`, which means something beside its key alone."""

    __tablename__ = "legacy_identities"
    __table_args__ = (UniqueConstraint("organisation_id", "consumer_key", "user_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    consumer_key: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]


class Course(Base):
    """An LTI context, unique within its deployment (LTI 1.3 core, 5.4.1).

    `memberships_url` is where the LMS says who is in it (NRPS 2.0), `groups_url` and
    `group_sets_url` in which groups (Course Groups Service 1.0); empty where it offers none.
    """

    __tablename__ = "courses"
    __table_args__ = (UniqueConstraint("registration_id", "deployment", "context"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    deployment: Mapped[str] = mapped_column(String(255))
    context: Mapped[str] = mapped_column(String(300))
    title: Mapped[str] = mapped_column(String(300))
    label: Mapped[str] = mapped_column(String(300))
    memberships_url: Mapped[str] = mapped_column(Text, server_default="")
    groups_url: Mapped[str] = mapped_column(Text, server_default="")
    group_sets_url: Mapped[str] = mapped_column(Text, server_default="")


class Membership(Base):
    """A person in a course, with the roles that the LMS gave there.

    `last_seen_at` is absent for who stands on the roster and has never come; `first_seen_at` is
    when they were first heard of. `listed_at` is the newest roster that had them, `listed_roles`
    the roles that it gave, and `groups` the LMS's ids of their groups. `sees` holds the `sub` of
    everybody whom an observer may see, as their newest launch said. `own_dates` holds the dates
    that the LMS gave this person alone, by the number of the placement: see `OwnDates`.
    """

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
    last_seen_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    listed_roles: Mapped[str] = mapped_column(String(100), server_default="")
    groups: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    sees: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    own_dates: Mapped[dict[str, dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))


class Placement(Base):
    """One resource link in a course: which instrument, which domains, how it is graded.

    `instrument` is empty until somebody set the placement up. `line_item` is where its grade
    goes, `line_items` where the LMS lists them; both are empty where it offers none.
    `snapshot_on` is the day on which everybody's answers are kept as they stand;
    `asks_looking_back` says whether learners are asked, at the end, how they were at the start.
    `grade_parts` says whether there is one grade for the whole or one for each domain.
    `planned` is the public id of the planned placement that the link was made for, or empty;
    `points` what the gradebook column is meant to be worth, where we know. `set_up_at` is when a
    tutor last set it up here. The dates are what the LMS said in the latest launch, where they
    are the same for everybody.
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
    grade_parts: Mapped[str] = mapped_column(String(20), server_default="whole")
    planned: Mapped[str] = mapped_column(String(32), server_default="", index=True)
    points: Mapped[int | None]
    set_up_at: Mapped[datetime | None]
    available_from: Mapped[datetime | None]
    available_until: Mapped[datetime | None]
    submission_from: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class PlannedPlacement(Base):
    """What a tutor picked for a course, before its LMS made a link of it.

    `public_id` goes out as the custom parameter `placement` of the link, and of every copy of
    it. `points` is what the gradebook column was asked to be worth. The dates hold in the course
    that it was picked for: a copy of the course has dates of its own, or none.
    """

    __tablename__ = "planned_placements"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    instrument: Mapped[str] = mapped_column(String(60))
    domains: Mapped[list[int]] = mapped_column(JSON)
    grade_rule: Mapped[str] = mapped_column(String(20))
    grade_parts: Mapped[str] = mapped_column(String(20), server_default="whole")
    points: Mapped[int | None]
    available_from: Mapped[datetime | None]
    available_until: Mapped[datetime | None]
    submission_from: Mapped[datetime | None]
    due_at: Mapped[datetime | None]

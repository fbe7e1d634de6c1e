"""The tables of peer review."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId

_STANDS = text("state NOT IN ('handed-back', 'ended')")


class ReviewTerms(Base):
    """An organisation's rules for reviews.

    `readers` is how many assessors read a submission, by level ("1", "2", "3"). `blind` hides
    the learner's name from assessors. `target_days` is the time for a review, `appeal_days` how
    long a learner may appeal. `comment_in_grade` sends the summary to the gradebook.
    """

    __tablename__ = "review_terms"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    readers: Mapped[dict[str, int]] = mapped_column(JSON)
    blind: Mapped[bool] = mapped_column(Boolean)
    target_days: Mapped[int] = mapped_column(Integer)
    appeal_days: Mapped[int] = mapped_column(Integer)
    comment_in_grade: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Assessor(Base):
    """A person's appointment as assessor. `capacity` is how many open reviews they take at once.

    `moderates` says whether they settle what two readers disagree on, and appeals. The row stays
    when the appointment ends: reviews name it.
    """

    __tablename__ = "assessors"
    __table_args__ = (UniqueConstraint("organisation_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    levels: Mapped[list[int]] = mapped_column(JSON)
    capacity: Mapped[int] = mapped_column(Integer)
    moderates: Mapped[bool] = mapped_column(Boolean)
    active: Mapped[bool] = mapped_column(Boolean)
    away_until: Mapped[date | None]
    appointed_at: Mapped[datetime]
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class AssessorConflict(Base):
    """A declared conflict of interest between an assessor and a person."""

    __tablename__ = "assessor_conflicts"
    __table_args__ = (UniqueConstraint("assessor_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]
    declared_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Review(Base):
    """One assessor's reading of a submission.

    `part` is "reader", "moderator" or "appeal". `state` is "allocated", "begun", "done",
    "handed-back" or "ended". `first_verdict` and `first_findings` (verdicts by code) are what a
    reader decided before they could see the other's: agreement is measured on them.
    `summary_version` and `notes_version` count changes, for saving by itself.
    """

    __tablename__ = "reviews"
    __table_args__ = (
        Index(
            "uq_reviews_one_each",
            "submission_id",
            "assessor_id",
            "part",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index("ix_reviews_assessor_id_state", "assessor_id", "state"),
        Index("ix_reviews_organisation_id_state", "organisation_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"))
    part: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    allocated_at: Mapped[datetime]
    allocated_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date]
    begun_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text)
    summary_version: Mapped[int] = mapped_column(Integer)
    notes: Mapped[str] = mapped_column(Text)
    notes_version: Mapped[int] = mapped_column(Integer)
    first_verdict: Mapped[str] = mapped_column(String(20))
    first_findings: Mapped[dict[str, str]] = mapped_column(JSON)


class Finding(Base):
    """What an assessor found for one competency: "met", "partly", "not-yet" or "", and feedback."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("review_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(10))
    verdict: Mapped[str] = mapped_column(String(20))
    feedback: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]


class Phrase(Base):
    """A sentence of an assessor's own, for feedback that they often give."""

    __tablename__ = "phrases"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class Outcome(Base):
    """What a submission came to, as it was released to the learner. Never changed.

    `number` is 1, and 2 after an appeal. `outcome` is "recognised", "more-evidence" or
    "not-recognised". `findings` hold verdict and feedback by code; `met` of `total` is what the
    grade says.
    """

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    number: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(Text)
    findings: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    met: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    released_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    released_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class OutcomeAnswer(Base):
    """What a learner answers to feedback: for one competency, or to the summary (code "")."""

    __tablename__ = "outcome_answers"
    __table_args__ = (UniqueConstraint("outcome_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcomes.id"))
    code: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]


class Appeal(Base):
    """A learner's appeal against an outcome, once for a submission."""

    __tablename__ = "appeals"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), unique=True)
    outcome_id: Mapped[int] = mapped_column(ForeignKey("outcomes.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class ReviewEvent(Base):
    """One step of a submission's way, for its log. Rows are only added: the database refuses else.

    `digest` covers the line and the digest of the line before it.
    """

    __tablename__ = "review_events"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(20))
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))

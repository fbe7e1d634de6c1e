"""The tables of submissions: a frozen portfolio, its tasks and its evidence."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
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

_LIVE = text("state IN ('submitted', 'in-review')")


class SubmissionTerms(Base):
    """An organisation's rules for handing in: whether a fee's reference number is asked for."""

    __tablename__ = "submission_terms"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    fee_required: Mapped[bool] = mapped_column(Boolean)
    fee_text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Submission(Base):
    """A portfolio as it was handed in: never changed, but for how it stands.

    `number` counts the submissions of the portfolio from 1. `digest` is over everything that
    was frozen, and stands on the receipt. `reopened` are the codes that more evidence is wanted
    for, once it was returned. The PDF is rendered by the worker; `pdf_digest` names its blob.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("portfolio_id", "number"),
        Index(
            "uq_submissions_live",
            "portfolio_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_submissions_organisation_id_state", "organisation_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolios.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    level: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    submitted_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    fee_reference: Mapped[str] = mapped_column(String(80))
    receipt_code: Mapped[str] = mapped_column(String(12), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    words: Mapped[int] = mapped_column(Integer)
    evidence: Mapped[int] = mapped_column(Integer)
    reopened: Mapped[list[str]] = mapped_column(JSON)
    pdf_state: Mapped[str] = mapped_column(String(20))
    pdf_reason: Mapped[str] = mapped_column(String(60))
    pdf_digest: Mapped[str] = mapped_column(String(64))
    pdf_size: Mapped[int] = mapped_column(Integer)


class SubmissionTask(Base):
    """One task as it was handed in, with the wording that it answers.

    `digest` is over what was handed in of it, and part of the submission's own. `accepted_in` is
    the number of the earlier submission in which it was found to be met, if
    any: it stays so. `statements` are those of witnesses, as they stood. `hidden_at` is set as
    long as a report of identifiable data stands against the text.
    """

    __tablename__ = "submission_tasks"
    __table_args__ = (UniqueConstraint("submission_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(10))
    wording: Mapped[dict[str, Any]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[int] = mapped_column(Integer)
    declaration: Mapped[str] = mapped_column(String(20))
    account_version: Mapped[int] = mapped_column(Integer)
    accepted_in: Mapped[int | None] = mapped_column(Integer)
    statements: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    hidden_at: Mapped[datetime | None]


class SubmissionEvidence(Base):
    """A piece of evidence for one task, as it was handed in.

    The bytes are those of `digest`, which the row of the file keeps as long as this row is there.
    """

    __tablename__ = "submission_evidence"
    __table_args__ = (
        UniqueConstraint("submission_id", "code", "evidence_id"),
        Index("ix_submission_evidence_organisation_id_digest", "organisation_id", "digest"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("files.id"), index=True)
    place: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    alt: Mapped[str] = mapped_column(Text)
    declaration: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    preview_digest: Mapped[str | None] = mapped_column(String(64))
    hidden_at: Mapped[datetime | None]

"""The tables of confidentiality cases and their history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class ConfidentialityCase(Base):
    """A report that somebody can be known by an account, a file or a statement.

    From the moment it is opened, only the owner and administrators see the item. `kind` says
    what it is about: "account", "evidence" or "statement". `digest` is that of the text or the
    file as it was reported: whatever else stands in its place by now is not what was reported.
    """

    __tablename__ = "confidentiality_cases"
    __table_args__ = (Index("ix_confidentiality_cases_org_state", "organisation_id", "state"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolios.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(10))
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence.id"), index=True)
    statement_id: Mapped[int | None] = mapped_column(
        ForeignKey("witness_statements.id"), index=True
    )
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    reported_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class ConfidentialityEvent(Base):
    """One line of a case's history. Rows are only added: the database refuses to change them."""

    __tablename__ = "confidentiality_events"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("confidentiality_cases.id"))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(20))
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    words: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))

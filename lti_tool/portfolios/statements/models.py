"""The table of statements by witnesses and supervisors."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class WitnessStatement(Base):
    """An invitation for one task, and what the witness wrote in answer to it.

    The link holds a secret of which only the digest is here. `shows_account` says whether the
    witness reads the account; `account_version` is the version that they read. The name, role
    and text are the witness's own. `removed_at` is set as long as a removed one can be had back;
    then its row goes, but for one that a report is about. `hidden_at` is as for evidence.
    """

    __tablename__ = "witness_statements"
    __table_args__ = (Index("ix_witness_statements_portfolio_id_code", "portfolio_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolios.id"))
    code: Mapped[str] = mapped_column(String(10))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    invited_name: Mapped[str] = mapped_column(String(200))
    ask: Mapped[str] = mapped_column(Text)
    shows_account: Mapped[bool] = mapped_column(Boolean)
    invited_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[int] = mapped_column(Integer)
    account_version: Mapped[int] = mapped_column(Integer)
    removed_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]

"""The tables of portfolios, the accounts in them, and every version of an account."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Portfolio(Base):
    """A person's portfolio at one level. A new `round` begins after recognition, for a renewal."""

    __tablename__ = "portfolios"
    __table_args__ = (UniqueConstraint("person_id", "instrument", "round"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    round: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]


class PortfolioChoice(Base):
    """Which portfolio a person works on in a placement; it may be chosen anew at any time."""

    __tablename__ = "portfolio_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    placement_id: Mapped[int] = mapped_column(
        ForeignKey("placements.id"), primary_key=True, index=True
    )
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolios.id"), index=True)
    chosen_at: Mapped[datetime]


class Account(Base):
    """What a person writes for one task of a portfolio, as it stands now.

    `version` counts the changes of the text, from 1; 0 is a task where only marks were set.
    `ticks` are the numbers of the points that the writer ticked, from 0. `declaration` says how
    nobody can be known by the text. `left_alone` are marks of places that the check pointed to
    and the writer left as they are; `places` is how many it points to still.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("portfolio_id", "code"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolios.id"))
    code: Mapped[str] = mapped_column(String(10))
    instrument_version: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime | None]
    ticks: Mapped[list[int]] = mapped_column(JSON)
    declaration: Mapped[str] = mapped_column(String(20))
    declared_at: Mapped[datetime | None]
    left_alone: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[int] = mapped_column(Integer)


class AccountVersion(Base):
    """One version of an account. The newest one is the text as it stands.

    What is typed in one sitting within minutes, and takes hardly anything away, is one version:
    `begun_at` is when it began, `saved_at` when it was last saved. `number` is the account's
    version at that time. `act` says how it came to be; `taken_away` is how many characters were
    taken out within it.
    """

    __tablename__ = "account_versions"
    __table_args__ = (UniqueConstraint("account_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(20))
    sitting: Mapped[str] = mapped_column(String(40))
    taken_away: Mapped[int] = mapped_column(Integer)
    instrument_version: Mapped[str] = mapped_column(String(40))
    begun_at: Mapped[datetime]
    saved_at: Mapped[datetime]

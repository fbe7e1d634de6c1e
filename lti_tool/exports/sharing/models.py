"""The tables of shared links and of their openings."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class SharedLink(Base):
    """A read-only link that a learner gives to an employer.

    A reader's token is found by its digest. `token_sealed` is the token under the
    installation's secret, so that the owner, and nobody with the database alone, can copy the
    link again; it is emptied when the link is withdrawn. `parts` are the names of what is in
    it. `ends_on` is its last day, in the zone of the installation.
    """

    __tablename__ = "shared_links"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str] = mapped_column(Text)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(200))
    parts: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ends_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]


class LinkOpening(Base):
    """That a link was opened, or fetched for a preview, within one minute, and how often.

    Nothing is kept about who opened it: no address, no browser, no marker made of them.
    """

    __tablename__ = "link_openings"
    __table_args__ = (UniqueConstraint("link_id", "opened_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("shared_links.id", ondelete="CASCADE"))
    opened_at: Mapped[datetime]
    times: Mapped[int] = mapped_column(Integer)

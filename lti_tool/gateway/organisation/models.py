"""The tables of an organisation's settings: the last test of each connection, and who changed what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class ConnectionTest(Base):
    """The newest test of a registration, asked for or ended. It holds no secret and no person.

    `steps` are the findings so far; `scopes` what the LMS granted.
    """

    __tablename__ = "connection_tests"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    scopes: Mapped[str] = mapped_column(Text)


class ConnectionChange(Base):
    """One change of a registration's settings: what was changed, by whom, from what to what.

    `subject` is the deployment that it is about, or empty. No actor means somebody who has left,
    or, with `by_operator`, a command of whoever runs this service.
    """

    __tablename__ = "connection_changes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), index=True
    )
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    what: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(255))
    before: Mapped[str] = mapped_column(String(120))
    after: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    by_operator: Mapped[bool] = mapped_column(Boolean, server_default=false())

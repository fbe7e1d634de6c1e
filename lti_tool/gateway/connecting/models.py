"""The tables of invitations, of registrations that wait for approval, and of used forms."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Invitation(Base):
    """One way to connect an LMS to an organisation, good once. Only the token's digest is kept.

    `replaces_id`: the registration that the new one takes the place of, as after a move.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("registrations.id"))
    deployment_policy: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registrations.id"))


class WaitingRegistration(Base):
    """A registration that an LMS made without an invitation: it belongs to no organisation yet.

    It stands apart from `registrations`, so that nothing of an organisation can hang on it.
    """

    __tablename__ = "waiting_registrations"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_login_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    jwks_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str] = mapped_column(Text)
    product: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    scopes: Mapped[str] = mapped_column(Text)
    deployment: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class UsedForm(Base):
    """A confirmation that was sent: it may not be sent again. `is_stored` once all went well."""

    __tablename__ = "used_registration_forms"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    form: Mapped[str] = mapped_column(String(64), unique=True)
    is_stored: Mapped[bool]
    ends_at: Mapped[datetime] = mapped_column(index=True)

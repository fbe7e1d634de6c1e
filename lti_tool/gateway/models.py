"""The tables of registrations, deployments, logins under way, tickets and the tool's keys."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class RegistrationRow(Base):
    """One (issuer, client_id) of an organisation's LMS. One issuer may serve many customers."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_login_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    jwks_url: Mapped[str] = mapped_column(Text)
    token_audience: Mapped[str] = mapped_column(Text)
    product: Mapped[str] = mapped_column(String(60))
    deployment_policy: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    # What the organisation calls it; without one, its issuer is shown.
    name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    # What the LMS granted when it registered us, separated by spaces; empty where it did not say.
    scopes: Mapped[str] = mapped_column(Text, default="", server_default="")


class Deployment(Base):
    """A deployment of a registration: accepted, or seen in a launch and pending."""

    __tablename__ = "deployments"
    __table_args__ = (UniqueConstraint("registration_id", "deployment"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    deployment: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(20))
    first_seen_at: Mapped[datetime]


class LoginRow(Base):
    """One login under way (OIDC third-party login): consumed once, by one atomic statement.

    `browser` is the digest of a cookie that the login set; a launch that brings it back comes
    from the browser that began. `storage_target` is the frame of the LMS that was to keep a
    secret instead, empty where none was asked.
    """

    __tablename__ = "logins"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state_digest: Mapped[str] = mapped_column(String(64), unique=True)
    nonce: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(64))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    target: Mapped[str] = mapped_column(Text)
    storage_target: Mapped[str] = mapped_column(String(100), server_default="")
    ends_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]


class Ticket(Base):
    """One way into a session after a launch, good once and for a short time.

    `browser` ties it to the browser whose login cookie came back; where no cookie did, it is
    empty, and the person is asked before the session opens, unless the LMS's `storage_target`
    gives back what `proof` is the digest of. `landing` is the page to go to, below the slot of
    the session.
    """

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(64))
    proof: Mapped[str] = mapped_column(String(64), server_default="")
    storage_target: Mapped[str] = mapped_column(String(100), server_default="")
    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"))
    membership_public_id: Mapped[str] = mapped_column(String(32))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    landing: Mapped[str] = mapped_column(String(200))
    display_name: Mapped[str] = mapped_column(String(200))
    course_title: Mapped[str] = mapped_column(String(300))
    frame_ancestors: Mapped[str] = mapped_column(String(1000))
    roles: Mapped[str] = mapped_column(String(100))
    ends_at: Mapped[datetime] = mapped_column(index=True)
    consumed_at: Mapped[datetime | None]


class ToolKey(Base):
    """A signing key of the tool, its private half encrypted under the installation's secret.

    It is published from the start and signs from `activates_at` on; once a newer one signs, it
    is published until `retires_at`. Then `sealed` is emptied.
    """

    __tablename__ = "tool_keys"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    activates_at: Mapped[datetime]
    retires_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]

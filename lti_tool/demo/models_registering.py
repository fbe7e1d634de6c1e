"""The tables of tools that registered themselves, and of the tokens that let them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.demo.database import Base


class RegisteredTool(Base):
    """A tool that registered itself (Dynamic Registration 1.0). `registered` is what it sent.

    Somebody switches it on before it can be launched, as in Moodle's and Canvas's lists.
    """

    __tablename__ = "registered_tool"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str] = mapped_column(unique=True)
    profile: Mapped[str]
    name: Mapped[str]
    deployment_id: Mapped[str]
    scopes: Mapped[str]
    registered: Mapped[dict[str, Any]] = mapped_column(JSON)
    added_at: Mapped[datetime]


class RegistrationToken(Base):
    """A token that registers one tool once; only its digest is kept."""

    __tablename__ = "registration_token"

    digest: Mapped[str] = mapped_column(primary_key=True)
    client_id: Mapped[str]
    expires_at: Mapped[datetime]

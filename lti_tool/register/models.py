"""The tables of the register: rules, entries, their log, credentials and the keys that sign them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class RegisterTerms(Base):
    """An organisation's rules for its part of the register, and its name in public addresses."""

    __tablename__ = "register_terms"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), unique=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    years: Mapped[int] = mapped_column(Integer)
    shown: Mapped[bool]
    remind_months: Mapped[int] = mapped_column(Integer)
    renewal_hours: Mapped[int] = mapped_column(Integer)
    lists_all: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class RegisterEntry(Base):
    """A person's place on the register at one level.

    `name_words` and `place_words` are what searches compare; `code` verifies the entry by a
    short address. `renewal_asked_at` is set while a renewal waits to be decided.
    """

    __tablename__ = "register_entries"
    __table_args__ = (
        UniqueConstraint("person_id", "level"),
        Index("ix_register_entries_public", "shown", "state", "valid_until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    level: Mapped[int] = mapped_column(Integer)
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    recognised_on: Mapped[date]
    renewed_on: Mapped[date | None]
    valid_until: Mapped[date]
    name: Mapped[str] = mapped_column(String(200))
    name_words: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(120))
    place_words: Mapped[str] = mapped_column(Text)
    shown: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    renewal_asked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class RegisterEvent(Base):
    """One line of an entry's log. Rows are only added: the database refuses to change them.

    `digest` covers the line and the digest of the line before it, so that a line that was
    changed or taken out by force shows.
    """

    __tablename__ = "register_events"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("register_entries.id"))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(20))
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    reason: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(String(80))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))


class CredentialKey(Base):
    """A key that signs credentials and their status, never anything of LTI.

    Its private half is encrypted, and forgotten when the key retires; its public half stays for
    as long as something that it signed may be verified.
    """

    __tablename__ = "credential_keys"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kid: Mapped[str] = mapped_column(String(64), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    public: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class StatusList(Base):
    """A list of the status of one organisation's credentials; its id stands in its address."""

    __tablename__ = "credential_status_lists"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    created_at: Mapped[datetime]


class RegisterCredential(Base):
    """An Open Badges 3.0 credential for an entry, signed once and kept as it was signed.

    `status_list_id` and `status_index` say which bit of which list speaks of it.
    """

    __tablename__ = "register_credentials"
    __table_args__ = (
        UniqueConstraint("status_list_id", "status_index"),
        Index("ix_register_credentials_entry_id", "entry_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uri: Mapped[str] = mapped_column(String(60), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("register_entries.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("credential_keys.id"))
    status_list_id: Mapped[int] = mapped_column(ForeignKey("credential_status_lists.id"))
    status_index: Mapped[int] = mapped_column(Integer)
    suspended: Mapped[bool]
    issued_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    signed: Mapped[str] = mapped_column(Text)

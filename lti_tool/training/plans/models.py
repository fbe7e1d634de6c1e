"""The tables of goals, of every change of them, and of training that people took."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base, BigId


class Goal(Base):
    """What a person means to reach, by when. `version` counts its changes, from 1.

    `instrument` and `code` are empty for a goal that no competency stands behind; `offer` is
    a catalogue key, `training` says in words with what training. `course_id` is the course
    that it was made in, empty where it came from another installation.
    """

    __tablename__ = "goals"
    __table_args__ = (Index("ix_goals_person_id_state", "person_id", "state", "by_when"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    instrument: Mapped[str] = mapped_column(String(60))
    instrument_version: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(Text)
    by_when: Mapped[date]
    offer: Mapped[str] = mapped_column(String(100))
    training: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(Text)
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class GoalChange(Base):
    """One change of a goal: who, when, what was done, and all of the goal after it.

    Rows are added and never changed; the goal before is in the row of the version before.
    """

    __tablename__ = "goal_changes"
    __table_args__ = (UniqueConstraint("goal_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals.id"))
    version: Mapped[int] = mapped_column(Integer)
    actor_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    act: Mapped[str] = mapped_column(String(20))
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class TrainingRecord(Base):
    """Training that a person took. `quarter_hours` are whole quarters: 1.5 hours are 6.

    `ties` are the competencies that it served, as pairs of instrument and code. A removed
    record can be had back for a while; then it goes, and its certificate with it.
    """

    __tablename__ = "training_records"
    __table_args__ = (
        Index("ix_training_records_person_id", "person_id", "ended_on"),
        Index("ix_training_records_removed_at", "removed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    goal_id: Mapped[int | None] = mapped_column(ForeignKey("goals.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("files.id"), index=True)
    offer: Mapped[str] = mapped_column(String(100))
    title: Mapped[str] = mapped_column(String(300))
    provider: Mapped[str] = mapped_column(String(300))
    begun_on: Mapped[date]
    ended_on: Mapped[date]
    quarter_hours: Mapped[int] = mapped_column(Integer)
    reflection: Mapped[str] = mapped_column(Text)
    ties: Mapped[list[list[str]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

"""The table of how each course's roster stands."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.kernel.models import Base


class CourseRoster(Base):
    """When a course's roster was asked for, last came whole, and last failed, and why.

    `groups` are those of the newest whole roster, as the LMS names them. Who is in which stands
    with the memberships.
    """

    __tablename__ = "course_rosters"

    course_id: Mapped[int] = mapped_column(
        ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(60))
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

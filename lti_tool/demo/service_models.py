"""The LMS's tables of groups, and of the addresses to which tools want notices."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.demo.database import Base


class Group(Base):
    """A group of a course. `kind` is the set that it belongs to, or empty."""

    __tablename__ = "course_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")


class GroupMember(Base):
    """A person in a group."""

    __tablename__ = "course_group_member"

    group_id: Mapped[int] = mapped_column(ForeignKey("course_group.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class NoticeHandler(Base):
    """Where the tool wants notices of one type sent, for one deployment."""

    __tablename__ = "notice_handler"

    deployment: Mapped[str] = mapped_column(primary_key=True)
    notice_type: Mapped[str] = mapped_column(primary_key=True)
    handler: Mapped[str]

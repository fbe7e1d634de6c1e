"""The LMS's tables: people, courses, placements, the gradebook, and what the platform keeps."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.demo.database import Base


class CourseRole(StrEnum):
    """What somebody is in a course; an administrator is in none and may see all.

    An observer, such as a parent, is there for those whom the membership names.
    """

    LEARNER = "learner"
    TUTOR = "tutor"
    ADMINISTRATOR = "administrator"
    OBSERVER = "observer"


class Person(Base):
    """Somebody with an account. `key` is what tests and addresses call them by.

    Each profile knows people by another identifier: the number (Moodle), `opaque_id`
    (Canvas), `pairwise_id` (strict).
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    full_name: Mapped[str]
    email: Mapped[str]
    opaque_id: Mapped[str] = mapped_column(unique=True)
    pairwise_id: Mapped[str] = mapped_column(unique=True)
    is_administrator: Mapped[bool] = mapped_column(default=False)


class Course(Base):
    """An LTI context. A deleted one answers no service call any more."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    title: Mapped[str]
    opaque_id: Mapped[str] = mapped_column(unique=True)
    is_deleted: Mapped[bool] = mapped_column(default=False)
    copied_from_id: Mapped[int | None]


class Membership(Base):
    """A person in a course. Inactive is suspended; who was removed has no row.

    `does_not_edit` is true of a tutor who may teach and not change the course; `observes` holds
    the keys of those whom an observer is there for.
    """

    __tablename__ = "membership"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    role: Mapped[CourseRole]
    is_active: Mapped[bool] = mapped_column(default=True)
    does_not_edit: Mapped[bool | None]
    observes: Mapped[list[str] | None] = mapped_column(JSON)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Placement(Base):
    """A resource link: the tool in one place of a course, with its custom parameters.

    The dates are the LMS's own; `copied_from_id` is the placement that this one is a copy of.
    """

    __tablename__ = "placement"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    title: Mapped[str]
    description: Mapped[str]
    custom: Mapped[dict[str, str]] = mapped_column(JSON)
    opaque_id: Mapped[str] = mapped_column(unique=True)
    copied_from_id: Mapped[int | None]
    available_from: Mapped[datetime | None]
    available_until: Mapped[datetime | None]
    submission_from: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class LineItem(Base):
    """A column of the gradebook; the tool may add some that belong to no placement."""

    __tablename__ = "line_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    placement_id: Mapped[int | None] = mapped_column(ForeignKey("placement.id"), index=True)
    label: Mapped[str]
    score_maximum: Mapped[float]
    resource_id: Mapped[str] = mapped_column(default="")
    tag: Mapped[str] = mapped_column(default="")
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_made_by_tool: Mapped[bool] = mapped_column(default=False)

    placement: Mapped[Placement | None] = relationship(lazy="joined")


class GradebookCell(Base):
    """What one learner has in one column now, and how often it was written.

    `overridden_at` is when a tutor entered the grade by hand, as long as that stands; `raw_value`
    is what the tool sent last, which Moodle keeps beside an override.
    """

    __tablename__ = "gradebook_cell"

    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    value: Mapped[float | None]
    comment: Mapped[str | None]
    timestamp: Mapped[datetime | None]
    activity_progress: Mapped[str] = mapped_column(default="")
    grading_progress: Mapped[str] = mapped_column(default="")
    submissions: Mapped[int] = mapped_column(default=0)
    submission: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    writes: Mapped[int] = mapped_column(default=0)
    raw_value: Mapped[float | None]
    overridden_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_pending(self) -> bool:
        """Whether something was handed in that waits for a grade (AGS 2.0, "gradingProgress")."""
        waits = self.grading_progress in ("Pending", "PendingManual")
        return self.value is None and waits and self.activity_progress in ("Submitted", "Completed")


class ReceivedScore(Base):
    """The ledger: every score that arrived, as it was sent and as it was answered.

    `status` is empty when the connection was closed without an answer. It has no foreign
    keys: it outlives the line items and people that it tells of.
    """

    __tablename__ = "received_score"

    id: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime]
    course_id: Mapped[int]
    line_item_id: Mapped[int]
    user_id: Mapped[str]
    person_key: Mapped[str | None]
    value: Mapped[float | None]
    maximum: Mapped[float | None]
    comment: Mapped[str | None]
    timestamp: Mapped[str]
    activity_progress: Mapped[str]
    grading_progress: Mapped[str]
    body: Mapped[str]
    is_stored: Mapped[bool]
    status: Mapped[int | None]
    fault: Mapped[str | None]


class SigningKey(Base):
    """A key of the platform. The newest signs; a retired one is published no more."""

    __tablename__ = "signing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    private_pem: Mapped[str]
    is_retired: Mapped[bool] = mapped_column(default=False)


class LaunchTicket(Base):
    """One initiated login: what `lti_message_hint` stands for, good for one answer."""

    __tablename__ = "launch_ticket"

    message_hint: Mapped[str] = mapped_column(primary_key=True)
    login_hint: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    document_target: Mapped[str]
    expires_at: Mapped[datetime]


class AboutTicket(Base):
    """What a login is about beside its placement: whose work, or whose data, is to be opened.

    `line_item_id` is there for a review of work alone.
    """

    __tablename__ = "about_ticket"

    message_hint: Mapped[str] = mapped_column(primary_key=True)
    about_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    line_item_id: Mapped[int | None]


class PickTicket(Base):
    """One deep linking request: a login until it was answered, then an answer that is awaited.

    `secret` names it in the return address, `message_hint` in the login. `place` is where in the
    LMS somebody asked, `data` what the tool has to bring back.
    """

    __tablename__ = "pick_ticket"

    secret: Mapped[str] = mapped_column(primary_key=True)
    message_hint: Mapped[str] = mapped_column(unique=True)
    login_hint: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    place: Mapped[str]
    data: Mapped[str | None]
    is_asked: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]


class AccessToken(Base):
    """A bearer token that was issued; only its digest is kept."""

    __tablename__ = "access_token"

    digest: Mapped[str] = mapped_column(primary_key=True)
    scopes: Mapped[str]
    expires_at: Mapped[datetime]


class SpentAssertion(Base):
    """The `jti` of a client assertion that was used, until it would have expired anyway."""

    __tablename__ = "spent_assertion"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime]

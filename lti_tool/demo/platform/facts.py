"""What is known of one launch or one member before a profile puts it into its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.demo.models import Course, CourseRole, LineItem, Person, Placement
from lti_tool.demo.settings import LmsSettings
from lti_tool.demo.switches import Switches


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """One person opening one placement. `teaches` is true of who is a tutor anywhere.

    The ancestors are what link and course are copies of, the nearest first.
    """

    settings: LmsSettings
    switches: Switches
    person: Person
    course: Course
    placement: Placement
    role: CourseRole
    teaches: bool
    line_items: Sequence[LineItem]
    nonce: str
    document_target: str
    issued_at: datetime
    link_ancestors: Sequence[Placement] = ()
    course_ancestors: Sequence[Course] = ()

    @property
    def return_url(self) -> str:
        """Where the tool sends a person back to (LTI 1.3 core, section 5.4.4)."""
        return (
            f"{self.settings.base_url}/courses/{self.course.id}/items/{self.placement.id}/return"
            f"?target={self.document_target}"
        )


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One row of a roster. `groups` are enrolments, none where nobody asked for them."""

    person: Person
    role: CourseRole
    is_active: bool
    shares_name: bool
    groups: Sequence[Mapping[str, str]] | None = None
    edits: bool = True


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A service call that is refused, with what an LMS repeats of it in its answer."""

    status: int
    reason: str
    method: str
    path: str
    accept: str
    content_type: str

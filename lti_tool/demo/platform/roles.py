"""Roles in a course, in the vocabulary of LTI (LTI 1.3 core, appendix A)."""

from collections.abc import Mapping, Sequence

from lti_tool.demo.models import CourseRole
from lti_tool.demo.platform.names import COURSE_ROLE, SYSTEM_ROLE

COURSE_ROLES: Mapping[CourseRole, Sequence[str]] = {
    CourseRole.LEARNER: (COURSE_ROLE + "Learner",),
    CourseRole.TUTOR: (COURSE_ROLE + "Instructor",),
    CourseRole.OBSERVER: (COURSE_ROLE + "Mentor",),
    CourseRole.ADMINISTRATOR: (COURSE_ROLE + "Administrator", SYSTEM_ROLE + "Administrator"),
}

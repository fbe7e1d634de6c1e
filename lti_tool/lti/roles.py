"""Which of our roles an LMS's role names give a person in one course.

LTI Core 1.3, appendix A.2 (https://www.imsglobal.org/spec/lti/v1p3/#role-vocabularies). Roles in
the course decide; Canvas sends institution roles (`#Student`) to everybody.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from pylti1p3.roles import AbstractRole, RoleType


class CourseRole(StrEnum):
    """What a person may be in one course. An observer sees those whom the LMS names, and no more."""

    LEARNER = "learner"
    TUTOR = "tutor"
    ADMINISTRATOR = "administrator"
    OBSERVER = "observer"


# A.2.3, context roles. ContentDeveloper (Canvas's designer), Manager, Member and Officer are
# known and give nothing.
_CONTEXT: Mapping[str, CourseRole] = MappingProxyType(
    {
        "Learner": CourseRole.LEARNER,
        "Instructor": CourseRole.TUTOR,
        "TeachingAssistant": CourseRole.TUTOR,
        "Mentor": CourseRole.TUTOR,
        "Administrator": CourseRole.ADMINISTRATOR,
    }
)
# A.2.3.1, sub-roles: the principal role decides, as `Learner#Instructor` is a learner. Those of
# Administrator (`#ExternalSupport`, …) give nothing unless the principal role is sent too, as
# the specification asks.
_PRINCIPALS = frozenset({"Learner", "Instructor", "Mentor"})

_VOCABULARY = "http://purl.imsglobal.org/vocab/lis/v2/"
_MEMBERSHIP = _VOCABULARY + RoleType.CONTEXT
_ABOVE_COURSE = frozenset({RoleType.SYSTEM, RoleType.INSTITUTION})

# What pylti1p3 gives us is the reading of role URIs into (name, type) and the type names. It is
# not enough alone: it reads the principal form `membership#Learner`, an unknown vocabulary such
# as `other#Instructor` and a short name all as type None, takes `…/lis/v2-other/` for the
# vocabulary, forgets the principal role of a sub-role, and calls a mentor an observer. So a role
# counts only when its whole text is of a form that the specification has.
_PARSER = AbstractRole({})  # type: ignore[no-untyped-call]  # it has no annotations


def course_roles(roles: Iterable[str], *, mentor_is_tutor: bool = True) -> frozenset[CourseRole]:
    """Returns the roles in the course that the names give; unknown names give nothing.

    A name for the system or the institution counts only when it is an administrator's, and then
    in two cases: no name at all speaks of the course, or the person teaches in the course, as
    Moodle says of its administrators everywhere. Whoever learns here is no administrator here.
    With `mentor_is_tutor=False` a mentor is an observer: Canvas sends `#Mentor` for these, who are
    often parents.
    """
    found: set[CourseRole] = set()
    above: set[str] = set()
    in_course = False
    for role in roles:
        name, kind = _read(role)
        if kind in _ABOVE_COURSE:
            above.add(name)
        elif kind == RoleType.CONTEXT:
            in_course = True
            if name == "Mentor" and not mentor_is_tutor:
                found.add(CourseRole.OBSERVER)
            elif name in _CONTEXT:
                found.add(_CONTEXT[name])
    teaches = CourseRole.TUTOR in found and CourseRole.LEARNER not in found
    if "Administrator" in above and (teaches or not in_course):
        found.add(CourseRole.ADMINISTRATOR)
    return frozenset(found)


def _read(role: str) -> tuple[str, str | None]:
    """Returns the principal role's name and its type; type None for what no form fits."""
    name, kind = _PARSER.parse_role_str(role)
    if kind in _ABOVE_COURSE and role == f"{_VOCABULARY}{kind}/person#{name}":
        return name, kind
    if kind == RoleType.CONTEXT and role.startswith(f"{_MEMBERSHIP}/"):
        return _principal(role), kind
    if role == f"{_MEMBERSHIP}#{name}" or (role.isascii() and role.isalpha()):
        # The full form of a principal role, or a short name; A.2: short names are context roles.
        return name, RoleType.CONTEXT
    return name, None


def _principal(role: str) -> str:
    """Returns `Instructor` for `…/membership/Instructor#Grader`, "" where it gives nothing."""
    principal = role.removeprefix(f"{_MEMBERSHIP}/").partition("#")[0]
    return principal if principal in _PRINCIPALS else ""

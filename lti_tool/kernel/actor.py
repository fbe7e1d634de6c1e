"""Who acts: a person in one course, in the roles that the LMS gave there."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """A role in one course. An unknown role of an LMS gives none of these.

    An observer, a learner's mentor or parent, sees how those stand whom the LMS names, and no more.
    """

    LEARNER = "learner"
    TUTOR = "tutor"
    ADMINISTRATOR = "administrator"
    OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person as member of one course of one organisation; every service takes one."""

    person_id: int
    organisation_id: int
    course_id: int
    membership_id: int
    roles: frozenset[Role]

    @property
    def is_learner(self) -> bool:
        return Role.LEARNER in self.roles

    @property
    def is_tutor(self) -> bool:
        """Tutors and administrators read and set up the course that they came from."""
        return bool(self.roles & {Role.TUTOR, Role.ADMINISTRATOR})

    @property
    def is_observer(self) -> bool:
        """Observers read what the LMS lets them read of others, and change nothing."""
        return Role.OBSERVER in self.roles

    @property
    def is_administrator(self) -> bool:
        """Administrators change what holds for the whole organisation."""
        return Role.ADMINISTRATOR in self.roles

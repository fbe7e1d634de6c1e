"""Whom an observer may see: exactly those whom the LMS named, as far as they learn in the course.

LTI Core 1.3, §5.4.3 (`role_scope_mentor`). The scope stands with the membership and is renewed by
each launch; it is read when a page is shown, so that it ends when the LMS ends it.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Identity, Membership, Person
from lti_tool.courses.queries import LearnerRow
from lti_tool.courses.rules import display_name
from lti_tool.kernel.actor import Actor, Role


def learners_seen(session: Session, actor: Actor) -> list[LearnerRow]:
    """Returns the learners of the actor's course whom the actor may see now, by name."""
    subjects = session.execute(
        select(Membership.sees).where(
            Membership.id == actor.membership_id,
            Membership.person_id == actor.person_id,
            Membership.active,
            Membership.roles.contains(Role.OBSERVER.value),
        )
    ).scalar_one_or_none()
    found = {one.person_id: one for one in _learners(session, actor, subjects or ())}
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.public_id))


def _learners(session: Session, actor: Actor, subjects: Collection[str]) -> Iterator[LearnerRow]:
    """The names are those of the course's own LMS, so only its registration can mean anybody."""
    rows = session.execute(
        select(Person.id, Person.public_id, Person.name, Membership.last_seen_at, Membership.active)
        .join(Membership, Membership.person_id == Person.id)
        .join(Course, Course.id == Membership.course_id)
        .join(
            Identity,
            (Identity.person_id == Person.id)
            & (Identity.registration_id == Course.registration_id),
        )
        .where(
            Course.id == actor.course_id,
            Identity.subject.in_(subjects),
            Membership.active,
            Membership.roles.contains(Role.LEARNER.value),
        )
    )
    for row in rows:
        name = display_name(row.name, row.public_id)
        yield LearnerRow(row.id, row.public_id, name, row.last_seen_at, row.active)

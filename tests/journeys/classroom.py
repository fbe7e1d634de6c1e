"""A whole class without browsers: enrolled and rating by the services that the pages call.

Its course is the one that a first learner has launched: what that launch left is what is used,
so that the LMS knows everybody and every column.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rules import NOT_RATED, Answer, State
from lti_tool.assessments.services import Wish, rate
from lti_tool.courses.models import Course, Placement
from lti_tool.courses.queries import placement_of_course
from lti_tool.courses.rules import Enrolment, GradeRule, SetUp
from lti_tool.courses.services import enrol
from lti_tool.kernel.actor import Actor, Role
from tests.journeys.lms import IMH101
from tests.journeys.servers import Site

DELAY = timedelta(seconds=0.1)
LEARNER = frozenset({Role.LEARNER})


@dataclass(frozen=True)
class Pupil:
    """A learner of the class: who acts, and where."""

    actor: Actor
    placement_id: int


def fill_class(site: Site, count: int) -> list[Pupil]:
    """Returns so many new learners of the LMS's course, as their launches would leave them."""
    added = site.lms.control("POST", "learners", count=count, course=IMH101)["learners"]
    with site.database.transaction() as session:
        return [_enrolled(session, one["user_id"]) for one in added]


def rate_as(site: Site, pupil: Pupil, code: str, state: State = State.ACHIEVED) -> None:
    """Saves one answer in a transaction of its own, as a request does."""
    with site.database.transaction() as session:
        placement = placement_of_course(session, pupil.placement_id)
        answers = ratings_of(session, pupil.actor.person_id, placement.set_up.instrument)
        seen = answers.get(code, NOT_RATED).version
        rate(session, pupil.actor, placement, Wish(code, Answer(state), seen), delay=DELAY)


def _enrolled(session: Session, subject: str) -> Pupil:
    course = session.execute(select(Course).order_by(Course.id).limit(1)).scalar_one()
    link = session.execute(
        select(Placement).where(Placement.course_id == course.id).order_by(Placement.id).limit(1)
    ).scalar_one()
    enrolled = enrol(
        session,
        Enrolment(
            organisation_id=course.organisation_id,
            registration_id=course.registration_id,
            deployment=course.deployment,
            subject=subject,
            roles=LEARNER,
            name="",
            email="",
            context=course.context,
            course_title=course.title,
            course_label=course.label,
            resource_link=link.resource_link,
            link_title=link.title,
            set_up=SetUp(link.instrument, tuple(link.domains), GradeRule(link.grade_rule)),
            line_item=link.line_item,
            line_items=link.line_items,
            scopes=frozenset(link.scopes.split()),
        ),
    )
    actor = Actor(
        enrolled.person_id,
        course.organisation_id,
        enrolled.course_id,
        enrolled.membership_id,
        LEARNER,
    )
    return Pupil(actor, enrolled.placement_id)

"""Messages about a person: whose work is to be reviewed, about whom somebody asks what we hold.

Whom a message names is looked up within its own registration, and in the course that it comes
from; the page that it leads to looks again, with the guards and the queries of every other page.
"""

from dataclasses import replace

import structlog
from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Identity, Membership, Person, Placement
from lti_tool.courses.rules import Enrolled, Enrolment
from lti_tool.courses.services import enrol, enrol_member
from lti_tool.gateway.rules import KnownRegistration
from lti_tool.grades.models import PlacementLineItem
from lti_tool.grades.rules import WHOLE
from lti_tool.kernel.actor import Role
from lti_tool.kernel.errors import NotAllowed, NotFound
from lti_tool.kernel.text import N_
from lti_tool.lti import claims
from lti_tool.lti.messages import Launch

log = structlog.get_logger()

_MY_RECORD = "my-record"


def enrol_as(session: Session, launch: Launch, enrolment: Enrolment) -> Enrolled:
    """Upserts what a message is about, and returns it; raises `NotFound` for an unknown line item.

    A submission review changes nothing in a placement that is known: it may come with a line
    item or custom parameters of its own (Submission Review 1.0).
    """
    if launch.message_type != claims.SUBMISSION_REVIEW_REQUEST:
        return (enrol if launch.resource_link else enrol_member)(session, enrolment)
    enrolled = enrol_member(session, enrolment)
    found = session.execute(_reviewed(launch, enrolled.course_id)).first()
    if found is not None:
        return replace(enrolled, placement_id=found.id, placement_public_id=found.public_id)
    if launch.resource_link:
        return enrol(session, enrolment)
    raise NotFound(
        N_("This column of the gradebook belongs to no activity that this tool knows."),
        code="line-item-unknown",
        advice=N_("Open the activity from your course, and look for the learner there."),
    )


def review_page(session: Session, launch: Launch, enrolled: Enrolled) -> str:
    """Returns where a submission review leads, below the slot; raises `NotAllowed`.

    A tutor comes to that learner's page for the placement, a learner to their own work, and to
    nobody else's. Somebody who is not there to be looked at gets the tutor a page that says so.
    """
    place = f"p/{enrolled.placement_public_id}"
    roles = {role.value for role in launch.roles}
    if roles & {Role.TUTOR, Role.ADMINISTRATOR}:
        learner = _learner(session, launch, enrolled.course_id)
        return f"{place}/learners/{learner}" if learner else f"{place}/nobody"
    if Role.LEARNER not in roles:
        return f"{place}/observe"
    if launch.for_user != launch.subject:
        raise NotAllowed(
            N_("This is somebody else's work. You can open your own."),
            code="review-of-another",
            advice=N_("Open the activity from your course."),
        )
    return f"{place}/"


def privacy_page(
    session: Session, registration: KnownRegistration, launch: Launch, enrolled: Enrolled
) -> str:
    """Returns where a data privacy launch leads, below the slot; raises `NotAllowed`.

    Without `for_user` it is about who sends it. An administrator may ask about another person
    of the same registration, nobody else may: not even whether there is such a person.
    """
    named = launch.for_user
    if not named or named == launch.subject:
        return _MY_RECORD
    if Role.ADMINISTRATOR.value not in {role.value for role in launch.roles}:
        raise NotAllowed(
            N_("You can see what this tool holds about you, and about nobody else."),
            code="privacy-of-another",
            advice=N_("Ask the people who run your LMS."),
        )
    row = session.execute(
        select(Person.id, Person.public_id)
        .join(Identity, Identity.person_id == Person.id)
        .where(
            Identity.registration_id == registration.protocol.id,
            Identity.subject == named,
            Person.organisation_id == registration.organisation_id,
        )
    ).first()
    if row is not None and row.id == enrolled.person_id:
        return _MY_RECORD
    return f"about/{row.public_id}" if row else "about/nobody"


def _reviewed(launch: Launch, course_id: int) -> Select[int, str]:
    """The placement of the link, or of the line item where the message names no link.

    The line item may be that of the whole, or of one of its domains.
    """
    wanted = select(Placement.id, Placement.public_id).where(Placement.course_id == course_id)
    if launch.resource_link:
        return wanted.where(Placement.resource_link == launch.resource_link.id)
    line_item = (launch.ags.lineitem if launch.ags else None) or ""
    parts = select(PlacementLineItem.placement_id).where(
        PlacementLineItem.url == line_item, PlacementLineItem.part != WHOLE
    )
    return (
        wanted.where(
            literal(line_item) != "", or_(Placement.line_item == line_item, Placement.id.in_(parts))
        )
        .order_by(Placement.id)
        .limit(1)
    )


def _learner(session: Session, launch: Launch, course_id: int) -> str | None:
    """Returns the public id of whom the review is about, if they learn in this course."""
    return session.execute(
        select(Person.public_id)
        .join(Identity, Identity.person_id == Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Identity.registration_id == launch.registration_id,
            Identity.subject == launch.for_user,
            Membership.course_id == course_id,
            Membership.roles.contains(Role.LEARNER.value),
        )
    ).scalar_one_or_none()

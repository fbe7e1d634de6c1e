"""Where a message leads: the page of each message type, below the slot of the person's session."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import library
from lti_tool.courses.models import Identity
from lti_tool.courses.queries import placement_of_course
from lti_tool.courses.rules import Enrolled
from lti_tool.gateway.people.about import privacy_page, review_page
from lti_tool.gateway.picking.services import begin_pick
from lti_tool.gateway.reconciling.rules import reviewed_person
from lti_tool.gateway.rules import KnownRegistration
from lti_tool.kernel.actor import Actor, Role
from lti_tool.lti import claims
from lti_tool.lti.messages import Launch
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.substitutions import filled
from lti_tool.reviews.queries import is_assessor


def landing(
    session: Session, registration: KnownRegistration, launch: Launch, enrolled: Enrolled
) -> str:
    """Returns the page, as an address below `/at/<slot>/`; raises for a message without one."""
    match launch.message_type:
        case claims.RESOURCE_LINK_REQUEST:
            return _activity(session, launch, enrolled)
        case claims.DEEP_LINKING_REQUEST:
            return f"pick/{begin_pick(session, registration, launch, enrolled)}/"
        case claims.SUBMISSION_REVIEW_REQUEST:
            return review_page(session, launch, enrolled)
        case claims.DATA_PRIVACY_REQUEST:
            return privacy_page(session, registration, launch, enrolled)
    raise LaunchRefused("message-not-supported", detail=launch.message_type)


def comes_as_assessor(session: Session, registration: KnownRegistration, launch: Launch) -> bool:
    """Says whether a launch without a role that we know is an assessor's, on the way to the desk."""
    if launch.message_type != claims.RESOURCE_LINK_REQUEST:
        return False
    person_id = session.execute(
        select(Identity.person_id).where(
            Identity.registration_id == registration.protocol.id,
            Identity.subject == launch.subject,
        )
    ).scalar_one_or_none()
    if person_id is None:
        return False
    return is_assessor(session, Actor(person_id, registration.organisation_id, 0, 0, frozenset()))


def _activity(session: Session, launch: Launch, enrolled: Enrolled) -> str:
    """Who teaches comes to the course, who learns to their work, who only looks on to those seen.

    Who is let in without any of these roles is an assessor, and comes to the desk.
    """
    roles = {role.value for role in launch.roles}
    place = f"p/{enrolled.placement_public_id}/"
    if roles & {Role.TUTOR, Role.ADMINISTRATOR}:
        # Canvas's SpeedGrader launches the address that came with a learner's score.
        reviewed = reviewed_person(launch.target_link_uri)
        return place + (f"learners/{reviewed}" if reviewed else "course")
    if Role.LEARNER in roles:
        return place + _focus(session, launch, enrolled)
    is_observer = Role.OBSERVER in roles
    return place + ("observe" if is_observer else "desk")


def _focus(session: Session, launch: Launch, enrolled: Enrolled) -> str:
    """Returns the part that the custom parameter `focus` names: a domain, or a competency by code.

    Nothing where the placement does not ask for it: then the activity opens at its start.
    """
    focus = filled(launch.custom, "focus")
    if not focus or not enrolled.placement_id:
        return ""
    set_up = placement_of_course(session, enrolled.placement_id).set_up
    asked = library().get(set_up.instrument)
    for domain in asked.scope(set_up.domains) if asked else ():
        if focus == str(domain.number):
            return f"domain/{domain.number}"
        if focus in domain.codes:
            return f"domain/{domain.number}#c-{focus}"
    return ""

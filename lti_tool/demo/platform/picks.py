"""Deep linking: asking the tool for activities (Deep Linking 2.0, section 3)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.demo.lms import Lms
from lti_tool.demo.models import Course, Person, PickTicket, Placement
from lti_tool.demo.people import course_numbered, required_role, teaches_anywhere
from lti_tool.demo.platform.facts import LaunchFacts
from lti_tool.demo.platform.names import DEEP_LINKING
from lti_tool.demo.platform.profile import Claims
from lti_tool.kernel.clock import now

# Long enough to choose in; a login has to be answered much sooner.
AWAITED = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks the tool for activities, for which course, and where in the LMS."""

    person: Person
    course: Course
    place: str


def new_ticket(lms: Lms, session: Session, asking: Asking) -> PickTicket:
    """Stores a request and returns it."""
    profile, secret = lms.profile, secrets.token_hex(16)
    ticket = PickTicket(
        secret=secret,
        message_hint=profile.message_hint(secrets.token_hex(16), _nothing(asking.course)),
        login_hint=profile.subject(asking.person),
        person_id=asking.person.id,
        course_id=asking.course.id,
        place=asking.place,
        data=profile.pick_data(secret),
        expires_at=now() + AWAITED,
    )
    session.execute(delete(PickTicket).where(PickTicket.expires_at < now()))
    session.add(ticket)
    return ticket


def asked_ticket(session: Session, message_hint: str) -> PickTicket | None:
    """Returns the request of a login, once; none for what is no request or was asked before."""
    ticket = session.scalar(select(PickTicket).where(PickTicket.message_hint == message_hint))
    if ticket is None or ticket.is_asked:
        return None
    ticket.is_asked = True
    return ticket


def return_url(lms: Lms, session: Session, ticket: PickTicket) -> str:
    """Returns where the answer is awaited."""
    course = course_numbered(session, ticket.course_id)
    return lms.profile.pick_return(lms.settings.base_url, course, ticket.secret)


def settings_of(lms: Lms, ticket: PickTicket) -> Claims:
    """Returns what the tool is told that it may answer with."""
    data = {} if ticket.data is None else {"data": ticket.data}
    return lms.profile.pick_settings(ticket.place) | data


def pick_claims(lms: Lms, session: Session, ticket: PickTicket, nonce: str) -> Claims:
    """Returns the claims of the request; raises `NotAllowed` for who is not in the course."""
    person = session.get_one(Person, ticket.person_id)
    course = course_numbered(session, ticket.course_id)
    where = return_url(lms, session, ticket)
    facts = LaunchFacts(
        settings=lms.settings,
        switches=lms.switchboard.current,
        person=person,
        course=course,
        placement=_nothing(course),
        role=required_role(session, person, course),
        teaches=teaches_anywhere(session, person),
        line_items=(),
        nonce=nonce,
        document_target="iframe",
        issued_at=now(),
    )
    settings = settings_of(lms, ticket) | {"deep_link_return_url": where}
    return lms.profile.pick_claims(facts, where) | {
        f"{DEEP_LINKING}/deep_linking_settings": settings
    }


def _nothing(course: Course) -> Placement:
    """There is no activity yet, where a profile would tell of one."""
    return Placement(id=0, course_id=course.id, title="", description="", custom={}, opaque_id="")

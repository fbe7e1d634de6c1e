"""Launch messages: the facts gathered, the profile's claims, the signature."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo import jws
from lti_tool.demo.copies import course_ancestors, link_ancestors
from lti_tool.demo.lms import Lms
from lti_tool.demo.models import LineItem, Person, Placement
from lti_tool.demo.people import course_numbered, required_role, teaches_anywhere
from lti_tool.demo.platform.facts import LaunchFacts
from lti_tool.demo.platform.profile import Claims
from lti_tool.kernel.clock import now


@dataclass(frozen=True, slots=True)
class Opening:
    """Who opens which placement, and where it is shown: `iframe` or `window`.

    `about` is whose work in `line_item` is to be opened, or, without one, whose data.
    """

    person: Person
    placement: Placement
    document_target: str = "iframe"
    about: Person | None = None
    line_item: LineItem | None = None


def launch_claims(lms: Lms, session: Session, opening: Opening, nonce: str) -> Claims:
    """Returns the claims of a launch; raises `NotAllowed` for who is not in the course."""
    course = course_numbered(session, opening.placement.course_id)
    facts = LaunchFacts(
        settings=lms.settings,
        switches=lms.switchboard.current,
        person=opening.person,
        course=course,
        placement=opening.placement,
        role=required_role(session, opening.person, course),
        teaches=teaches_anywhere(session, opening.person),
        line_items=_line_items(session, opening.placement),
        nonce=nonce,
        document_target=opening.document_target,
        issued_at=now(),
        link_ancestors=link_ancestors(session, opening.placement),
        course_ancestors=course_ancestors(session, course),
    )
    return lms.profile.claims(facts)


def signed(lms: Lms, claims: Claims) -> str:
    """Returns the id_token (security framework 1.0, section 5.1.2)."""
    key = lms.keys.current
    header = {"typ": "JWT", "alg": "RS256", "kid": key.kid}
    return jws.compact(header, claims, jws.rs256(key.private))


def _line_items(session: Session, placement: Placement) -> list[LineItem]:
    query = select(LineItem).where(LineItem.placement_id == placement.id).order_by(LineItem.id)
    return list(session.scalars(query))

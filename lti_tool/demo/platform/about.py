"""Messages about a person, whom an observer may see, and what LTI 1.1 called person and link.

Submission Review 1.0; LTI Data Privacy Launch 1.0; LTI 1.3 core, section 5.4.3; LTI 1.1 to 1.3
Migration Guide. Written down here once more, independently of the tool.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.demo.lms import Lms
from lti_tool.demo.models import AboutTicket, LineItem, Membership, Person
from lti_tool.demo.platform import names
from lti_tool.demo.platform.launches import Opening
from lti_tool.demo.platform.profile import Claims

# What the LMS and the tool shared before LTI 1.3.
OLDER_KEY, OLDER_SECRET = "larkfield-older", "larkfield-older-secret"


@dataclass(frozen=True, slots=True)
class About:
    """Whose work in which column is to be opened, or, without a column, whose data."""

    person: Person
    line_item: LineItem | None


def note_about(session: Session, opening: Opening, message_hint: str) -> None:
    """Keeps what a login is about until it is answered."""
    if opening.about is not None:
        item = opening.line_item.id if opening.line_item else None
        session.add(
            AboutTicket(message_hint=message_hint, about_id=opening.about.id, line_item_id=item)
        )


def taken_about(session: Session, message_hint: str) -> About | None:
    """Returns what a login is about; none for a plain launch."""
    ticket = session.get(AboutTicket, message_hint)
    if ticket is None:
        return None
    item = session.get(LineItem, ticket.line_item_id) if ticket.line_item_id else None
    return About(session.get_one(Person, ticket.about_id), item)


def with_people(
    lms: Lms, session: Session, opening: Opening, claims: Claims, about: About | None
) -> Claims:
    """Returns the claims of a launch, with what they say of other people and of older links."""
    claims = claims | _mentored(lms, session, opening)
    if lms.switchboard.current.older_links:
        claims[f"{names.LTI}/lti1p1"] = older(opening, claims)
    if about is None:
        return claims
    claims[f"{names.LTI}/for_user"] = {"user_id": lms.profile.subject(about.person)}
    if about.line_item is not None:
        return _review(lms, claims, about.line_item)
    return _privacy(opening, claims)


def older(opening: Opening, claims: Claims) -> Claims:
    """Returns the migration claim: what LTI 1.1 called person and link, signed for this token."""
    text = "&".join(
        str(part)
        for part in (
            OLDER_KEY,
            claims[f"{names.LTI}/deployment_id"],
            claims["iss"],
            claims.get("azp") or claims["aud"],
            claims["exp"],
            claims["nonce"],
        )
    )
    made = hmac.new(OLDER_SECRET.encode(), text.encode(), hashlib.sha256).digest()
    return {
        "user_id": f"older-{opening.person.key}",
        "resource_link_id": f"older-{opening.placement.id}",
        "oauth_consumer_key": OLDER_KEY,
        "oauth_consumer_key_sign": base64.b64encode(made).decode(),
    }


def _mentored(lms: Lms, session: Session, opening: Opening) -> Claims:
    membership = session.get(Membership, (opening.person.id, opening.placement.course_id))
    if not membership or not membership.observes or not lms.profile.names_mentored:
        return {}
    seen = session.scalars(select(Person).where(Person.key.in_(membership.observes)))
    subjects = [lms.profile.subject(person) for person in seen]
    return {f"{names.LTI}/role_scope_mentor": subjects}


def _review(lms: Lms, claims: Claims, item: LineItem) -> Claims:
    """A review names its one column, also where a launch would leave it out."""
    where = lms.profile.addresses(lms.settings.base_url)
    endpoint = claims.get(names.AGS_CLAIM, {"scope": []})
    return claims | {
        f"{names.LTI}/message_type": names.REVIEW_MESSAGE,
        names.AGS_CLAIM: endpoint | {"lineitem": where.lineitem(item.course_id, item.id)},
    }


def _privacy(opening: Opening, claims: Claims) -> Claims:
    """It is about a person: no course, no link, no service, and no role in a course."""
    absent = {f"{names.LTI}/{name}" for name in ("context", "resource_link", "custom", "lis")}
    absent |= {names.AGS_CLAIM, names.NRPS_CLAIM, names.GROUPS_CLAIM, names.NOTICES_CLAIM}
    is_administrator = opening.person.is_administrator
    roles = [names.INSTITUTION_ROLE + "Administrator"] if is_administrator else []
    kept = {name: value for name, value in claims.items() if name not in absent}
    return kept | {
        f"{names.LTI}/message_type": names.PRIVACY_MESSAGE,
        f"{names.LTI}/roles": roles,
    }

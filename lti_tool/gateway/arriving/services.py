"""Tickets: issued to a launch, looked at, and redeemed once for a session."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.rules import Enrolled
from lti_tool.gateway.arriving.rules import Beginner, check_cookies, ticket_used
from lti_tool.gateway.models import RegistrationRow, Ticket
from lti_tool.gateway.rules import (
    ASKING_TICKET_LIFE,
    TICKET_LIFE,
    KnownRegistration,
    frame_ancestors,
)
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.database import run
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import digest, new_token
from lti_tool.lti.messages import Launch
from lti_tool.web.sessions import SignIn

_TICKETS = table_of(Ticket)
_R = table_of(RegistrationRow)
_IS_GOOD = (
    _TICKETS.c.token_digest == bindparam("token"),
    _TICKETS.c.consumed_at.is_(None),
    _TICKETS.c.ends_at > bindparam("now"),
)
# Built once: these run in every launch.
_ADD_TICKET = insert(_TICKETS)
_CONSUME_TICKET = (
    update(_TICKETS).where(*_IS_GOOD).values(consumed_at=bindparam("now")).returning(*_TICKETS.c)
)
_LOOK = (
    select(
        _TICKETS.c.display_name,
        _TICKETS.c.course_title,
        _TICKETS.c.proof,
        _TICKETS.c.storage_target,
        _TICKETS.c.frame_ancestors,
        _R.c.auth_login_url,
    )
    .join(_R, _R.c.id == _TICKETS.c.registration_id)
    .where(*_IS_GOOD, _TICKETS.c.browser == "")
)


@dataclass(frozen=True, slots=True)
class Admission:
    """What a ticket opens: a session for whom, and the page to go to."""

    sign_in: SignIn
    landing: str
    course_title: str
    browser: str

    @property
    def address(self) -> str:
        """Where the session begins."""
        return f"/at/{self.sign_in.slot}/{self.landing}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a page may say of a ticket whose browser is not proven yet."""

    display_name: str
    course_title: str
    proof: str
    storage_target: str
    frame_ancestors: str
    auth_login_url: str


class MustAsk(Exception):
    """The ticket's browser is not proven: the person is to be asked first. Nothing was used."""

    def __init__(self, admission: Admission) -> None:
        super().__init__()
        self.admission = admission


def issue_ticket(
    session: Session,
    registration: KnownRegistration,
    launch: Launch,
    enrolled: Enrolled,
    beginner: Beginner,
    page: str,
) -> str:
    """Stores a way into a session for somebody who was let in, and returns its token."""
    token = new_token()
    life = TICKET_LIFE if beginner.browser else ASKING_TICKET_LIFE
    ancestors = frame_ancestors(
        (registration.protocol.issuer, registration.protocol.auth_login_url, launch.return_url)
    )
    run(
        session,
        _ADD_TICKET,
        token_digest=digest(token),
        browser=beginner.browser,
        proof=beginner.proof,
        storage_target=beginner.storage_target,
        membership_id=enrolled.membership_id,
        membership_public_id=enrolled.membership_public_id,
        person_id=enrolled.person_id,
        organisation_id=registration.organisation_id,
        registration_id=registration.protocol.id,
        course_id=enrolled.course_id,
        landing=page,
        display_name=enrolled.display_name,
        course_title=launch.context.title.replace("\0", "").strip()[:300] if launch.context else "",
        frame_ancestors=ancestors,
        roles=" ".join(sorted(role.value for role in launch.roles)),
        ends_at=clock.now() + life,
        consumed_at=None,
    )
    return token


def look_at_ticket(session: Session, token: str) -> Waiting:
    """Returns what is known of a ticket that waits for its browser; uses nothing.

    Raises `NotSignedIn` for a ticket that is used, over or unknown.
    """
    row = run(session, _LOOK, token=digest(token), now=clock.now()).one_or_none()
    if row is None:
        raise ticket_used()
    return Waiting(
        display_name=row.display_name,
        course_title=row.course_title,
        proof=row.proof,
        storage_target=row.storage_target,
        frame_ancestors=row.frame_ancestors,
        auth_login_url=row.auth_login_url,
    )


def redeem_ticket(
    session: Session,
    token: str,
    browsers: Collection[str],
    *,
    was_asked: bool = False,
    secret: str = "",
) -> Admission:
    """Uses a ticket, once. `browsers` are the digests of the login cookies that came along.

    `secret` is what the LMS's page gave back. Raises `NotSignedIn` for a ticket that is used, over
    or unknown; `NotAllowed` in another browser than the one that began; `MustAsk` where nothing
    proved the browser and nobody was asked yet. In each case the caller's transaction is rolled
    back, and the ticket stays good.
    """
    row = run(session, _CONSUME_TICKET, token=digest(token), now=clock.now()).one_or_none()
    if row is None:
        raise ticket_used()
    check_cookies(row.browser, browsers)
    admission = _admission(row)
    if not (row.browser or was_asked or _is_proof(row.proof, secret)):
        raise MustAsk(admission)
    return admission


def _is_proof(expected: str, secret: str) -> bool:
    return bool(expected) and hmac.compare_digest(digest(secret), expected)


def _admission(row: Row[Any]) -> Admission:
    roles = frozenset(Role(name) for name in row.roles.split())
    actor = Actor(row.person_id, row.organisation_id, row.course_id, row.membership_id, roles)
    sign_in = SignIn(
        slot=row.membership_public_id,
        actor=actor,
        registration_id=row.registration_id,
        display_name=row.display_name,
        frame_ancestors=row.frame_ancestors,
    )
    return Admission(sign_in, row.landing, row.course_title, row.browser)

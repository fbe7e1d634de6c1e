"""The steps of a launch that change the database: begin a login, admit a launch, open a session."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.assessments.services import refresh_score
from lti_tool.courses.queries import placement_of_course
from lti_tool.courses.rules import Enrolled, Enrolment, set_up_from_custom
from lti_tool.courses.services import enrol
from lti_tool.gateway.models import Deployment, LoginRow, RegistrationRow, Ticket
from lti_tool.gateway.queries import deployment_status
from lti_tool.gateway.rules import (
    ASK_SUPPORT,
    ASKING_TICKET_LIFE,
    LOGIN_LIFE,
    MOST_LOGINS,
    OPEN_AGAIN,
    TICKET_LIFE,
    DeploymentPolicy,
    DeploymentStatus,
    KnownRegistration,
    Login,
    browser_differs,
    frame_ancestors,
    launch_replayed,
)
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor, Role
from lti_tool.kernel.database import insert_into, run
from lti_tool.kernel.errors import NotAllowed, NotSignedIn, Unavailable
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import digest, new_token
from lti_tool.kernel.text import N_
from lti_tool.lti.messages import Launch
from lti_tool.outbox import services as outbox
from lti_tool.web.sessions import SignIn

FIND_LINE_ITEM = "line-item.find"

_LOGINS = table_of(LoginRow)
_TICKETS = table_of(Ticket)
# Built once: these run in every launch.
_ADD_LOGIN = insert(_LOGINS).returning(_LOGINS.c.id)
_CONSUME_LOGIN = (
    update(_LOGINS)
    .where(_LOGINS.c.id == bindparam("login"), _LOGINS.c.consumed_at.is_(None))
    .values(consumed_at=bindparam("now"))
)
_ADD_TICKET = insert(_TICKETS)
_CONSUME_TICKET = (
    update(_TICKETS)
    .where(
        _TICKETS.c.token_digest == bindparam("token"),
        _TICKETS.c.consumed_at.is_(None),
        _TICKETS.c.ends_at > bindparam("now"),
    )
    .values(consumed_at=bindparam("now"))
    .returning(*_TICKETS.c)
)


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """What a login leaves with the browser: state and nonce for the LMS, a cookie for itself."""

    state: str
    nonce: str
    browser: str


class DeploymentUnknown(NotAllowed):
    """A deployment that nobody has accepted. The caller notes it as pending."""

    code = "deployment-unknown"


def begin_login(session: Session, registration: KnownRegistration, target: str) -> BegunLogin:
    """Stores a login under way and returns its secrets, which are kept nowhere else in full.

    Raises `Unavailable` when more logins are under way than any class could have begun.
    """
    begun = BegunLogin(new_token(), new_token(), new_token())
    row_id = run(
        session,
        _ADD_LOGIN,
        state_digest=digest(begun.state),
        nonce=begun.nonce,
        browser=digest(begun.browser),
        registration_id=registration.protocol.id,
        target=target,
        ends_at=clock.now() + LOGIN_LIFE,
        consumed_at=None,
    ).scalar_one()
    if row_id % 1000 == 0:
        _check_flood(session)
    return begun


def admit(
    session: Session, login: Login, launch: Launch, *, is_proven: bool, delay: timedelta
) -> tuple[str, Enrolled]:
    """Consumes the login and lets the person in: course, placement, scores, and a ticket.

    Returns the ticket's token. All of it commits together or not at all. Raises `Conflict` for
    a launch that was used, `DeploymentUnknown`, and `NotAllowed` for a person without a role.
    """
    _consume(session, login)
    _check_deployment(session, login.registration, launch.deployment_id)
    if not launch.roles:
        raise NotAllowed(
            N_("Your role in this course gives no access to this activity."),
            code="role-unknown",
            advice=N_("Ask the people who run your course to enrol you as learner or tutor."),
        )
    _note_product(session, login.registration, launch)
    enrolled = enrol(session, enrolment_of(login.registration, launch))
    if enrolled.is_news:
        _look_at_grades(session, launch, enrolled, delay)
    browser = login.browser if is_proven else ""
    return _issue_ticket(session, login.registration, launch, enrolled, browser), enrolled


def enrolment_of(registration: KnownRegistration, launch: Launch) -> Enrolment:
    """Returns what a launch says, in the words of `courses`.

    A launch without a context belongs to a course of its own: its link.
    """
    link = launch.resource_link
    if link is None:
        raise RuntimeError("a resource-link launch without a resource link was let through")
    context = launch.context
    return Enrolment(
        organisation_id=registration.organisation_id,
        registration_id=registration.protocol.id,
        deployment=launch.deployment_id,
        subject=launch.subject,
        roles=frozenset(Role(role.value) for role in launch.roles),
        name=_plain(launch.name or f"{launch.given_name} {launch.family_name}", 200),
        email=_plain(launch.email, 320),
        context=context.id if context else f"link:{link.id}",
        course_title=_plain(context.title or context.label, 300) if context else "",
        course_label=_plain(context.label, 300) if context else "",
        resource_link=link.id,
        link_title=_plain(link.title, 300),
        set_up=set_up_from_custom(dict(launch.custom)),
        line_item=(launch.ags.lineitem if launch.ags else None) or "",
        line_items=(launch.ags.lineitems if launch.ags else None) or "",
        scopes=launch.ags.scopes if launch.ags else frozenset(),
        copied_from=_plain(dict(launch.custom).get("placement", ""), 32),
    )


def note_pending_deployment(session: Session, registration_id: int, deployment: str) -> None:
    """Remembers a deployment that was refused, for the operator to see."""
    _add_deployment(session, registration_id, deployment, DeploymentStatus.PENDING)


def accept_deployment(session: Session, registration_id: int, deployment: str) -> None:
    """Lets launches of this deployment in."""
    _add_deployment(session, registration_id, deployment, DeploymentStatus.ACCEPTED)
    session.execute(
        update(Deployment)
        .where(Deployment.registration_id == registration_id, Deployment.deployment == deployment)
        .values(status=DeploymentStatus.ACCEPTED.value)
    )


@dataclass(frozen=True, slots=True)
class Admission:
    """What a ticket opens: a session for whom, and the page to go to."""

    sign_in: SignIn
    placement: str
    course_title: str
    browser: str


class MustAsk(Exception):
    """The ticket's browser is not proven: the person is to be asked first. Nothing was used."""

    def __init__(self, admission: Admission) -> None:
        super().__init__()
        self.admission = admission


def redeem_ticket(
    session: Session, token: str, browsers: Collection[str], *, was_asked: bool
) -> Admission:
    """Uses a ticket, once. `browsers` are the digests of the login cookies that came along.

    Raises `NotSignedIn` for a ticket that is used, over or unknown; `NotAllowed` in another
    browser than the one that began; `MustAsk` where no cookie proved the browser and nobody was
    asked yet. In each case the caller's transaction is rolled back, and the ticket stays good.
    """
    row = run(session, _CONSUME_TICKET, token=digest(token), now=clock.now()).one_or_none()
    if row is None:
        raise _ticket_used()
    if row.browser and row.browser not in browsers:
        raise browser_differs()
    admission = _admission(row)
    if not row.browser and not was_asked:
        raise MustAsk(admission)
    return admission


def purge_logins(session: Session) -> None:
    """Removes logins and tickets that are over."""
    now = clock.now()
    session.execute(delete(LoginRow).where(LoginRow.ends_at <= now))
    session.execute(delete(Ticket).where(Ticket.ends_at <= now))


def _plain(text: str, longest: int) -> str:
    """Text from an LMS as it may stand in a row: without NULs, no longer than its column."""
    return text.replace("\0", "").strip()[:longest]


def _check_flood(session: Session) -> None:
    purge_logins(session)
    under_way = session.execute(select(func.count()).select_from(LoginRow)).scalar_one()
    if under_way > MOST_LOGINS:
        raise Unavailable(
            N_("Too many people are signing in at this moment."),
            code="too-many-logins",
            advice=N_("Try again in a few minutes."),
        )


def _consume(session: Session, login: Login) -> None:
    """One atomic statement: of two launches with one state, only one goes on."""
    if run(session, _CONSUME_LOGIN, login=login.id, now=clock.now()).rowcount != 1:
        raise launch_replayed()


def _check_deployment(session: Session, registration: KnownRegistration, deployment: str) -> None:
    status = deployment_status(session, registration.protocol.id, deployment)
    if status == DeploymentStatus.ACCEPTED:
        return
    if status is None and registration.policy is DeploymentPolicy.ACCEPT:
        _add_deployment(session, registration.protocol.id, deployment, DeploymentStatus.ACCEPTED)
        return
    raise DeploymentUnknown(
        N_("This course's part of the LMS is not connected to this tool yet."),
        advice=ASK_SUPPORT,
        detail=f"deployment {deployment[:80]!r}",
    )


def _add_deployment(
    session: Session, registration_id: int, deployment: str, status: DeploymentStatus
) -> None:
    session.execute(
        insert_into(session, Deployment)
        .values(
            registration_id=registration_id,
            deployment=deployment,
            status=status.value,
            first_seen_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )


def _note_product(session: Session, registration: KnownRegistration, launch: Launch) -> None:
    """The LMS says itself what it is; its profile follows."""
    said = launch.platform.product_family_code[:60]
    if said and said != registration.protocol.product:
        session.execute(
            update(RegistrationRow)
            .where(RegistrationRow.id == registration.protocol.id)
            .values(product=said)
        )


def _look_at_grades(session: Session, launch: Launch, enrolled: Enrolled, delay: timedelta) -> None:
    """What is new to a placement may be worth something there already: other courses count."""
    placement = placement_of_course(session, enrolled.placement_id)
    if not placement.line_item and launch.ags and launch.ags.lineitems:
        lane = f"registration:{placement.registration_id}"
        outbox.put(session, FIND_LINE_ITEM, str(placement.id), lane=lane, delay=timedelta(0))
    if Role.LEARNER.value in {role.value for role in launch.roles}:
        refresh_score(session, enrolled.person_id, placement, delay=delay)


def _issue_ticket(
    session: Session,
    registration: KnownRegistration,
    launch: Launch,
    enrolled: Enrolled,
    browser: str,
) -> str:
    token = new_token()
    life = TICKET_LIFE if browser else ASKING_TICKET_LIFE
    ancestors = frame_ancestors(
        (registration.protocol.issuer, registration.protocol.auth_login_url, launch.return_url)
    )
    run(
        session,
        _ADD_TICKET,
        token_digest=digest(token),
        browser=browser,
        membership_id=enrolled.membership_id,
        membership_public_id=enrolled.membership_public_id,
        person_id=enrolled.person_id,
        organisation_id=registration.organisation_id,
        registration_id=registration.protocol.id,
        course_id=enrolled.course_id,
        placement_public_id=enrolled.placement_public_id,
        display_name=enrolled.display_name,
        course_title=_plain(launch.context.title, 300) if launch.context else "",
        frame_ancestors=ancestors,
        roles=" ".join(sorted(role.value for role in launch.roles)),
        ends_at=clock.now() + life,
        consumed_at=None,
    )
    return token


def _ticket_used() -> NotSignedIn:
    return NotSignedIn(
        N_("This way in has been used, or it is too old."),
        code="ticket-used",
        advice=OPEN_AGAIN,
    )


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
    return Admission(sign_in, row.placement_public_id, row.course_title, row.browser)

"""The steps of a launch that change the database: begin a login, admit a launch."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Kind
from lti_tool.competencies.queries import library
from lti_tool.courses.queries import placement_of_course
from lti_tool.courses.rules import (
    DATA_PRIVACY_CONTEXT,
    NO_DATES,
    Dates,
    Enrolled,
    Enrolment,
    SetUp,
    set_up_from_custom,
)
from lti_tool.gateway.arriving.rules import Beginner
from lti_tool.gateway.arriving.services import issue_ticket
from lti_tool.gateway.landings import comes_as_assessor, landing
from lti_tool.gateway.models import Deployment, LoginRow, RegistrationRow, Ticket
from lti_tool.gateway.people.about import enrol_as
from lti_tool.gateway.people.legacy import follow_legacy
from lti_tool.gateway.queries import deployment_status
from lti_tool.gateway.reconciling.services import request_columns
from lti_tool.gateway.rosters.queries import origins_of
from lti_tool.gateway.rosters.services import ask_for_notices
from lti_tool.gateway.rules import (
    ASK_SUPPORT,
    LOGIN_LIFE,
    MOST_LOGINS,
    DeploymentPolicy,
    DeploymentStatus,
    KnownRegistration,
    Login,
    launch_replayed,
)
from lti_tool.gateway.worth import refresh_worth
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.kernel.database import insert_into, run
from lti_tool.kernel.errors import NotAllowed, Unavailable
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import SecretBox, digest, new_token
from lti_tool.kernel.text import N_
from lti_tool.lti.claims import DATA_PRIVACY_REQUEST
from lti_tool.lti.messages import Launch, ResourceLink
from lti_tool.lti.substitutions import ancestors, filled, moment
from lti_tool.web.sessions import end_sessions_in_other_roles

_LOGINS = table_of(LoginRow)
# Built once: these run in every launch.
_ADD_LOGIN = insert(_LOGINS).returning(_LOGINS.c.id)
_CONSUME_LOGIN = (
    update(_LOGINS)
    .where(_LOGINS.c.id == bindparam("login"), _LOGINS.c.consumed_at.is_(None))
    .values(consumed_at=bindparam("now"))
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


def begin_login(
    session: Session, registration: KnownRegistration, target: str, storage_target: str
) -> BegunLogin:
    """Stores a login under way and returns its secrets, which are kept nowhere else in full.

    `storage_target` is the frame of the LMS that is to keep one, or empty. Raises `Unavailable`
    when more logins are under way than any class could have begun.
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
        storage_target=storage_target,
        ends_at=clock.now() + LOGIN_LIFE,
        consumed_at=None,
    ).scalar_one()
    if row_id % 1000 == 0:
        _check_flood(session)
    return begun


def admit(
    session: Session,
    login: Login,
    launch: Launch,
    *,
    beginner: Beginner,
    secrets: SecretBox,
    delay: timedelta,
) -> str:
    """Consumes the login and lets the person in: course, placement, scores, and a ticket.

    Returns the ticket's token; `beginner` says what its browser can show. All of it commits
    together or not at all. Raises `Conflict` for a launch that was used, `DeploymentUnknown`, and
    `NotAllowed` for a person without a role.
    """
    _consume(session, login)
    _check_deployment(session, login.registration, launch.deployment_id)
    _check_role(session, login.registration, launch)
    _note_product(session, login.registration, launch)
    enrolment = enrolment_of(login.registration, launch)
    enrolment = replace(enrolment, noticed_origins=partial(_noticed_origins, session, enrolment))
    if launch.legacy:
        follow_legacy(session, secrets, enrolment, launch.legacy)
    enrolled = enrol_as(session, launch, enrolment)
    if enrolled.is_news or not launch.resource_link:
        end_sessions_in_other_roles(session, enrolled.membership_public_id, enrolment.roles)
    if enrolled.is_news:
        ask_for_notices(session, launch)
        _look_at_grades(session, launch, enrolled, delay)
    page = landing(session, login.registration, launch, enrolled)
    return issue_ticket(session, login.registration, launch, enrolled, beginner, page)


def _noticed_origins(session: Session, enrolment: Enrolment) -> list[str]:
    """Returns which courses the LMS's notices called the origins of this one, the nearest first."""
    return origins_of(session, enrolment.registration_id, enrolment.deployment, enrolment.context)


def enrolment_of(registration: KnownRegistration, launch: Launch) -> Enrolment:
    """Returns what a launch says, in the words of `courses`.

    A launch without a context belongs to a course of its own: its link. One about data privacy
    belongs to none, whatever it says: roles in a course are not for it to change.
    """
    if launch.message_type == DATA_PRIVACY_REQUEST:
        return _without_course(registration, launch)
    link, context = launch.resource_link or ResourceLink(""), launch.context
    return Enrolment(
        organisation_id=registration.organisation_id,
        registration_id=registration.protocol.id,
        deployment=launch.deployment_id,
        subject=launch.subject,
        roles=frozenset(Role(role.value) for role in launch.roles),
        name=_name(launch),
        email=_plain(launch.email, 320),
        context=context.id if context else f"link:{link.id}",
        course_title=_plain(context.title or context.label, 300) if context else "",
        course_label=_plain(context.label, 300) if context else "",
        resource_link=link.id,
        link_title=_plain(link.title, 300),
        set_up=_set_up(launch),
        line_item=(launch.ags.lineitem if launch.ags else None) or "",
        line_items=(launch.ags.lineitems if launch.ags else None) or "",
        scopes=launch.ags.scopes if launch.ags else frozenset(),
        copied_from=_plain(filled(launch.custom, "placement"), 32),
        link_history=ancestors(launch.custom, "link_history"),
        context_history=ancestors(launch.custom, "context_history"),
        memberships_url=launch.memberships_url or "",
        groups_url=launch.groups.groups if launch.groups else "",
        group_sets_url=(launch.groups.sets if launch.groups else None) or "",
        sees=tuple(sorted(launch.mentored)),
        dates=Dates(
            moment(launch.custom, "available_from"),
            moment(launch.custom, "available_until"),
            moment(launch.custom, "submission_from"),
            moment(launch.custom, "due"),
        ),
        own_dates=_own_dates(launch),
    )


def _set_up(launch: Launch) -> SetUp:
    """Returns what the custom parameters ask for. A portfolio is handed in whole."""
    found = set_up_from_custom(dict(launch.custom))
    asked = library().get(found.instrument) if found.domains else None
    return replace(found, domains=()) if asked and asked.kind is Kind.PORTFOLIO else found


def _own_dates(launch: Launch) -> Dates:
    """Returns what Canvas fills in for the person who launches, and may differ for each learner."""
    if Role.LEARNER.value not in {role.value for role in launch.roles}:
        return NO_DATES
    return Dates(
        available_from=moment(launch.custom, "canvas_available_from"),
        available_until=moment(launch.custom, "canvas_available_until"),
        due_at=moment(launch.custom, "canvas_due"),
    )


def _without_course(registration: KnownRegistration, launch: Launch) -> Enrolment:
    return Enrolment(
        organisation_id=registration.organisation_id,
        registration_id=registration.protocol.id,
        deployment=launch.deployment_id,
        subject=launch.subject,
        roles=frozenset(Role(role.value) for role in launch.roles),
        name=_name(launch),
        email=_plain(launch.email, 320),
        context=DATA_PRIVACY_CONTEXT,
        course_title="",
        course_label="",
        resource_link="",
        link_title="",
    )


def _name(launch: Launch) -> str:
    return _plain(launch.name or f"{launch.given_name} {launch.family_name}", 200)


def _check_role(session: Session, registration: KnownRegistration, launch: Launch) -> None:
    """What we hold about somebody is theirs to see, whether they have a role here or not.

    Nor does an assessor need one, to come to the desk and nowhere else.
    """
    if launch.roles or launch.message_type == DATA_PRIVACY_REQUEST:
        return
    if not comes_as_assessor(session, registration, launch):
        raise NotAllowed(
            N_("Your role in this course gives no access to this activity."),
            code="role-unknown",
            advice=N_("Ask the people who run your course to enrol you as learner or tutor."),
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
    if launch.ags and launch.ags.lineitems:
        request_columns(session, placement)
    if Role.LEARNER.value in {role.value for role in launch.roles}:
        refresh_worth(session, enrolled.person_id, placement, delay=delay)

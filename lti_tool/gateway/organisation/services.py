"""Changing a connection: each change is noted with who made it, and can be taken back where possible."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.gateway.models import Deployment, RegistrationRow
from lti_tool.gateway.organisation.models import ConnectionChange
from lti_tool.gateway.organisation.queries import (
    change_of,
    connection_unknown,
    courses_through,
    failed_scores,
)
from lti_tool.gateway.organisation.rules import (
    MOST_RESENT,
    What,
    can_undo,
    changed_meanwhile,
    checked_name,
)
from lti_tool.gateway.registrations import registration_unknown
from lti_tool.gateway.rules import DeploymentPolicy, DeploymentStatus, RegistrationStatus
from lti_tool.gateway.services import accept_deployment
from lti_tool.grades import services as grades
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.web.models import WebSession
from lti_tool.web.sessions import end_sessions_of


@dataclass(frozen=True, slots=True)
class Settings:
    """One connection, open for changes by one administrator of its organisation.

    Without an actor it is the operator of the installation who changes it, by a command.
    """

    session: Session
    actor: Actor | None
    row: RegistrationRow

    def note(self, what: What, before: str, after: str, *, subject: str = "") -> int:
        """Adds a line to the log, and returns its number."""
        change = ConnectionChange(
            organisation_id=self.row.organisation_id,
            registration_id=self.row.id,
            actor_id=self.actor.person_id if self.actor else None,
            by_operator=self.actor is None,
            what=what.value,
            subject=subject,
            before=before,
            after=after,
            created_at=clock.now(),
        )
        self.session.add(change)
        self.session.flush()
        return change.id


def open_settings(session: Session, actor: Actor, number: int) -> Settings:
    """Returns a connection of the actor's organisation, locked; raises `NotFound` for any other."""
    row = session.execute(
        select(RegistrationRow)
        .where(
            RegistrationRow.id == number,
            RegistrationRow.organisation_id == actor.organisation_id,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise connection_unknown()
    return Settings(session, actor, row)


def open_by_operator(session: Session, number: int) -> Settings:
    """Returns any connection, locked, for a command; raises `NotFound` for an unknown number."""
    row = session.execute(
        select(RegistrationRow).where(RegistrationRow.id == number).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise registration_unknown(number)
    return Settings(session, None, row)


def note_approval(settings: Settings) -> int:
    """Notes that a connection that waited for approval is on from now on."""
    return settings.note(What.STATUS, "", settings.row.status)


def rename(settings: Settings, name: str) -> int | None:
    """Gives the connection a name; returns the change, or None when it was called that already.

    Raises `InvalidInput` for a name that is too long; an empty one takes the name away.
    """
    before, after = settings.row.name, checked_name(name)
    if before == after:
        return None
    settings.row.name = after
    return settings.note(What.NAME, before, after)


def set_policy(settings: Settings, policy: DeploymentPolicy) -> int | None:
    """Says what happens to deployments that come for the first time."""
    before = settings.row.deployment_policy
    if before == policy.value:
        return None
    settings.row.deployment_policy = policy.value
    return settings.note(What.POLICY, before, policy.value)


def switch(settings: Settings, status: RegistrationStatus) -> int | None:
    """Switches the connection on or off.

    Off ends its sessions at once; on sends the grades that could not go out meanwhile.
    """
    before = settings.row.status
    if before == status.value:
        return None
    settings.row.status = status.value
    change = settings.note(What.STATUS, before, status.value)
    if status is RegistrationStatus.ACTIVE:
        _send_what_was_held_back(settings)
    else:
        end_sessions_of(settings.session, settings.row.id)
    return change


def decide(settings: Settings, number: int, status: DeploymentStatus) -> int | None:
    """Accepts or refuses a deployment by its number; refusing ends its sessions at once.

    Raises `NotFound` for a deployment of another connection.
    """
    row = settings.session.execute(
        select(Deployment).where(
            Deployment.id == number, Deployment.registration_id == settings.row.id
        )
    ).scalar_one_or_none()
    if row is None:
        raise deployment_unknown()
    before = row.status
    if before == status.value:
        return None
    row.status = status.value
    if status is not DeploymentStatus.ACCEPTED:
        _end_sessions_through(settings.session, settings.row.id, row.deployment)
    return settings.note(What.DEPLOYMENT, before, status.value, subject=row.deployment)


def accept(settings: Settings, deployment: str) -> int | None:
    """Accepts a deployment by what the LMS calls it, perhaps before it came for the first time."""
    found = _deployment(settings, deployment)
    before, accepted = found.status if found else "", DeploymentStatus.ACCEPTED.value
    if before == accepted:
        return None
    accept_deployment(settings.session, settings.row.id, deployment)
    return settings.note(What.DEPLOYMENT, before, accepted, subject=deployment)


def resend(settings: Settings) -> int | None:
    """Sends the connection's failed grades again, at most so many; None where there are none."""
    failed = failed_scores(settings.session, settings.row.id, limit=MOST_RESENT)
    if not failed:
        return None
    return settings.note(What.GRADES, "", str(grades.retry(settings.session, failed)))


def undo(settings: Settings, number: int) -> int | None:
    """Takes a change back; returns the change that this is.

    Raises `NotFound` for a change of another connection, and `Conflict` where it was changed
    again since, or cannot be taken back by a click.
    """
    row = settings.session.execute(
        select(ConnectionChange).where(
            ConnectionChange.id == number, ConnectionChange.registration_id == settings.row.id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(N_("There is no such change of this connection."), code="change-unknown")
    change = change_of(row)
    if not can_undo(change, _present(settings, change.what, change.subject)):
        raise changed_meanwhile()
    match change.what:
        case What.NAME:
            return rename(settings, change.before)
        case What.POLICY:
            return set_policy(settings, DeploymentPolicy(change.before))
        case What.STATUS:
            return switch(settings, RegistrationStatus(change.before))
    found = _deployment(settings, change.subject)
    return decide(settings, found.id, DeploymentStatus(change.before)) if found else None


def deployment_unknown() -> NotFound:
    """Returns the refusal of a deployment that is not there, or another connection's."""
    return NotFound(N_("This connection has no such deployment."), code="deployment-unknown")


def _send_what_was_held_back(settings: Settings) -> None:
    session, number = settings.session, settings.row.id
    held = failed_scores(session, number, limit=MOST_RESENT, reason="registration-disabled")
    if held:
        grades.retry(session, held)


def _present(settings: Settings, what: What, subject: str) -> str:
    """Returns how what a change was about stands now."""
    if what is What.DEPLOYMENT:
        found = _deployment(settings, subject)
        return found.status if found else ""
    return {
        What.NAME: settings.row.name,
        What.POLICY: settings.row.deployment_policy,
        What.STATUS: settings.row.status,
    }.get(what, "")


def _deployment(settings: Settings, name: str) -> Deployment | None:
    return settings.session.execute(
        select(Deployment).where(
            Deployment.deployment == name, Deployment.registration_id == settings.row.id
        )
    ).scalar_one_or_none()


def _end_sessions_through(session: Session, number: int, deployment: str) -> None:
    courses = courses_through(number, deployment)
    session.execute(
        delete(WebSession)
        .where(WebSession.registration_id == number, WebSession.course_id.in_(courses))
        .execution_options(synchronize_session=False)
    )

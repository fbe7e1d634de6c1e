"""Reading of invitations, of what waits for approval, and of one registration in full."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Organisation
from lti_tool.gateway.connecting.models import Invitation, UsedForm, WaitingRegistration
from lti_tool.gateway.connecting.rules import KnownInvitation
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.rules import DeploymentPolicy
from lti_tool.kernel import clock
from lti_tool.kernel.secrets import digest

_INVITATIONS = select(Invitation, Organisation.name).join(
    Organisation, Organisation.id == Invitation.organisation_id
)


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """Everything that is stored of a registration itself, for the operator and for settings."""

    id: int
    organisation_id: int
    organisation: str
    name: str
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str
    product: str
    deployment_policy: str
    status: str
    scopes: tuple[str, ...]
    created_at: datetime


def registration_facts(session: Session, registration_id: int) -> RegistrationFacts | None:
    """Returns what is stored of a registration, or None."""
    row = session.execute(
        select(RegistrationRow, Organisation.name)
        .join(Organisation, Organisation.id == RegistrationRow.organisation_id)
        .where(RegistrationRow.id == registration_id)
    ).first()
    if row is None:
        return None
    found, organisation = row
    return RegistrationFacts(
        id=found.id,
        organisation_id=found.organisation_id,
        organisation=organisation,
        name=found.name,
        issuer=found.issuer,
        client_id=found.client_id,
        auth_login_url=found.auth_login_url,
        token_url=found.token_url,
        jwks_url=found.jwks_url,
        token_audience=found.token_audience,
        product=found.product,
        deployment_policy=found.deployment_policy,
        status=found.status,
        scopes=tuple(found.scopes.split()),
        created_at=found.created_at,
    )


def invitation_of(session: Session, token: str) -> KnownInvitation | None:
    """Returns the invitation of a token, or None."""
    row = session.execute(_INVITATIONS.where(Invitation.token_digest == digest(token))).first()
    return _invitation(*row) if row else None


def all_invitations(session: Session) -> list[KnownInvitation]:
    """Returns every invitation that is remembered, newest first. For the operator."""
    rows = session.execute(_INVITATIONS.order_by(Invitation.id.desc()))
    return [_invitation(found, organisation) for found, organisation in rows]


def waiting_registrations(session: Session) -> list[WaitingRegistration]:
    """Returns what waits for approval, oldest first. For the operator."""
    found = (
        select(WaitingRegistration)
        .where(WaitingRegistration.ends_at > clock.now())
        .order_by(WaitingRegistration.id)
    )
    return list(session.execute(found).scalars())


def is_waiting(session: Session, issuer: str, client_id: str | None) -> bool:
    """Says whether a registration of this issuer waits for approval; of this client, if named."""
    found = select(WaitingRegistration.id).where(
        WaitingRegistration.issuer == issuer, WaitingRegistration.ends_at > clock.now()
    )
    if client_id:
        found = found.where(WaitingRegistration.client_id == client_id)
    return session.execute(found.limit(1)).first() is not None


def used_form(session: Session, form: str) -> bool | None:
    """Returns whether what a confirmation began was stored; None for one that was never sent."""
    found = session.execute(select(UsedForm.is_stored).where(UsedForm.form == form))
    return found.scalar_one_or_none()


def _invitation(found: Invitation, organisation: str) -> KnownInvitation:
    return KnownInvitation(
        id=found.id,
        organisation_id=found.organisation_id,
        organisation=organisation,
        replaces_id=found.replaces_id,
        policy=DeploymentPolicy(found.deployment_policy),
        created_at=found.created_at,
        ends_at=found.ends_at,
        used_at=found.used_at,
        revoked_at=found.revoked_at,
        registration_id=found.registration_id,
    )

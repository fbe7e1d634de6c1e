"""Reading of registrations and logins."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.gateway.models import Deployment, LoginRow, RegistrationRow
from lti_tool.gateway.rules import (
    DeploymentPolicy,
    KnownRegistration,
    Login,
    RegistrationStatus,
)
from lti_tool.kernel.database import run
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import digest
from lti_tool.lti.registration import Registration

_R = table_of(RegistrationRow)
_L = table_of(LoginRow)
_DEPLOYMENTS = table_of(Deployment)

_REGISTRATION = (
    _R.c.id.label("registration_id"),
    _R.c.organisation_id,
    _R.c.issuer,
    _R.c.client_id,
    _R.c.auth_login_url,
    _R.c.token_url,
    _R.c.jwks_url,
    _R.c.token_audience,
    _R.c.product,
    _R.c.deployment_policy,
    _R.c.status,
)
# Built once: these run in every launch.
_LOGIN_BY_STATE = (
    select(
        _L.c.id,
        _L.c.nonce,
        _L.c.browser,
        _L.c.storage_target,
        _L.c.ends_at,
        _L.c.consumed_at,
        *_REGISTRATION,
    )
    .join(_R, _R.c.id == _L.c.registration_id)
    .where(_L.c.state_digest == bindparam("state"))
)
_OF_ISSUER = select(*_REGISTRATION).where(_R.c.issuer == bindparam("issuer")).limit(2)
_OF_CLIENT = _OF_ISSUER.where(_R.c.client_id == bindparam("client"))
_DEPLOYMENT_STATUS = select(_DEPLOYMENTS.c.status).where(
    _DEPLOYMENTS.c.registration_id == bindparam("registration"),
    _DEPLOYMENTS.c.deployment == bindparam("deployment"),
)


def registration_by_id(session: Session, registration_id: int) -> KnownRegistration | None:
    """Returns a registration by its number, or None."""
    row = session.execute(select(*_REGISTRATION).where(_R.c.id == registration_id)).first()
    return _registration(row) if row else None


def registrations_of_issuer(
    session: Session, issuer: str, client_id: str | None = None
) -> list[KnownRegistration]:
    """Returns the registrations of an issuer; with a client id, the one there is or none."""
    if client_id:
        rows = run(session, _OF_CLIENT, issuer=issuer, client=client_id)
    else:
        rows = run(session, _OF_ISSUER, issuer=issuer)
    return [_registration(row) for row in rows]


def all_registrations(session: Session) -> list[KnownRegistration]:
    """Returns every registration, oldest first. For the operator."""
    rows = session.execute(select(*_REGISTRATION).order_by(_R.c.id))
    return [_registration(row) for row in rows]


def deployments_of(session: Session, registration_id: int) -> list[tuple[str, str]]:
    """Returns a registration's deployments with their status. For the operator."""
    rows = session.execute(
        select(Deployment.deployment, Deployment.status)
        .where(Deployment.registration_id == registration_id)
        .order_by(Deployment.id)
    )
    return [(row.deployment, row.status) for row in rows]


def deployment_status(session: Session, registration_id: int, deployment: str) -> str | None:
    """Returns whether a deployment is accepted or pending; None for one never seen."""
    found = run(session, _DEPLOYMENT_STATUS, registration=registration_id, deployment=deployment)
    return found.scalar_one_or_none()


def login_by_state(session: Session, state: str) -> Login | None:
    """Returns the login of a `state`, with its registration, or None."""
    row = run(session, _LOGIN_BY_STATE, state=digest(state)).first()
    if row is None:
        return None
    return Login(
        id=row.id,
        nonce=row.nonce,
        browser=row.browser,
        storage_target=row.storage_target,
        ends_at=row.ends_at,
        is_consumed=row.consumed_at is not None,
        registration=_registration(row),
    )


def _registration(row: Any) -> KnownRegistration:
    return KnownRegistration(
        protocol=Registration(
            id=row.registration_id,
            issuer=row.issuer,
            client_id=row.client_id,
            auth_login_url=row.auth_login_url,
            token_url=row.token_url,
            jwks_url=row.jwks_url,
            token_audience=row.token_audience or None,
            product=row.product,
        ),
        organisation_id=row.organisation_id,
        policy=DeploymentPolicy(row.deployment_policy),
        status=RegistrationStatus(row.status),
    )

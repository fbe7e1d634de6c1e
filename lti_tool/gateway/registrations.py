"""Registrations: adding, changing and disabling them, for the operator."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.courses.services import find_or_add_organisation
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.rules import DeploymentPolicy, RegistrationStatus
from lti_tool.gateway.services import accept_deployment
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.web.sessions import end_sessions_of


@dataclass(frozen=True, slots=True)
class NewRegistration:
    """What an operator knows of an LMS that is to be connected."""

    organisation: str
    issuer: str
    client_id: str
    auth_login_url: str
    token_url: str
    jwks_url: str
    token_audience: str = ""
    product: str = ""
    deployments: tuple[str, ...] = ()


def add_registration(session: Session, new: NewRegistration) -> int:
    """Stores a registration and returns its number; one of the same organisation is changed.

    With deployments named, only those are let in; else every deployment of the registration.
    Raises `InvalidInput` for what is no web address, and `Conflict` for a client id that another
    organisation holds on this issuer.
    """
    _check_addresses(new)
    organisation_id = find_or_add_organisation(session, new.organisation)
    row = session.execute(
        select(RegistrationRow).where(
            RegistrationRow.issuer == new.issuer, RegistrationRow.client_id == new.client_id
        )
    ).scalar_one_or_none()
    if row is None:
        row = RegistrationRow(
            organisation_id=organisation_id,
            issuer=new.issuer,
            client_id=new.client_id,
            created_at=clock.now(),
        )
        session.add(row)
    elif row.organisation_id != organisation_id:
        raise Conflict(
            f"The client id {new.client_id} on {new.issuer} belongs to another organisation.",
            code="registration-taken",
            advice="Ask the LMS for a client id of its own for this organisation.",
        )
    row.auth_login_url = new.auth_login_url
    row.token_url = new.token_url
    row.jwks_url = new.jwks_url
    row.token_audience = new.token_audience
    row.product = new.product
    policy = DeploymentPolicy.KNOWN if new.deployments else DeploymentPolicy.ACCEPT
    row.deployment_policy = policy.value
    row.status = RegistrationStatus.ACTIVE.value
    session.flush()
    for deployment in new.deployments:
        accept_deployment(session, row.id, deployment)
    return row.id


def set_status(session: Session, registration_id: int, status: RegistrationStatus) -> None:
    """Switches a registration on or off; off ends its sessions at once. Raises `NotFound`."""
    changed = session.execute(
        update(RegistrationRow)
        .where(RegistrationRow.id == registration_id)
        .values(status=status.value)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise NotFound(
            f"There is no registration {registration_id}.",
            code="registration-unknown",
            advice="`imhcf platform list` shows them with their numbers.",
        )
    if status is not RegistrationStatus.ACTIVE:
        end_sessions_of(session, registration_id)


def _check_addresses(new: NewRegistration) -> None:
    named = {
        "--auth-login-url": new.auth_login_url,
        "--token-url": new.token_url,
        "--jwks-url": new.jwks_url,
    }
    for option, address in named.items():
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise InvalidInput(
                f"{option} is not a web address: {address}.",
                code="address-wrong",
                advice="Copy it from the LMS's page of the tool, with https:// in front.",
            )
    if not new.issuer.strip() or not new.client_id.strip() or not new.organisation.strip():
        raise InvalidInput("Organisation, issuer and client id are needed.", code="value-missing")

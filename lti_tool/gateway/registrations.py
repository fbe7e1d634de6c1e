"""Registrations: adding them by hand and changing their addresses, for the operator."""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.services import find_or_add_organisation
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.rules import DeploymentPolicy, RegistrationStatus
from lti_tool.gateway.services import accept_deployment
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.lti.addresses import origin


class HasAddresses(Protocol):
    """Anything that says where an LMS is and what it calls this tool."""

    @property
    def issuer(self) -> str: ...

    @property
    def client_id(self) -> str: ...

    @property
    def auth_login_url(self) -> str: ...

    @property
    def token_url(self) -> str: ...

    @property
    def jwks_url(self) -> str: ...


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
    check_addresses(new)
    if not new.organisation.strip():
        raise InvalidInput("The organisation is needed.", code="value-missing")
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


def registration_unknown(registration_id: int) -> NotFound:
    """Returns the refusal of a number that no registration has. For the operator."""
    return NotFound(
        f"There is no registration {registration_id}.",
        code="registration-unknown",
        advice="`imhcf platform list` shows them with their numbers.",
    )


def check_addresses(new: HasAddresses) -> None:
    """Raises `InvalidInput` for what is no web address, naming the option of the command."""
    named = {
        "--auth-login-url": new.auth_login_url,
        "--token-url": new.token_url,
        "--jwks-url": new.jwks_url,
    }
    for option, address in named.items():
        if origin(address) is None:
            raise InvalidInput(
                f"{option} is not a web address: {address}.",
                code="address-wrong",
                advice="Copy it from the LMS's page of the tool, with https:// in front.",
            )
    if not new.issuer.strip() or not new.client_id.strip():
        raise InvalidInput("Issuer and client id are needed.", code="value-missing")

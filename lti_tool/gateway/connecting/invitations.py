"""Invitations: making, withdrawing and using up the addresses with which LMSs connect themselves."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.courses.services import find_or_add_organisation
from lti_tool.gateway.connecting.models import Invitation
from lti_tool.gateway.connecting.queries import invitation_of
from lti_tool.gateway.connecting.rules import (
    MOST_INVITATION_DAYS,
    KnownInvitation,
    invitation_used,
    usable,
)
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.registrations import registration_unknown
from lti_tool.gateway.rules import DeploymentPolicy
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.kernel.secrets import digest, new_token


def invite(
    session: Session,
    organisation: str,
    *,
    days: int,
    policy: DeploymentPolicy = DeploymentPolicy.ACCEPT,
    replaces: int | None = None,
) -> str:
    """Stores an invitation and returns its token, which exists nowhere else.

    Raises `InvalidInput` for a life that is none, and `NotFound` or `Conflict` for a
    registration to replace that is not there or not this organisation's.
    """
    if not 1 <= days <= MOST_INVITATION_DAYS:
        raise InvalidInput(
            f"An invitation lives for 1 to {MOST_INVITATION_DAYS} days.", code="days-wrong"
        )
    organisation_id = organisation_called(session, organisation)
    if (
        replaces is not None
        and registration_row(session, replaces).organisation_id != organisation_id
    ):
        raise Conflict(
            f"Registration {replaces} belongs to another organisation.",
            code="registration-taken",
            advice="`imhcf platform list` shows whose it is.",
        )
    token, now = new_token(), clock.now()
    session.add(
        Invitation(
            token_digest=digest(token),
            organisation_id=organisation_id,
            replaces_id=replaces,
            deployment_policy=policy.value,
            created_at=now,
            ends_at=now + timedelta(days=days),
        )
    )
    session.flush()
    return token


def revoke(session: Session, invitation_id: int) -> None:
    """Withdraws an invitation that nobody used; raises `NotFound`, and `Conflict` for a used one."""
    row = session.get(Invitation, invitation_id)
    if row is None:
        raise NotFound(
            f"There is no invitation {invitation_id}.",
            code="invitation-unknown",
            advice="`imhcf platform invitations` shows them with their numbers.",
        )
    if row.used_at:
        raise invitation_used()
    row.revoked_at = row.revoked_at or clock.now()


def take_invitation(session: Session, token: str) -> KnownInvitation:
    """Uses an invitation up and returns it; raises the refusal of one that may not be used.

    One atomic statement: of two confirmations with one invitation, only one goes on.
    """
    found = usable(invitation_of(session, token), clock.now())
    used = session.execute(
        update(Invitation)
        .where(
            Invitation.id == found.id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise invitation_used()
    return found


def registration_row(session: Session, number: int) -> RegistrationRow:
    """Returns a registration to be changed; raises `NotFound`."""
    row = session.get(RegistrationRow, number)
    if row is None:
        raise registration_unknown(number)
    return row


def organisation_called(session: Session, name: str) -> int:
    """Returns the organisation, made if need be; raises `InvalidInput` for no name."""
    if not name.strip() or len(name.strip()) > 200:
        raise InvalidInput(
            "The organisation needs a name of at most 200 characters.", code="value-missing"
        )
    return find_or_add_organisation(session, name.strip())

"""Registrations that LMSs make: keeping them, approving them, forgetting them."""

from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.gateway.connecting.invitations import (
    organisation_called,
    registration_row,
    take_invitation,
)
from lti_tool.gateway.connecting.models import Invitation, UsedForm, WaitingRegistration
from lti_tool.gateway.connecting.queries import invitation_of, is_waiting, used_form
from lti_tool.gateway.connecting.replacing import Addresses, replace_registration
from lti_tool.gateway.connecting.rules import (
    MOST_WAITING,
    MOST_WAITING_OF_ISSUER,
    USED_FORM_LIFE,
    WAITING_LIFE,
    Connected,
    KnownInvitation,
    Outcome,
    form_used,
    taken,
    too_many_waiting,
    usable,
    waits,
)
from lti_tool.gateway.models import RegistrationRow
from lti_tool.gateway.rules import DeploymentPolicy, RegistrationStatus
from lti_tool.gateway.services import accept_deployment
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import NotFound

# An invitation is shown in lists for so long after its end.
_REMEMBERED = timedelta(days=90)


def begin_registration(session: Session, form: str, invitation: str) -> None:
    """Notes that a confirmation is used, before the LMS is asked to register this tool.

    Raises the refusal of a confirmation that was sent before, of an invitation that may not be
    used any more, and of one more registration where too many wait.
    """
    added = session.execute(
        insert_into(session, UsedForm)
        .values(form=form, is_stored=False, ends_at=clock.now() + USED_FORM_LIFE)
        .on_conflict_do_nothing()
        .returning(UsedForm.id)
    )
    if added.first() is None:
        raise form_used(is_stored=bool(used_form(session, form)))
    if invitation:
        usable(invitation_of(session, invitation), clock.now())
    else:
        _check_flood(session, issuer=None)


def keep(session: Session, form: str, connected: Connected, invitation: str) -> Outcome:
    """Stores what the LMS registered, and returns what became of it.

    With an invitation it belongs to that organisation and is approved; the invitation is used up
    in the same transaction, so that one whose registration was not kept can be used again.
    """
    if invitation:
        outcome = _keep_invited(session, connected, take_invitation(session, invitation))
    else:
        outcome = _keep_waiting(session, connected)
    session.execute(update(UsedForm).where(UsedForm.form == form).values(is_stored=True))
    return outcome


def approve(session: Session, number: int, organisation: str) -> int:
    """Gives a waiting registration to an organisation, and returns its number from now on."""
    waiting = session.get(WaitingRegistration, number)
    if waiting is None or waiting.ends_at <= clock.now():
        raise NotFound(
            f"No registration {number} waits for approval.",
            code="registration-unknown",
            advice="`imhcf platform list` shows those that wait, with their numbers.",
        )
    organisation_id = organisation_called(session, organisation)
    if _of_client(session, waiting.issuer, waiting.client_id) is not None:
        raise taken()
    row = _added(session, _connected(waiting), organisation_id, DeploymentPolicy.ACCEPT)
    session.delete(waiting)
    session.flush()
    return row.id


def check_waiting(session: Session, issuer: str, client_id: str | None) -> None:
    """Raises `NotAllowed` where the registration of a login waits for approval."""
    if is_waiting(session, issuer, client_id):
        raise waits()


def purge_connecting(session: Session) -> None:
    """Forgets waiting registrations, used forms and invitations whose time is long over."""
    now = clock.now()
    session.execute(delete(WaitingRegistration).where(WaitingRegistration.ends_at <= now))
    session.execute(delete(UsedForm).where(UsedForm.ends_at <= now))
    session.execute(delete(Invitation).where(Invitation.ends_at <= now - _REMEMBERED))


def _keep_invited(session: Session, connected: Connected, invitation: KnownInvitation) -> Outcome:
    row = _of_client(session, connected.issuer, connected.client_id)
    is_new = row is None and invitation.replaces_id is None
    if invitation.replaces_id is not None:
        replace_registration(session, invitation.replaces_id, _addresses(connected))
        row = registration_row(session, invitation.replaces_id)
        session.refresh(row)
        row.scopes = connected.scopes
    elif row is None:
        row = _added(session, connected, invitation.organisation_id, invitation.policy)
    elif row.organisation_id != invitation.organisation_id:
        raise taken()
    else:
        _change(session, row, connected)
    session.execute(
        delete(WaitingRegistration).where(
            WaitingRegistration.issuer == connected.issuer,
            WaitingRegistration.client_id == connected.client_id,
        )
    )
    session.execute(
        update(Invitation).where(Invitation.id == invitation.id).values(registration_id=row.id)
    )
    return Outcome(
        number=row.id,
        is_new=is_new,
        is_active=row.status == RegistrationStatus.ACTIVE.value,
        organisation=invitation.organisation,
        is_replaced=invitation.replaces_id is not None,
    )


def _keep_waiting(session: Session, connected: Connected) -> Outcome:
    if _of_client(session, connected.issuer, connected.client_id) is not None:
        raise taken()
    same = (
        WaitingRegistration.issuer == connected.issuer,
        WaitingRegistration.client_id == connected.client_id,
    )
    known = session.execute(delete(WaitingRegistration).where(*same))
    is_new = not known.rowcount  # type: ignore[attr-defined]
    if is_new:
        _check_flood(session, connected.issuer)
    now = clock.now()
    values = {name: getattr(connected, name) for name in Connected.__slots__}
    session.execute(
        insert(WaitingRegistration).values(**values, created_at=now, ends_at=now + WAITING_LIFE)
    )
    return Outcome(number=0, is_new=is_new, is_active=False)


def _check_flood(session: Session, issuer: str | None) -> None:
    """Anybody can register without an invitation: so many may wait, and so many of one LMS."""
    counted = (
        select(func.count())
        .select_from(WaitingRegistration)
        .where(WaitingRegistration.ends_at > clock.now())
    )
    if session.execute(counted).scalar_one() >= MOST_WAITING:
        raise too_many_waiting()
    if issuer is not None:
        of_issuer = counted.where(WaitingRegistration.issuer == issuer)
        if session.execute(of_issuer).scalar_one() >= MOST_WAITING_OF_ISSUER:
            raise too_many_waiting()


def _added(
    session: Session, connected: Connected, organisation_id: int, policy: DeploymentPolicy
) -> RegistrationRow:
    row = RegistrationRow(
        organisation_id=organisation_id,
        issuer=connected.issuer,
        client_id=connected.client_id,
        deployment_policy=policy.value,
        status=RegistrationStatus.ACTIVE.value,
        created_at=clock.now(),
        name=connected.name,
    )
    session.add(row)
    _change(session, row, connected)
    return row


def _change(session: Session, row: RegistrationRow, connected: Connected) -> None:
    """Takes up what the LMS says now. What an operator decided (name, policy, status) stays."""
    row.auth_login_url = connected.auth_login_url
    row.token_url = connected.token_url
    row.jwks_url = connected.jwks_url
    row.token_audience = connected.token_audience
    row.product = connected.product
    row.scopes = connected.scopes
    session.flush()
    if connected.deployment:
        accept_deployment(session, row.id, connected.deployment)


def _connected(waiting: WaitingRegistration) -> Connected:
    return Connected(**{name: getattr(waiting, name) for name in Connected.__slots__})


def _addresses(connected: Connected) -> Addresses:
    return Addresses(
        issuer=connected.issuer,
        client_id=connected.client_id,
        auth_login_url=connected.auth_login_url,
        token_url=connected.token_url,
        jwks_url=connected.jwks_url,
        token_audience=connected.token_audience,
        product=connected.product,
        deployment=connected.deployment,
    )


def _of_client(session: Session, issuer: str, client_id: str) -> RegistrationRow | None:
    return session.execute(
        select(RegistrationRow).where(
            RegistrationRow.issuer == issuer, RegistrationRow.client_id == client_id
        )
    ).scalar_one_or_none()

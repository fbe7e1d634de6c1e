"""How the organisation sends e-mail: settings, a test to oneself, what goes wrong; for administrators."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.notifications.letters import test_letter
from lti_tool.notifications.mail_rules import (
    NOTHING_TYPED,
    Failed,
    Reason,
    TypedMail,
    parse_mail,
)
from lti_tool.notifications.mail_wording import REASONS
from lti_tool.notifications.mailing import (
    change_mail,
    note_failed,
    note_sent,
    recent_failures,
    server_of,
    waiting_count,
)
from lti_tool.notifications.opening import open_place, page, stay_here
from lti_tool.notifications.queries import MailState, address_of, mail_state
from lti_tool.notifications.transport import send
from lti_tool.web.guards import administrator
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("mail", __name__, url_prefix="/at/<slot>/p/<placement>/mail")
blueprint.url_defaults(stay_here)

_KEPT = ("host", "port", "security", "username", "sender_name", "sender_address")


@blueprint.get("")
@administrator
def settings(actor: Actor, placement: str) -> ResponseReturnValue:
    """Does e-mail go out from here, and what is wrong with it?"""
    state = mail_state(db(), actor.organisation_id)
    return _page(actor, placement, _typed(state), state, done=request.args.get("done", ""))


@blueprint.post("")
@administrator
def change(actor: Actor, placement: str) -> ResponseReturnValue:
    """Stores the settings. A form that is wrong comes back as typed, without the password."""
    open_place(actor, placement)
    state = mail_state(db(), actor.organisation_id)
    typed, wishes = parse_mail(
        request.form,
        allow_private=runtime().settings.allow_private_network,
        keeps=_typed(state).values if state and state.sealed_password else None,
    )
    if wishes is None:
        return _page(actor, placement, typed, state), 400
    change_mail(db(), runtime().secrets, actor, wishes)
    return redirect(url_for(".settings", done="saved"), 303)


@blueprint.post("/test")
@administrator
def test(actor: Actor, placement: str) -> ResponseReturnValue:
    """Sends a message to myself by the settings that are stored, and says what came of it."""
    open_place(actor, placement)
    state, to = mail_state(db(), actor.organisation_id), address_of(db(), actor.person_id)
    if state is None or not to:
        return redirect(url_for(".settings"), 303)
    close_transaction()  # nothing was changed; and no transaction waits for a mail server
    failed = _try(state, to)
    if failed is None:
        note_sent(db(), actor.organisation_id, None)
    else:
        note_failed(db(), actor.organisation_id, None, failed, gives_up=False)
    state = mail_state(db(), actor.organisation_id)
    return _page(actor, placement, _typed(state), state, tested=failed or True)


def _try(state: MailState, to: str) -> Failed | None:
    config, secrets = runtime().settings, runtime().secrets
    server = server_of(state, secrets)
    if isinstance(server, Failed):
        return server
    message = test_letter(
        (state.sender_name or gettext("Portfolio tool"), state.sender_address),
        to,
        config.base_url,
        gettext,
        name=new_public_id(),
        at=clock.now(),
    )
    if message is None:
        return Failed(Reason.RECIPIENT_UNFIT)
    return send(
        server,
        message,
        allow_private=config.allow_private_network,
        timeout=config.outgoing_timeout_seconds,
    )


def _typed(state: MailState | None) -> TypedMail:
    if state is None:
        return NOTHING_TYPED
    values = {name: str(getattr(state, name)) for name in _KEPT}
    return TypedMail(values | {"enabled": "yes" if state.enabled else ""})


def _page(
    actor: Actor,
    placement: str,
    form: TypedMail,
    state: MailState | None,
    *,
    tested: Failed | bool = False,
    done: str = "",
) -> str:
    place = open_place(actor, placement)
    return page(
        "mail",
        actor,
        place,
        form=form,
        state=state,
        tested=tested,
        reasons=REASONS,
        to=address_of(db(), actor.person_id),
        waiting=waiting_count(db(), actor.organisation_id),
        failures=recent_failures(db(), actor.organisation_id),
        securities=_SECURITIES,
        done=done,
    )


_SECURITIES = {
    "starttls": N_("STARTTLS, as a rule at port 587"),
    "tls": N_("TLS from the start, as a rule at port 465"),
    "none": N_("None: only for a server that needs no password"),
}

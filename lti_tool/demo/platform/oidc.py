"""Login: initiated here, asked for by the tool, answered with an id_token.

Security framework 1.0, section 5.1.1 (OpenID Connect launch flow); OIDC core, section 4.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import LaunchTicket, Person, PickTicket, Placement
from lti_tool.demo.people import course_numbered
from lti_tool.demo.platform.about import note_about, taken_about, with_people
from lti_tool.demo.platform.launches import Opening, launch_claims, signed
from lti_tool.demo.platform.picks import Asking, asked_ticket, new_ticket, pick_claims
from lti_tool.kernel.clock import now
from lti_tool.kernel.errors import InvalidInput, NotAllowed

TICKET_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class AutoForm:
    """A form that sends itself to the tool."""

    action: str
    method: str
    fields: Mapping[str, str]


class LoginRefused(Exception):
    """The request is the tool's, and wrong: the tool is told (OIDC core, section 3.1.2.6)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def initiate(lms: Lms, session: Session, opening: Opening, method: str) -> AutoForm:
    """Returns the form that begins a login at the tool (LTI 1.3 core, section 5.1.1)."""
    person, placement = opening.person, opening.placement
    profile = lms.profile
    ticket = LaunchTicket(
        message_hint=profile.message_hint(secrets.token_hex(16), placement),
        login_hint=profile.subject(person),
        person_id=person.id,
        placement_id=placement.id,
        document_target=opening.document_target,
        expires_at=now() + TICKET_LIFE,
    )
    session.execute(delete(LaunchTicket).where(LaunchTicket.expires_at < now()))
    session.add(ticket)
    note_about(session, opening, ticket.message_hint)
    return _begun(lms, ticket, _deployment(lms, session, placement), method)


def initiate_pick(lms: Lms, session: Session, asking: Asking, method: str) -> AutoForm:
    """Returns the form that begins a login for a deep linking request (Deep Linking 2.0, 3)."""
    ticket = new_ticket(lms, session, asking)
    return _begun(lms, ticket, lms.deployment_id(asking.course), method)


def _begun(lms: Lms, ticket: LaunchTicket | PickTicket, deployment: str, method: str) -> AutoForm:
    fields = {
        "iss": lms.settings.base_url,
        "login_hint": ticket.login_hint,
        "target_link_uri": lms.settings.tool_launch_url,
        "lti_message_hint": ticket.message_hint,
        "client_id": lms.tool.client_id,
        "lti_deployment_id": deployment,
    }
    if lms.storage_target:
        fields["lti_storage_target"] = lms.storage_target
    lms.calls.note("login", method, 200)
    return AutoForm(lms.tool.login_url or lms.settings.tool_login_url, method, fields)


def send_form(form: AutoForm) -> Response:
    """Returns the page that holds a form and sends it off by itself."""
    response = make_response(render_template("demo/forward.html", form=form))
    response.headers["Cache-Control"] = "no-store"
    return response


def authorisation() -> Response:
    """The authorisation endpoint: answers the tool's request with an id_token, or an error.

    Nothing is sent anywhere before client and redirect URI are known to be the tool's.
    """
    lms, sent = current_lms(), request.values
    if sent.get("client_id") != lms.tool.client_id:
        raise InvalidInput(_("This login comes from a tool that is not registered here."))
    known = lms.tool.redirect_uris or (lms.settings.tool_launch_url,)
    if sent.get("redirect_uri") not in known:
        raise InvalidInput(
            _("This login is to be answered at an address that was not registered."),
            advice=_("It has to be exactly %(url)s.", url=known[0]),
        )
    try:
        fields = {"id_token": _answer(lms, sent)}
        lms.calls.count("launches")
    except LoginRefused as refused:
        fields = {"error": refused.error, "error_description": refused.description}
        lms.calls.count("logins_refused")
    lms.calls.note("auth", request.method, 400 if "error" in fields else 200)
    if "state" in sent:
        fields["state"] = sent["state"]
    if lms.storage_target:
        fields["lti_storage_target"] = lms.storage_target
    return send_form(AutoForm(sent["redirect_uri"], "POST", fields))


def _answer(lms: Lms, sent: Mapping[str, str]) -> str:
    _check(sent)
    with lms.database.writing() as session:
        pick = asked_ticket(session, sent["lti_message_hint"])
        used = None if pick else _used_ticket(session, sent["lti_message_hint"])
    if pick is not None:
        return _answer_pick(lms, pick, sent)
    ticket = _check_ticket(used, sent["login_hint"])
    with lms.database.reading() as session:
        person = session.get_one(Person, ticket.person_id)
        placement = session.get_one(Placement, ticket.placement_id)
        opening = Opening(person, placement, ticket.document_target)
        about = taken_about(session, ticket.message_hint)
        try:
            claims = launch_claims(lms, session, opening, sent["nonce"])
            claims = with_people(lms, session, opening, claims, about)
        except NotAllowed as refused:
            raise LoginRefused("access_denied", refused.sentence) from None
    return signed(lms, claims)


def _answer_pick(lms: Lms, ticket: PickTicket, sent: Mapping[str, str]) -> str:
    _check_hint(ticket.login_hint, sent["login_hint"])
    with lms.database.reading() as session:
        try:
            claims = pick_claims(lms, session, ticket, sent["nonce"])
        except NotAllowed as refused:
            raise LoginRefused("access_denied", refused.sentence) from None
    return signed(lms, claims)


def _check(sent: Mapping[str, str]) -> None:
    """The fixed values of the request (security framework 1.0, section 5.1.1.2)."""
    if "openid" not in sent.get("scope", "").split():
        raise LoginRefused("invalid_scope", "scope has to be openid")
    if sent.get("response_type") != "id_token":
        raise LoginRefused("unsupported_response_type", "response_type has to be id_token")
    wanted = {"response_mode": "form_post", "prompt": "none"}
    for name, value in wanted.items():
        if sent.get(name) != value:
            raise LoginRefused("invalid_request", f"{name} has to be {value}")
    for name in ("nonce", "login_hint", "lti_message_hint"):
        if not sent.get(name):
            raise LoginRefused("invalid_request", f"{name} is missing")


def _used_ticket(session: Session, message_hint: str) -> LaunchTicket | None:
    """Returns the login that was initiated; it is over then, whatever comes of it."""
    ticket = session.get(LaunchTicket, message_hint)
    if ticket is not None:
        session.delete(ticket)
    return ticket


def _check_ticket(ticket: LaunchTicket | None, login_hint: str) -> LaunchTicket:
    if ticket is None or ticket.expires_at < now():
        raise LoginRefused("login_required", "lti_message_hint is unknown, used or too old")
    _check_hint(ticket.login_hint, login_hint)
    return ticket


def _check_hint(expected: str, login_hint: str) -> None:
    if not secrets.compare_digest(expected.encode(), login_hint.encode()):
        raise LoginRefused("access_denied", "login_hint belongs to somebody else")


def _deployment(lms: Lms, session: Session, placement: Placement) -> str:
    return lms.deployment_id(course_numbered(session, placement.course_id))

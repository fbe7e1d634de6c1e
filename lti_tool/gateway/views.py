"""The LTI routes: login, launch, key set, and the way into a session after a launch."""

import hmac
from collections.abc import Mapping

import structlog
from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lti_tool.gateway.protocol import protocol
from lti_tool.gateway.queries import login_by_state, registrations_of_issuer
from lti_tool.gateway.rules import (
    ASK_SUPPORT,
    ASKING_TICKET_LIFE,
    LOGIN_LIFE,
    OPEN_AGAIN,
    UNPROVEN,
    KnownRegistration,
    browser_differs,
    check_browser,
    check_login,
    check_registration,
)
from lti_tool.gateway.services import (
    Admission,
    DeploymentUnknown,
    MustAsk,
    admit,
    begin_login,
    note_pending_deployment,
    redeem_ticket,
)
from lti_tool.kernel import clock
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotSignedIn, TooLarge
from lti_tool.kernel.secrets import digest, new_token
from lti_tool.kernel.text import N_
from lti_tool.lti.addresses import same_origin
from lti_tool.lti.claims import RESOURCE_LINK_REQUEST
from lti_tool.lti.launch import login_redirect, verify_launch
from lti_tool.lti.messages import Launch
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.web.guards import public
from lti_tool.web.requests import runtime
from lti_tool.web.sessions import open_session, set_cookie, set_session_cookie

log = structlog.get_logger()
blueprint = Blueprint("gateway", __name__, url_prefix="/lti")

LOGIN_COOKIE = "imhcf_login_"
# Says no more than that this browser keeps our cookies; see `rules.check_browser`.
KEEPS_COOKIES = "imhcf_keeps_cookies"
# More logins than this in one browser were abandoned; headers have a limited size.
MOST_LOGIN_COOKIES = 12
ASKED = "imhcf_asked"
COOKIE_PATH = "/lti/"
MAX_PARAMETER = 8_000
MAX_LAUNCH_BYTES = 256 * 1024


@blueprint.route("/login", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    """Third-party-initiated login (LTI security framework 1.0, 5.1.1.1), by GET or POST."""
    sent = _parameters()
    target = _required(sent, "target_link_uri")
    hint = _required(sent, "login_hint")
    if not same_origin(target, runtime().settings.base_url):
        raise InvalidInput(
            N_("Your course asked this tool for a page that is not ours."),
            code="target-foreign",
            advice=ASK_SUPPORT,
        )
    with runtime().database.transaction() as session:
        found = registrations_of_issuer(session, _required(sent, "iss"), sent.get("client_id"))
        registration = _the_one(found)
        begun = begin_login(session, registration, target)
    address = login_redirect(
        registration.protocol,
        redirect_uri=f"{runtime().settings.base_url}/lti/launch",
        state=begun.state,
        nonce=begun.nonce,
        login_hint=hint,
        lti_message_hint=sent.get("lti_message_hint"),
    )
    response = redirect(address, 302)
    _set_cookie(response, _login_cookie(begun.state), begun.browser)
    _set_cookie(response, KEEPS_COOKIES, "1")
    _forget(response, _login_cookie_names()[: -MOST_LOGIN_COOKIES + 1])
    return response


@blueprint.post("/launch")
@public
def launch() -> ResponseReturnValue:
    """The one redirect URI for every message: an `id_token` with our `state` (5.1.1.3)."""
    if (request.content_length or 0) > MAX_LAUNCH_BYTES:
        raise TooLarge(
            N_("The sign-in from your course is larger than any honest one."),
            code="launch-too-large",
            advice=ASK_SUPPORT,
        )
    sent = request.form
    if "error" in sent:
        raise _platform_said_no(sent)
    state = sent.get("state", "")
    with runtime().database.transaction(write=False) as session:
        known = login_by_state(session, state)
    begun = check_login(known, clock.now())
    brought = request.cookies.get(_login_cookie(state), "")
    is_proven = check_browser(
        begun,
        digest(brought) if brought else "",
        keeps_cookies=any(name.startswith("imhcf_") for name in request.cookies),
    )
    verified = _verified(begun.nonce, begun.registration, sent.get("id_token", ""))
    try:
        with runtime().database.transaction() as session:
            ticket, enrolled = admit(
                session,
                begun,
                verified,
                is_proven=is_proven,
                delay=runtime().grade_delay,
            )
    except DeploymentUnknown:
        with runtime().database.transaction() as session:
            note_pending_deployment(session, begun.registration.protocol.id, verified.deployment_id)
        raise
    log.info("launched", registration=verified.registration_id, proven=is_proven)
    if is_proven:
        return redirect(f"/lti/enter/{ticket}", 303)
    return make_response(
        render_template(
            "gateway/new_tab.html",
            continue_url=f"/lti/enter/{ticket}",
            display_name=enrolled.display_name,
            course_title=verified.context.title if verified.context else "",
        )
    )


@blueprint.get("/jwks.json")
@public
def key_set() -> ResponseReturnValue:
    """The tool's public keys (RFC 7517)."""
    response = jsonify(protocol().key_ring.public_set())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/enter/<ticket>")
@public
def enter(ticket: str) -> ResponseReturnValue:
    """Opens the session of a launch; where the browser is not proven, asks first."""
    try:
        return _open(ticket, was_asked=False)
    except MustAsk as must:
        asked = new_token()
        page = make_response(
            render_template(
                "gateway/confirm.html",
                action=f"/lti/enter/{ticket}",
                proof=_proof(asked, ticket),
                display_name=must.admission.sign_in.display_name,
                course_title=must.admission.course_title,
            )
        )
        _set_cookie(page, ASKED, asked)
        return page


@blueprint.post("/enter/<ticket>")
@public
def confirm(ticket: str) -> ResponseReturnValue:
    """Opens the session of a launch after the person said, on our page, that it is theirs."""
    expected = _proof(request.cookies.get(ASKED, ""), ticket)
    if not hmac.compare_digest(request.form.get("proof", "").encode(), expected.encode()):
        raise browser_differs()
    return _open(ticket, was_asked=True)


def _proof(asked: str, ticket: str) -> str:
    """Ties the confirming form to the page that we showed this browser."""
    return runtime().secrets.mac("confirm", f"{asked} {ticket}")


def _open(ticket: str, *, was_asked: bool) -> ResponseReturnValue:
    with runtime().database.transaction() as session:
        admission = redeem_ticket(session, ticket, _login_cookies(), was_asked=was_asked)
        token = open_session(session, admission.sign_in, runtime().settings)
    response = redirect(_landing(admission), 303)
    set_session_cookie(response, runtime().settings, admission.sign_in.slot, token)
    # Another frame's login may be under way: only the cookie of this one has done its work.
    _forget(response, [n for n in _login_cookie_names() if _is_of(n, admission.browser)])
    return response


def _landing(admission: Admission) -> str:
    page = "course" if admission.sign_in.actor.is_tutor else ""
    return f"/at/{admission.sign_in.slot}/p/{admission.placement}/{page}"


def _verified(nonce: str, registration: KnownRegistration, id_token: str) -> Launch:
    try:
        verified = verify_launch(
            id_token,
            registration=registration.protocol,
            nonce=nonce,
            tool_url=runtime().settings.base_url,
            keys=protocol().key_sets,
            now=clock.now(),
        )
    except LaunchRefused as refused:
        if refused.code in UNPROVEN:
            raise NotSignedIn(
                refused.sentence, code=refused.code, advice=refused.advice, detail=refused.detail
            ) from None
        raise
    if verified.message_type != RESOURCE_LINK_REQUEST:
        raise InvalidInput(
            N_("Your LMS asked for something that this tool does not do yet."),
            code="message-not-supported",
            advice=N_("Add the activity to your course as an external tool link."),
            detail=verified.message_type,
        )
    return verified


def _parameters() -> Mapping[str, str]:
    sent = request.form if request.method == "POST" else request.args
    for name, value in sent.items():
        if len(value) > MAX_PARAMETER:
            raise TooLarge(
                N_("The sign-in from your course is larger than any honest one."),
                code="login-too-large",
                advice=ASK_SUPPORT,
                detail=name[:40],
            )
    return sent


def _required(sent: Mapping[str, str], name: str) -> str:
    value = sent.get(name, "")
    if not value:
        raise InvalidInput(
            N_("This address is where a course begins to sign you in; it is not opened by hand."),
            code="login-incomplete",
            advice=OPEN_AGAIN,
            detail=name,
        )
    return value


def _the_one(found: list[KnownRegistration]) -> KnownRegistration:
    if not found:
        raise InvalidInput(
            N_("Your LMS is not connected to this tool."),
            code="registration-unknown",
            advice=ASK_SUPPORT,
        )
    if len(found) > 1:
        raise InvalidInput(
            N_("Your LMS did not say which of its connections to this tool is meant."),
            code="client-id-missing",
            advice=ASK_SUPPORT,
        )
    check_registration(found[0])
    return found[0]


def _platform_said_no(sent: Mapping[str, str]) -> ImhcfError:
    """OpenID Connect core 1.0, 3.1.2.6: the LMS answers with an error instead of a token."""
    return NotSignedIn(
        N_("Your LMS did not confirm who you are."),
        code="platform-refused",
        advice=N_("Sign in to your LMS again, then open the activity from your course."),
        detail=sent["error"][:60],
    )


def _login_cookie(state: str) -> str:
    """One cookie for each login, so that two frames of a page do not share one."""
    return LOGIN_COOKIE + digest(state)[:16]


def _set_cookie(response: Response, name: str, value: str) -> None:
    seconds = int((LOGIN_LIFE + ASKING_TICKET_LIFE).total_seconds())
    set_cookie(
        response, runtime().settings, name=name, value=value, path=COOKIE_PATH, seconds=seconds
    )


def _login_cookies() -> frozenset[str]:
    """The digests of the secrets of every login that this browser began."""
    return frozenset(digest(request.cookies[name]) for name in _login_cookie_names())


def _login_cookie_names() -> list[str]:
    """The names of this browser's login cookies, oldest first, as browsers send them."""
    return [name for name in request.cookies if name.startswith(LOGIN_COOKIE)]


def _is_of(name: str, browser: str) -> bool:
    return digest(request.cookies[name]) == browser


def _forget(response: Response, names: list[str]) -> None:
    for name in names:
        set_cookie(response, runtime().settings, name=name, value="", path=COOKIE_PATH, seconds=0)

"""The LTI routes: login, launch, key set. The way into a session follows in `arriving`."""

from collections.abc import Mapping
from functools import partial

import structlog
from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from lti_tool.gateway.arriving.browser import keeps_cookies, login_cookie, remember_login
from lti_tool.gateway.arriving.rules import Beginner, split_state, storage_frame
from lti_tool.gateway.arriving.storing import left_with_platform, proof_of, storing_page
from lti_tool.gateway.connecting.services import check_waiting
from lti_tool.gateway.protocol import protocol
from lti_tool.gateway.queries import login_by_state, registrations_of_issuer
from lti_tool.gateway.rules import (
    ASK_SUPPORT,
    OPEN_AGAIN,
    UNPROVEN,
    KnownRegistration,
    check_browser,
    check_login,
    check_registration,
)
from lti_tool.gateway.services import (
    DeploymentUnknown,
    admit,
    begin_login,
    note_pending_deployment,
)
from lti_tool.kernel import clock
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotSignedIn, TooLarge
from lti_tool.kernel.secrets import digest
from lti_tool.kernel.text import N_
from lti_tool.lti.addresses import same_origin
from lti_tool.lti.launch import login_redirect, verify_launch
from lti_tool.lti.messages import Launch
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.web.guards import public
from lti_tool.web.limits import LOGINS, limited
from lti_tool.web.requests import runtime

log = structlog.get_logger()
blueprint = Blueprint("gateway", __name__, url_prefix="/lti")

MAX_PARAMETER = 8_000
READ_ONCE = ("iss", "client_id", "login_hint", "target_link_uri", "state", "id_token", "error")
MAX_LAUNCH_BYTES = 256 * 1024
# How long an LMS's cache may hold the key set without asking.
KEY_SET_SECONDS = 60


@blueprint.route("/login", methods=["GET", "POST"])
@public
@limited(LOGINS)
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
        if not found:
            check_waiting(session, sent["iss"], sent.get("client_id"))
        registration = _the_one(found)
        # A browser that keeps our cookies needs nothing else, and is sent on at once.
        frame = "" if keeps_cookies() else storage_frame(sent.get("lti_storage_target", ""))
        begun = begin_login(session, registration, target, frame)
    ask = partial(
        login_redirect,
        registration.protocol,
        redirect_uri=f"{runtime().settings.base_url}/lti/launch",
        nonce=begun.nonce,
        login_hint=hint,
        lti_message_hint=sent.get("lti_message_hint"),
    )
    if frame:
        response = storing_page(frame, registration, begun.state, ask)
    else:
        response = redirect(ask(state=begun.state), 302)
    remember_login(response, begun.state, begun.browser)
    return response


@blueprint.post("/launch")
@public
@limited()
def launch() -> ResponseReturnValue:
    """The one redirect URI for every message: an `id_token` with our `state` (5.1.1.3)."""
    if (request.content_length or 0) > MAX_LAUNCH_BYTES:
        raise TooLarge(
            N_("The sign-in from your course is larger than any honest one."),
            code="launch-too-large",
            advice=ASK_SUPPORT,
        )
    sent = request.form
    _check_once(sent)
    if "error" in sent:
        raise _platform_said_no(sent)
    state, is_stored = split_state(sent.get("state", ""))
    with runtime().database.transaction(write=False) as session:
        known = login_by_state(session, state)
    begun = check_login(known, clock.now())
    brought = request.cookies.get(login_cookie(state), "")
    is_proven = check_browser(
        begun, digest(brought) if brought else "", keeps_cookies=keeps_cookies()
    )
    beginner = Beginner(browser=begun.browser)
    if not is_proven:
        proof = proof_of(state) if is_stored and begun.storage_target else ""
        beginner = Beginner(proof=proof, storage_target=begun.storage_target)
    verified = _verified(begun.nonce, begun.registration, sent.get("id_token", ""))
    try:
        with runtime().database.transaction() as session:
            ticket = admit(
                session,
                begun,
                verified,
                beginner=beginner,
                secrets=runtime().secrets,
                delay=runtime().grade_delay,
            )
    except DeploymentUnknown:
        with runtime().database.transaction() as session:
            note_pending_deployment(session, begun.registration.protocol.id, verified.deployment_id)
        raise
    log.info("launched", registration=verified.registration_id, proven=is_proven)
    if not is_proven:
        return redirect(f"/lti/enter/{ticket}/tab", 303)
    left = left_with_platform(begun, state) if is_stored and begun.storage_target else ""
    return redirect(f"/lti/enter/{ticket}{left}", 303)


@blueprint.get("/jwks.json")
@public
def key_set() -> ResponseReturnValue:
    """The tool's public keys (RFC 7517), with a tag to ask again by.

    A key that signs at once, after a rotation without a lead, is in every cache a minute later.
    """
    response = jsonify(protocol().key_ring.public_set())
    response.headers["Cache-Control"] = f"public, max-age={KEY_SET_SECONDS}"
    response.add_etag()
    return response.make_conditional(request)


def _verified(nonce: str, registration: KnownRegistration, id_token: str) -> Launch:
    try:
        return verify_launch(
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


def _parameters() -> Mapping[str, str]:
    sent = request.form if request.method == "POST" else request.args
    _check_once(sent)
    for name, value in sent.items():
        if len(value) > MAX_PARAMETER:
            raise TooLarge(
                N_("The sign-in from your course is larger than any honest one."),
                code="login-too-large",
                advice=ASK_SUPPORT,
                detail=name[:40],
            )
    return sent


def _check_once(sent: MultiDict[str, str]) -> None:
    """RFC 6749, 3.1: none comes twice. Two readers could each believe another of the two."""
    for name in READ_ONCE:
        if len(sent.getlist(name)) > 1:
            raise InvalidInput(
                N_("The sign-in from your course could not be understood."),
                code="parameter-twice",
                advice=ASK_SUPPORT,
                detail=name,
            )


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

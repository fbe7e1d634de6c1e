"""Dynamic registration in the LMS's frame: what will be shared, the confirmation, the end.

LTI Dynamic Registration 1.0, §3: https://www.imsglobal.org/spec/lti-dr/v1p0
"""

from urllib.parse import parse_qs

import structlog
from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from lti_tool.gateway.connecting.facts import tool_facts
from lti_tool.gateway.connecting.forms import Form, seal, unseal
from lti_tool.gateway.connecting.queries import invitation_of
from lti_tool.gateway.connecting.rules import (
    FORM_LIFE,
    LONGEST_NAME,
    Connected,
    KnownInvitation,
    Outcome,
    check_endpoints,
    usable,
)
from lti_tool.gateway.connecting.services import begin_registration, keep
from lti_tool.gateway.connecting.shown import (
    Sharing,
    framing_origins,
    lms_name,
    lms_origins,
    sharing,
)
from lti_tool.gateway.rules import browser_differs
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, ImhcfError, InvalidInput, TooLarge, Unavailable
from lti_tool.kernel.secrets import digest, new_public_id, new_token
from lti_tool.kernel.text import N_
from lti_tool.lti.dynamic_registration import Registered, fetch_configuration, register
from lti_tool.lti.platform_configuration import PlatformConfiguration
from lti_tool.lti.refusals import RegistrationRefused
from lti_tool.lti.registration_document import wanted_scopes
from lti_tool.web.guards import public
from lti_tool.web.headers import frame_in
from lti_tool.web.limits import REGISTRATIONS, limited
from lti_tool.web.requests import runtime
from lti_tool.web.sessions import set_cookie

log = structlog.get_logger()
blueprint = Blueprint("registering", __name__, url_prefix="/lti")

COOKIE = "imhcf_registering_"
COOKIE_PATH = "/lti/"
MAX_PARAMETER = 8_000
MAX_FORM_BYTES = 512 * 1024


@blueprint.get("/register")
@blueprint.get("/register/<invitation>")
@public
@limited(REGISTRATIONS)
def ask(invitation: str = "") -> ResponseReturnValue:
    """Says which LMS asks and what will be shared (§3.3); opened by hand, what the address is for."""
    sent = _parameters()
    invitation = invitation or sent.get("invitation", "")
    invited = _invited(invitation) if invitation else None
    if not sent.get("openid_configuration"):
        address = f"{runtime().settings.base_url}/lti/register" + f"/{invitation}" * bool(invited)
        return render_template("gateway/connecting/address.html", address=address, invited=invited)
    token = sent.get("registration_token", "")
    platform = _configuration(sent["openid_configuration"], token)
    secret = new_token()
    form = Form(new_public_id(), platform, token, invitation, digest(secret))
    frame_in(framing_origins(platform))
    page = make_response(
        render_template(
            "gateway/connecting/confirm.html",
            form=seal(runtime().secrets, form, clock.now()),
            **_facts(platform, invited),
        )
    )
    _set_cookie(page, form.id, secret, int(FORM_LIFE.total_seconds()))
    return page


@blueprint.post("/register")
@public
@limited(REGISTRATIONS)
def confirm() -> ResponseReturnValue:
    """Registers at the LMS and keeps what it answers (§3.5, §3.6); ends with the closing message."""
    if (request.content_length or 0) > MAX_FORM_BYTES:
        raise _too_large()
    form = unseal(runtime().secrets, request.form.get("form", ""), clock.now())
    _check_browser(form)
    frame_in(framing_origins(form.platform))
    with runtime().database.transaction() as session:
        begin_registration(session, form.id, form.invitation)
    registered = _registered(form)
    outcome = _kept(form, registered)
    log.info("registered", registration=outcome.number, product=form.platform.product)
    page = make_response(
        render_template(
            "gateway/connecting/done.html",
            outcome=outcome,
            **_facts(form.platform, None),
        )
    )
    _set_cookie(page, form.id, "", 0)
    return page


def _parameters() -> dict[str, str]:
    """Returns the query; some LMSs put theirs behind a “?” although the address has one already."""
    sent = request.args.to_dict()
    invitation, _, behind = sent.get("invitation", "").partition("?")
    if behind:
        sent = {name: found[0] for name, found in parse_qs(behind).items()} | sent
        sent["invitation"] = invitation
    for value in sent.values():
        if len(value) > MAX_PARAMETER:
            raise _too_large()
    return sent


def _invited(token: str) -> KnownInvitation:
    with runtime().database.transaction(write=False) as session:
        return usable(invitation_of(session, token), clock.now())


def _configuration(url: str, token: str) -> PlatformConfiguration:
    """Fetches and checks what the LMS says of itself. In no transaction."""
    try:
        platform = fetch_configuration(runtime().http, url, token)
    except RegistrationRefused as refused:
        if refused.detail == "address-refused":
            raise InvalidInput(
                N_("Your LMS has an address that this service does not call: a private one."),
                code="configuration-private",
                advice=N_("The people who run this service can allow it."),
            ) from None
        raise
    settings = runtime().settings
    check_endpoints(platform, may_be_plain=settings.allow_private_network or not settings.is_https)
    return platform


def _registered(form: Form) -> Registered:
    try:
        return register(
            runtime().http, form.platform, form.token, tool_facts(runtime().settings.base_url)
        )
    except RegistrationRefused as refused:
        if refused.code == "registration-refused":
            raise
        # It may have been taken all the same: the answer was lost, or could not be read.
        raise InvalidInput(
            refused.sentence,
            code=refused.code,
            advice=_LOOK_AND_START_AGAIN,
            detail=refused.detail,
        ) from None


def _kept(form: Form, registered: Registered) -> Outcome:
    """Stores it. From here on the LMS has registered us, so that a failure says what to undo."""
    try:
        with runtime().database.transaction() as session:
            return keep(session, form.id, _connected(form.platform, registered), form.invitation)
    except SQLAlchemyError as error:
        log.error("registration-not-kept", error=type(error).__name__)
        raise Unavailable(
            N_("Your LMS has registered this tool, but the registration could not be kept here."),
            code="registration-not-kept",
            advice=_LOOK_AND_START_AGAIN,
        ) from None
    except ImhcfError as refused:
        log.warning("registration-not-kept", code=refused.code)
        raise Conflict(
            refused.sentence, code=refused.code, advice=_DELETE_AND_ASK, detail=refused.detail
        ) from None


_LOOK_AND_START_AGAIN = N_(
    "Look in your LMS for a tool of this name that was added just now and delete it, then start"
    " the registration again. An invitation can still be used."
)

_DELETE_AND_ASK = N_(
    "Delete the tool that your LMS has just added, then ask the people who run this service for"
    " an invitation of your organisation."
)


def _connected(platform: PlatformConfiguration, registered: Registered) -> Connected:
    return Connected(
        issuer=platform.issuer,
        client_id=registered.client_id,
        auth_login_url=platform.auth_login_url,
        token_url=platform.token_url,
        jwks_url=platform.jwks_url,
        token_audience=platform.token_audience,
        product=platform.product[:60],
        name=platform.account_name[:LONGEST_NAME],
        # Only what we know the meaning of: the answer may hold anything.
        scopes=" ".join(s for s in wanted_scopes(platform) if s in (registered.scopes or ())),
        deployment=registered.deployment_id,
    )


def _facts(
    platform: PlatformConfiguration, invited: KnownInvitation | None
) -> dict[str, str | Sharing | KnownInvitation | list[str] | None]:
    return {
        "lms": lms_name(platform),
        "issuer": platform.issuer,
        "account": platform.account_name,
        "invited": invited,
        "sharing": sharing(platform),
        "origins": lms_origins(platform),
    }


def _check_browser(form: Form) -> None:
    """A form that was shown to one browser is not taken from another that keeps our cookies.

    Nothing is done in the name of whoever sends it, so that one without cookies loses nothing.
    """
    brought = request.cookies.get(COOKIE + form.id, "")
    if digest(brought) == form.browser:
        return
    if any(name.startswith("imhcf_") for name in request.cookies):
        raise browser_differs()


def _set_cookie(response: Response, form: str, value: str, seconds: int) -> None:
    set_cookie(
        response,
        runtime().settings,
        name=COOKIE + form,
        value=value,
        path=COOKIE_PATH,
        seconds=seconds,
    )


def _too_large() -> TooLarge:
    return TooLarge(
        N_("What your LMS sent is larger than any honest registration."),
        code="registration-too-large",
        advice=N_("Start the registration again in your LMS."),
    )

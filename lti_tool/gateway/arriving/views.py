"""The way into a session: by cookie, by what the LMS's page keeps, or in a new tab."""

import hmac
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lti_tool.gateway.arriving.browser import (
    ASKED,
    forget_login,
    keeps_cookies,
    login_digests,
    put,
    remember_cookies_work,
)
from lti_tool.gateway.arriving.rules import check_caller, storage_key
from lti_tool.gateway.arriving.services import (
    Admission,
    MustAsk,
    look_at_ticket,
    redeem_ticket,
)
from lti_tool.gateway.rules import browser_differs
from lti_tool.kernel.secrets import new_token
from lti_tool.web.guards import public
from lti_tool.web.headers import NOBODY, frame_in
from lti_tool.web.limits import limited
from lti_tool.web.requests import runtime
from lti_tool.web.sessions import open_session, set_session_cookie

blueprint = Blueprint("arriving", __name__, url_prefix="/lti/enter")


@blueprint.get("/<ticket>")
@public
@limited()
def enter(ticket: str) -> ResponseReturnValue:
    """Opens the session of a launch; where the browser is not proven, asks first."""
    try:
        return _opened(ticket, was_asked=False)
    except MustAsk as must:
        return _question(ticket, must.admission)


@blueprint.post("/<ticket>")
@public
@limited()
def confirm(ticket: str) -> ResponseReturnValue:
    """Opens the session of a launch after the person said, on our page, that it is theirs."""
    frame_in(NOBODY)
    if not keeps_cookies():
        return _cookies_blocked(ticket)
    expected = _mac(request.cookies.get(ASKED, ""), ticket)
    if not hmac.compare_digest(request.form.get("proof", "").encode(), expected.encode()):
        raise browser_differs()
    return _opened(ticket, was_asked=True)


@blueprint.get("/<ticket>/tab")
@public
@limited()
def new_tab(ticket: str) -> ResponseReturnValue:
    """What a launch shows where no cookie came: asks the LMS's page, then offers a new tab.

    A page of its own, so that it may be reloaded, which a launch may not.
    """
    with runtime().database.transaction(write=False) as session:
        waiting = look_at_ticket(session, ticket)
    frame_in(waiting.frame_ancestors)
    page = make_response(
        render_template(
            "gateway/new_tab.html",
            ticket=ticket,
            waiting=waiting,
            key=storage_key(waiting.proof) if waiting.proof else "",
        )
    )
    remember_cookies_work(page)
    return page


@blueprint.post("/<ticket>/proof")
@public
@limited()
def prove(ticket: str) -> ResponseReturnValue:
    """Takes what the LMS's page kept, from a script of ours; answers with the page to go to.

    `{"address": null}` where the browser keeps no cookie here: a session could not last, and the
    ticket stays good for a new tab. Raises `NotAllowed` for any other caller, and a wrong secret.
    """
    check_caller(
        request.headers.get("Origin"),
        request.headers.get("Sec-Fetch-Site"),
        runtime().settings.base_url,
    )
    sent = request.get_json(silent=True)
    secret = sent.get("secret") if isinstance(sent, dict) else None
    if not isinstance(secret, str) or not secret:
        raise browser_differs()
    if not keeps_cookies():
        return jsonify(address=None)
    try:
        admission, token = _redeemed(ticket, secret=secret)
    except MustAsk:
        raise browser_differs() from None
    return _with_session(jsonify(address=admission.address), admission, token)


def _question(ticket: str, admission: Admission) -> Response:
    # Two tabs may ask at once: they share the cookie, and each form has a proof of its own.
    asked = request.cookies.get(ASKED, "") or new_token()
    frame_in(NOBODY)
    page = make_response(
        render_template(
            "gateway/confirm.html",
            action=f"/lti/enter/{ticket}",
            proof=_mac(asked, ticket),
            proof_url=url_for("arriving.prove", ticket=ticket),
            display_name=admission.sign_in.display_name,
            course_title=admission.course_title,
        )
    )
    put(page, ASKED, asked)
    return page


def _cookies_blocked(ticket: str) -> Response:
    """Says what to allow. The ticket is still good, so that nobody need go back for it."""
    page = render_template(
        "gateway/cookies_blocked.html",
        again=f"/lti/enter/{ticket}",
        site=urlsplit(runtime().settings.base_url).hostname,
    )
    return make_response(page, 403)


def _mac(asked: str, ticket: str) -> str:
    """Ties the confirming form to the page that we showed this browser."""
    return runtime().secrets.mac("confirm", f"{asked} {ticket}")


def _opened(ticket: str, *, was_asked: bool) -> Response:
    admission, token = _redeemed(ticket, was_asked=was_asked)
    return _with_session(redirect(admission.address, 303), admission, token)


def _redeemed(ticket: str, *, was_asked: bool = False, secret: str = "") -> tuple[Admission, str]:
    """Uses the ticket and opens its session, together or not at all."""
    with runtime().database.transaction() as session:
        admission = redeem_ticket(
            session, ticket, login_digests(), was_asked=was_asked, secret=secret
        )
        return admission, open_session(session, admission.sign_in, runtime().settings)


def _with_session(response: Response, admission: Admission, token: str) -> Response:
    set_session_cookie(response, runtime().settings, admission.sign_in.slot, token)
    forget_login(response, admission.browser)
    return response

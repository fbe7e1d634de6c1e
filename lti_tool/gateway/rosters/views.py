"""Where LMSs send their notices: public, and believed by nothing but their signatures."""

import structlog
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from lti_tool.gateway.protocol import protocol
from lti_tool.gateway.queries import registrations_of_issuer
from lti_tool.gateway.rosters.rules import MOST_NOTICE_BYTES, MOST_NOTICES
from lti_tool.gateway.rosters.services import take_notice
from lti_tool.gateway.rules import UNPROVEN, KnownRegistration, check_registration
from lti_tool.kernel import clock
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotSignedIn, TooLarge
from lti_tool.kernel.text import N_
from lti_tool.lti.notices import Notice, parse_notice, verify_notice
from lti_tool.lti.refusals import LaunchRefused
from lti_tool.lti.registration import Registration
from lti_tool.lti.strict_json import NotStrictJson, parse_object
from lti_tool.web.guards import public
from lti_tool.web.limits import limited
from lti_tool.web.requests import runtime

log = structlog.get_logger()
blueprint = Blueprint("notices", __name__, url_prefix="/lti")


@blueprint.post("/notices")
@public
@limited()
def notices() -> ResponseReturnValue:
    """Takes notices (Platform Notification Service 1.0, “Notice delivery”): `{"notices": [{"jwt"}]}`.

    Answers 202 when every one is right, those that came before too. Else those that are right
    are taken, and the first that is not decides the answer: a sender that repeats them all does
    no harm.
    """
    tokens = _tokens()
    refused: list[ImhcfError] = []
    for token in tokens:
        try:
            registration_id, notice = _verified(token)
            with runtime().database.transaction() as session:
                take_notice(session, registration_id, notice)
        except ImhcfError as error:
            log.warning("notice-refused", code=error.code, detail=error.detail)
            refused.append(error)
    if refused:
        raise refused[0]
    return jsonify({"accepted": len(tokens)}), 202


def _tokens() -> list[str]:
    if (request.content_length or 0) > MOST_NOTICE_BYTES:
        raise TooLarge(
            N_("These notices are larger than any honest ones."), code="notices-too-large"
        )
    try:
        sent = parse_object(request.get_data(cache=False))
    except NotStrictJson as error:
        raise _unreadable(str(error)) from None
    listed = sent.get("notices")
    if not isinstance(listed, list) or not listed:
        raise _unreadable("no list of notices")
    if len(listed) > MOST_NOTICES:
        raise TooLarge(
            N_("These notices are larger than any honest ones."), code="notices-too-many"
        )
    tokens = [each.get("jwt") if isinstance(each, dict) else None for each in listed]
    texts = [token for token in tokens if isinstance(token, str)]
    if len(texts) != len(tokens):
        raise _unreadable("a notice has no jwt")
    return texts


def _verified(text: str) -> tuple[int, Notice]:
    """Returns the notice and the number of its registration, checked like a launch."""
    try:
        token, issuer, clients = parse_notice(text)
        with runtime().database.transaction(write=False) as session:
            found = [
                each
                for client in clients
                for each in registrations_of_issuer(session, issuer, client)
            ]
        registration = _the_one(found)
        notice = verify_notice(
            token, registration=registration, keys=protocol().key_sets, now=clock.now()
        )
    except LaunchRefused as refused:
        if refused.code in UNPROVEN:
            raise NotSignedIn(
                N_("This notice could not be trusted."), code=refused.code, detail=refused.detail
            ) from None
        raise InvalidInput(
            N_("This notice could not be understood."), code=refused.code, detail=refused.detail
        ) from None
    return registration.id, notice


def _the_one(found: list[KnownRegistration]) -> Registration:
    if len(found) != 1:
        raise LaunchRefused("audience-wrong", detail=f"{len(found)} registrations")
    check_registration(found[0])
    return found[0].protocol


def _unreadable(detail: str) -> InvalidInput:
    return InvalidInput(
        N_("This address is for notices that an LMS sends."),
        code="notices-unreadable",
        detail=detail,
    )

"""What all service calls share: faults, the profile's general demands, bearer tokens, the log."""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, request

from lti_tool.demo import ledger
from lti_tool.demo.faults import Fault, FaultKind, ServiceKind, drop_connection
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import AccessToken
from lti_tool.demo.platform.facts import FailedCall
from lti_tool.demo.platform.scoring import read_score
from lti_tool.kernel.clock import now

JSON = "application/json"
View = Callable[..., Response]


class ServiceRefused(Exception):
    """The call is refused; the profile puts it into its own words."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def service_call(service: ServiceKind) -> Callable[[View], View]:
    """Makes a view one of the platform's services."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(**arguments: Any) -> Response:
            lms = current_lms()
            request.get_data()  # a fault is met, for who waits for it, once the whole call is here
            fault = lms.faults.take(service)
            g.fault = fault
            interrupted = fault and _interrupted(lms, service, fault, arguments)
            response = interrupted or _answer(lms, service, view, arguments)
            is_silent = fault is not None and fault.kind in (FaultKind.DOWN, FaultKind.LOST_ANSWER)
            lms.calls.note(
                service,
                request.method,
                None if is_silent else response.status_code,
                fault=fault.kind if fault else None,
            )
            if is_silent:
                drop_connection(request.environ)
            return response

        return answered

    return decorate


def json_response(lms: Lms, body: Any, media_type: str, status: int = 200) -> Response:
    """Returns a body in the profile's way of writing JSON; none gives an empty one."""
    profile = lms.profile
    content = b"" if body is None else profile.encode(body)
    return Response(content, status, content_type=profile.content_type(media_type))


def authorise(lms: Lms, *scopes: str) -> None:
    """Lets a call pass whose access token has one of the scopes, else raises `ServiceRefused`.

    RFC 6750, section 3.1.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ServiceRefused(401, "An access token is required.")
    with lms.database.reading() as session:
        row = session.get(AccessToken, token_digest(token))
    if row is None or row.expires_at <= now():
        raise ServiceRefused(401, "The access token is unknown or has expired.")
    if not set(scopes) & set(row.scopes.split()):
        raise ServiceRefused(
            lms.profile.wrong_scope_status, "The access token's scopes are others."
        )


def require_type(lms: Lms, media_type: str) -> None:
    """Lets a call pass whose body has the media type; its parameters do not matter."""
    if request.mimetype != media_type:
        raise ServiceRefused(lms.profile.wrong_type_status, f"The body has to be {media_type}.")


def require_accept(lms: Lms, media_type: str) -> None:
    """Lets a call pass that takes the media type, by the profile's reading of `Accept`."""
    accept = request.headers.get("Accept", "")
    status = lms.profile.accept_status(media_type, accept)
    if status is not None:
        raise ServiceRefused(status, f"This is answered as {media_type}.")


def token_digest(token: str) -> str:
    """Returns what is kept of an access token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _require_user_agent(lms: Lms) -> None:
    if lms.profile.needs_user_agent and not request.headers.get("User-Agent"):
        raise ServiceRefused(403, "A User-Agent is required.")


def _interrupted(
    lms: Lms, service: ServiceKind, fault: Fault, arguments: dict[str, int]
) -> Response | None:
    """Returns what a fault answers instead of the work, or none when the work is done."""
    if fault.kind is FaultKind.SLOW:
        time.sleep(fault.seconds)
    status = fault.kind.status
    if fault.kind is not FaultKind.DOWN and status is None:
        return None
    _enter_unread(lms, service, arguments, status)
    if status is None:
        return Response()  # never sent
    response = _refusal(lms, ServiceRefused(status, "A fault is switched on."))
    if fault.kind in (FaultKind.TOO_MANY, FaultKind.UNAVAILABLE):
        response.headers["Retry-After"] = str(fault.retry_after)
    return response


def _answer(lms: Lms, service: ServiceKind, view: View, arguments: dict[str, int]) -> Response:
    try:
        _require_user_agent(lms)
        return view(**arguments)
    except ServiceRefused as refused:
        _enter_unread(lms, service, arguments, refused.status)
        return _refusal(lms, refused)


def _refusal(lms: Lms, refused: ServiceRefused) -> Response:
    call = FailedCall(
        status=refused.status,
        reason=refused.reason,
        method=request.method,
        path=request.full_path.rstrip("?"),
        accept=request.headers.get("Accept", ""),
        content_type=request.mimetype,
    )
    response = Response(lms.profile.error(call), refused.status, content_type=JSON)
    if refused.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="Larkfield"'
    return response


def _enter_unread(
    lms: Lms, service: ServiceKind, arguments: dict[str, int], status: int | None
) -> None:
    """Enters a score into the ledger that was turned away before it was looked at."""
    if service is not ServiceKind.SCORES:
        return
    lms.calls.count("scores_refused")
    body = request.get_data()
    place = (arguments["course_id"], arguments["item_id"])
    with lms.database.writing() as session:
        ledger.enter(session, place, body, score=read_score(body), status=status, fault=g.fault)

"""Notices (Platform Notification Service 1.0): tools say where they want them, and get them."""

import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

import requests
from flask import Response, jsonify, request
from sqlalchemy import delete, select

from lti_tool.demo import jws
from lti_tool.demo.faults import ServiceKind
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import Course
from lti_tool.demo.platform.names import (
    CONTEXT_COPY_NOTICE,
    HELLO_WORLD_NOTICE,
    LTI,
    NOTICE_TYPES,
    NOTICES_SCOPE,
    VERSION,
)
from lti_tool.demo.platform.profile import Claims
from lti_tool.demo.platform.service import ServiceRefused, authorise, service_call
from lti_tool.demo.service_models import NoticeHandler
from lti_tool.kernel.clock import now

NOTICE_SECONDS = 300
DELIVERY_SECONDS = 5


@service_call(ServiceKind.NOTICES)
def notice_handlers(deployment: str) -> Response:
    """GET lists where notices go; PUT names an address for one type, or none with an empty one."""
    lms = current_lms()
    if not lms.profile.offers_notices:
        raise ServiceRefused(404, "This LMS sends no notices.")
    authorise(lms, NOTICES_SCOPE)
    if request.method == "PUT":
        _put(lms, deployment)
    with lms.database.reading() as session:
        rows = session.scalars(
            select(NoticeHandler)
            .where(NoticeHandler.deployment == deployment)
            .order_by(NoticeHandler.notice_type)
        )
        listed = [{"notice_type": row.notice_type, "handler": row.handler} for row in rows]
    client_id = lms.switchboard.current.tool.client_id
    return jsonify({"client_id": client_id, "deployment_id": deployment, "notice_handlers": listed})


def _put(lms: Lms, deployment: str) -> None:
    sent = request.get_json(force=True, silent=True)
    kind, handler = (
        (sent.get("notice_type"), sent.get("handler")) if isinstance(sent, dict) else ("", "")
    )
    if kind not in NOTICE_TYPES or not isinstance(handler, str):
        raise ServiceRefused(400, "notice_type and handler are needed.")
    tools = (lms.settings.tool_url, lms.switchboard.current.tool.login_url)
    if handler and urlsplit(handler).netloc not in {urlsplit(url).netloc for url in tools}:
        raise ServiceRefused(400, "The handler has to be on the tool's own domain.")
    with lms.database.writing() as session:
        session.execute(
            delete(NoticeHandler).where(
                NoticeHandler.deployment == deployment, NoticeHandler.notice_type == kind
            )
        )
        if handler:
            session.add(
                NoticeHandler(deployment=deployment, notice_type=str(kind), handler=handler)
            )


def announce_copy(lms: Lms, course: Course, origins: Sequence[Course]) -> int | None:
    """Tells the tool that a course is a copy of others, the nearest first.

    Returns the status of its answer, none where nobody asked for it or nothing answered. It makes
    an HTTP call: not while the database is locked.
    """
    claims = {
        f"{LTI}/context": {
            "id": lms.profile.context_id(course),
            "label": course.label,
            "title": course.title,
        },
        f"{LTI}/origin_contexts": [lms.profile.context_id(origin) for origin in origins],
    }
    return _send(lms, lms.deployment_id(course), CONTEXT_COPY_NOTICE, claims)


def greet(lms: Lms, deployment: str) -> int | None:
    """Sends the notice that says nothing but that notices arrive; returns as `announce_copy`."""
    return _send(lms, deployment, HELLO_WORLD_NOTICE, {})


def _send(lms: Lms, deployment: str, kind: str, more: Claims) -> int | None:
    with lms.database.reading() as session:
        row = session.get(NoticeHandler, (deployment, kind))
        handler = row.handler if row else ""
    if not handler or not lms.profile.offers_notices:
        return None
    token = signed_notice(lms, deployment, kind, more)
    try:
        answer = requests.post(
            handler, json={"notices": [{"jwt": token}]}, timeout=DELIVERY_SECONDS
        )
    except requests.RequestException:
        return None
    lms.calls.note("notice", "POST", answer.status_code)
    return answer.status_code


def signed_notice(lms: Lms, deployment: str, kind: str, more: Claims) -> str:
    """Returns a notice as a token."""
    issued_at = int(now().timestamp())
    claims = {
        "iss": lms.settings.base_url,
        "aud": lms.switchboard.current.tool.client_id,
        "iat": issued_at,
        "exp": issued_at + NOTICE_SECONDS,
        "jti": str(uuid.uuid4()),
        f"{LTI}/version": VERSION,
        f"{LTI}/deployment_id": deployment,
        f"{LTI}/notice": {
            "id": str(uuid.uuid4()),
            "timestamp": now().isoformat(timespec="seconds"),
            "type": kind,
        },
    } | more
    key = lms.keys.current
    header = {"typ": "JWT", "alg": "RS256", "kid": key.kid}
    return jws.compact(header, claims, jws.rs256(key.private))

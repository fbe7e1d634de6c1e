"""Deep linking: the tool's answer, checked, and made into activities (Deep Linking 2.0, section 4)."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import LineItem, PickTicket, Placement, SpentAssertion
from lti_tool.demo.people import course_numbered
from lti_tool.demo.platform import names
from lti_tool.demo.platform.assertions import LEEWAY, AssertionRefused
from lti_tool.demo.platform.picks import settings_of
from lti_tool.kernel.clock import now

Item = Mapping[str, Any]
REQUIRED = ["iss", "aud", "iat", "exp", "nonce"]
LONGEST_LIFE = timedelta(minutes=10)
# The dates of an item, and where a placement has them.
DATES = (
    ("available", "startDateTime", "available_from"),
    ("available", "endDateTime", "available_until"),
    ("submission", "startDateTime", "submission_from"),
    ("submission", "endDateTime", "due_at"),
)


class PickRefused(Exception):
    """The answer is not taken; the text says why."""


def picked(secret: str = "") -> Response:  # nosec B107
    """Takes the tool's answer: adds its activities to the course, or says why not."""
    lms = current_lms()
    try:
        claims = _claims(lms, request.form.get("JWT", ""))
        with lms.database.writing() as session:
            ticket = _ticket(session, secret or request.args.get("sesskey", ""))
            items = _checked(lms, session, ticket, claims)
            course = course_numbered(session, ticket.course_id)
            for item in items:
                _place(lms, session, course.id, item)
            session.delete(ticket)
    except (PickRefused, AssertionRefused, jwt.InvalidTokenError) as refused:
        lms.calls.note("picked", request.method, 400)
        page = render_template("demo/picked.html", course=None, reason=str(refused), items=[])
        return make_response(page, 400)
    lms.calls.note("picked", request.method, 200)
    said = {
        name: claims.get(f"{names.DEEP_LINKING}/{name}")
        for name in ("msg", "log", "errormsg", "errorlog")
    }
    page = render_template("demo/picked.html", course=course, reason="", items=items, said=said)
    return make_response(page)


def _claims(lms: Lms, token: str) -> dict[str, Any]:
    if not token:
        raise PickRefused(_("There is no JWT in the answer."))
    kid = jwt.get_unverified_header(token).get("kid", "")
    claims: dict[str, Any] = jwt.decode(
        token,
        lms.tool_keys.named(kid),
        algorithms=["RS256"],
        audience=lms.settings.base_url,
        issuer=lms.tool.client_id,
        leeway=LEEWAY,
        options={"require": REQUIRED},
    )
    return claims


def _ticket(session: Session, secret: str) -> PickTicket:
    ticket = session.get(PickTicket, secret)
    if ticket is None or not ticket.is_asked or ticket.expires_at < now():
        raise PickRefused(_("Nobody is waiting for this answer, or it came before."))
    return ticket


def _checked(
    lms: Lms, session: Session, ticket: PickTicket, claims: Mapping[str, Any]
) -> list[Item]:
    """Returns the items of an answer that fits its request."""
    course = course_numbered(session, ticket.course_id)
    for name, expected in (
        ("message_type", names.PICKED_MESSAGE),
        ("version", names.VERSION),
        ("deployment_id", lms.deployment_id(course)),
    ):
        if claims.get(f"{names.LTI}/{name}") != expected:
            raise PickRefused(f"{name} has to be {expected}")
    if claims.get(f"{names.DEEP_LINKING}/data") != ticket.data:
        raise PickRefused("data has to come back as it was sent, and only then")
    _spend(session, claims)
    items = claims.get(f"{names.DEEP_LINKING}/content_items", [])
    settings = settings_of(lms, ticket)
    if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
        raise PickRefused("content_items has to be a list of objects")
    if len(items) > 1 and not settings["accept_multiple"]:
        raise PickRefused("only one item is accepted")
    for item in items:
        _check_item(lms, item, settings)
    return items


def _spend(session: Session, claims: Mapping[str, Any]) -> None:
    """A nonce is good once, and a message is not made to be kept."""
    ends_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    if ends_at > now() + LONGEST_LIFE:
        raise PickRefused("the message lives for too long")
    nonce = f"picked:{claims['nonce']}"
    if session.get(SpentAssertion, nonce):
        raise PickRefused("its nonce was used before")
    session.add(SpentAssertion(jti=nonce, expires_at=ends_at))


def _check_item(lms: Lms, item: Item, settings: Mapping[str, Any]) -> None:
    if item.get("type") not in settings["accept_types"]:
        raise PickRefused(f"{item.get('type')} is not accepted")
    origin = urlsplit(str(item.get("url", lms.settings.tool_url)))
    if (origin.scheme, origin.netloc) != urlsplit(lms.settings.tool_url)[:2]:
        raise PickRefused("url is not the tool's")
    custom = item.get("custom", {})
    if not isinstance(custom, dict) or not all(isinstance(v, str) for v in custom.values()):
        raise PickRefused("custom has to be an object of texts")
    column = item.get("lineItem")
    if column is not None and not _is_maximum(column.get("scoreMaximum")):
        raise PickRefused("a line item needs a scoreMaximum above nought")
    if lms.profile.checks_picks_hard:
        _check_hard(item, settings)


def _check_hard(item: Item, settings: Mapping[str, Any]) -> None:
    """What the specification leaves to the platform, taken to the letter."""
    if not item.get("title") or not item.get("url"):
        raise PickRefused("an item needs a title and a url")
    if "lineItem" in item and not settings.get("accept_lineitem"):
        raise PickRefused("line items are not accepted")
    hints = {"iframe", "window"} & set(item)
    if not hints <= set(settings["accept_presentation_document_targets"]):
        raise PickRefused("a hint for a target that is not accepted")
    for group, end, _name in DATES:
        _moment(item.get(group, {}).get(end))


def _is_maximum(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _place(lms: Lms, session: Session, course_id: int, item: Item) -> None:
    dates = {name: _moment(item.get(group, {}).get(end)) for group, end, name in DATES}
    title = str(item.get("title") or _("Activity"))
    placement = Placement(
        course_id=course_id,
        title=title,
        description=str(item.get("text", "")),
        custom=dict(item.get("custom", {})),
        opaque_id=str(uuid.uuid4()),
        **(dates if lms.profile.keeps_picked_dates else {}),
    )
    session.add(placement)
    session.flush()
    column = item.get("lineItem")
    if column is not None:
        session.add(
            LineItem(
                course_id=course_id,
                placement_id=placement.id,
                label=str(column.get("label") or title),
                score_maximum=float(column["scoreMaximum"]),
                resource_id=str(column.get("resourceId", "")),
                tag=str(column.get("tag", "")),
            )
        )


def _moment(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise PickRefused(f"{text!r} is no date") from None
    if moment.tzinfo is None:
        raise PickRefused(f"{text!r} has no time zone")
    return moment

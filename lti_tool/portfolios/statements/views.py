"""A learner's page for one task: whom they asked for a statement, and what came of it."""

from datetime import date
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, ImhcfError, InvalidInput
from lti_tool.kernel.secrets import new_public_id
from lti_tool.portfolios.opening import Desk, open_portfolio, page, stay_here, task_of
from lti_tool.portfolios.services import Task
from lti_tool.portfolios.statements import services
from lti_tool.portfolios.statements.queries import statements_of_task, versions_read
from lti_tool.portfolios.statements.rules import (
    LONGEST_ASK,
    LONGEST_NAME,
    MOST_DAYS,
    UNDO_FOR,
    Typed,
    last_day,
    new_invitation,
    parse_end,
    parse_invitation,
    usual_end,
)
from lti_tool.portfolios.statements.services import AlreadyInvited, Invited
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.web.errors import status_of
from lti_tool.web.guards import learner
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("statements", __name__, url_prefix="/at/<slot>/p/<placement>/portfolio")
blueprint.url_defaults(stay_here)
_TASK = "/<portfolio>/task/<code>/statements"
_DONE = frozenset({"withdrawn", "removed", "restored", "again"})


@blueprint.get(_TASK)
@learner
def of_task(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """Whom did I ask, who has answered, and what did they say?"""
    desk, task = _open(actor, placement, portfolio, code)
    return _page(desk, task, new_invitation(_today()))


@blueprint.post(_TASK)
@learner
def invite(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """Makes an invitation, and shows its link this once."""
    desk, task = _open(actor, placement, portfolio, code)
    typed, wished = parse_invitation(request.form, _today(), _zone())
    if wished is None:
        return _page(desk, task, typed), 400
    try:
        invited = services.invite(db(), actor, task, wished, request.form.get("once", ""))
    except AlreadyInvited:
        return redirect(url_for(".of_task", done="again"), 303)
    except Conflict as error:
        return _page(desk, task, typed, error=error), status_of(error)
    return _page(desk, task, new_invitation(_today()), invited=invited)


@blueprint.post(f"{_TASK}/<statement>/renew")
@learner
def renew(
    actor: Actor, placement: str, portfolio: str, code: str, statement: str
) -> ResponseReturnValue:
    """Makes a new link for an invitation, and shows it this once."""
    desk, task = _open(actor, placement, portfolio, code)
    seen = request.form.get("seen", "")
    try:
        ends_at = parse_end(request.form.get("ends_on", ""), _today(), _zone())
        invited = services.renew(db(), actor, task, statement, ends_at=ends_at, seen=seen)
    except AlreadyInvited:
        return redirect(url_for(".of_task", done="again"), 303)
    except (Conflict, InvalidInput) as error:
        return _page(desk, task, new_invitation(_today()), error=error), status_of(error)
    return _page(desk, task, new_invitation(_today()), invited=invited)


@blueprint.post(f"{_TASK}/<statement>/withdraw")
@learner
def withdraw(
    actor: Actor, placement: str, portfolio: str, code: str, statement: str
) -> ResponseReturnValue:
    """Closes a link at once."""
    _desk, task = _open(actor, placement, portfolio, code)
    services.withdraw(db(), actor, task, statement)
    return redirect(url_for(".of_task", done="withdrawn", of=statement), 303)


@blueprint.post(f"{_TASK}/<statement>/remove")
@learner
def remove(
    actor: Actor, placement: str, portfolio: str, code: str, statement: str
) -> ResponseReturnValue:
    """Leaves a statement out; it can be had back."""
    desk, task = _open(actor, placement, portfolio, code)
    try:
        services.remove(db(), actor, task, statement)
    except Conflict as error:
        return _page(desk, task, new_invitation(_today()), error=error), status_of(error)
    return redirect(url_for(".of_task", done="removed", of=statement), 303)


@blueprint.post(f"{_TASK}/<statement>/restore")
@learner
def restore(
    actor: Actor, placement: str, portfolio: str, code: str, statement: str
) -> ResponseReturnValue:
    """Brings a removed statement back."""
    desk, task = _open(actor, placement, portfolio, code)
    try:
        services.restore(db(), actor, task, statement)
    except Conflict as error:
        return _page(desk, task, new_invitation(_today()), error=error), status_of(error)
    return redirect(url_for(".of_task", done="restored", of=statement), 303)


def _open(actor: Actor, placement: str, portfolio: str, code: str) -> tuple[Desk, Task]:
    desk = open_portfolio(actor, placement, portfolio)
    return desk, task_of(desk, code)


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(_zone())).date()


def _zone() -> str:
    return runtime().settings.timezone


def _page(
    desk: Desk,
    task: Task,
    form: Typed,
    *,
    invited: Invited | None = None,
    error: ImhcfError | None = None,
) -> str:
    found = statements_of_task(db(), task.portfolio.id, task.code)
    now, done = clock.now(), request.args.get("done", "")
    of = request.args.get("of", "")
    return page(
        "of_task",
        desk.here,
        desk.asked,
        folder="statements",
        portfolio=desk.portfolio,
        task=desk.asked.by_code[task.code],
        statements=found,
        states={one.id: one.state(now) for one in found},
        ends={one.id: last_day(one.ends_at, _zone()) for one in found},
        closed={one.id for one in found if not one.is_open(now)},
        read=versions_read(db(), task.portfolio.id, task.code, found),
        is_open=standing_of(db(), task.portfolio.id).is_open(task.code),
        form=form,
        error=error,
        once=new_public_id(),
        link=_link(desk, invited) if invited else None,
        invited=invited.statement if invited else None,
        done=done if done in _DONE else "",
        of=of,
        usual_end=usual_end(_today()),
        longest_name=LONGEST_NAME,
        longest_ask=LONGEST_ASK,
        most_days=MOST_DAYS,
        undo_days=UNDO_FOR.days,
    )


def _link(desk: Desk, invited: Invited) -> dict[str, str]:
    """The link to send, and a letter with it that the learner's own mail program opens."""
    settings = runtime().settings
    address = settings.base_url + url_for("statement.invited", token=invited.token)
    day = format_date(last_day(invited.statement.ends_at, _zone()), "d MMMM y")
    words = _(
        "Hello,\n\nwould you say something about my work for my portfolio “%(title)s”? At this link"
        " you see what it is about, and can write a few sentences. You need no account. It is open"
        " until %(day)s.\n\n%(address)s\n\nThank you.",
        title=desk.asked.title,
        day=day,
        address=address,
    )
    letter = urlencode(
        {"subject": _("A statement for my portfolio"), "body": words}, quote_via=quote
    )
    return {"address": address, "mail": f"mailto:?{letter}"}

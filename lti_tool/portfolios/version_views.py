"""The versions of an account: a list of them, what one changed, and having one back."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.portfolios.differences import difference
from lti_tool.portfolios.formatting import formatted
from lti_tool.portfolios.opening import Desk, blueprint, open_portfolio, page, task_of
from lti_tool.portfolios.queries import (
    account_of,
    version_before,
    version_of,
    versions_of,
)
from lti_tool.portfolios.services import Task, restore_version
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.web.guards import learner
from lti_tool.web.requests import db

VERSIONS_A_PAGE = 30
# The databases count versions in 32 bits; an address may hold any number.
HIGHEST = 2**31 - 1


@blueprint.get("/<portfolio>/task/<code>/versions")
@learner
def versions(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """Every version that was kept, newest first."""
    desk = open_portfolio(actor, placement, portfolio)
    here = task_of(desk, code)
    found = account_of(db(), desk.portfolio.id, code)
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before <= HIGHEST:
        before = None
    kept, older = (
        versions_of(db(), found[0], limit=VERSIONS_A_PAGE, before=before) if found else ([], None)
    )
    return _page(
        "versions",
        desk,
        here,
        versions=kept,
        older=older,
        before=before,
        now=found[1].version if found else 0,
    )


@blueprint.get(f"/<portfolio>/task/<code>/versions/<int(max={HIGHEST}):number>")
@learner
def version(
    actor: Actor, placement: str, portfolio: str, code: str, number: int
) -> ResponseReturnValue:
    """One version: as it reads, and what it changed, or how today's text differs from it."""
    desk = open_portfolio(actor, placement, portfolio)
    here = task_of(desk, code)
    found = account_of(db(), desk.portfolio.id, code)
    if found is None:
        raise NotFound(N_("There is no such version of this account."), code="version-unknown")
    account, written = found
    this = version_of(db(), account, number)
    earlier = version_before(db(), account, number)
    return _page(
        "version",
        desk,
        here,
        version=this,
        written=written,
        lock=standing_of(db(), desk.portfolio.id).lock(code),
        html=formatted(this.text),
        changed=difference(earlier.text, this.text) if earlier else [],
        since=[] if this.number == written.version else difference(this.text, written.text),
    )


@blueprint.post(f"/<portfolio>/task/<code>/versions/<int(max={HIGHEST}):number>/restore")
@learner
def restore(
    actor: Actor, placement: str, portfolio: str, code: str, number: int
) -> ResponseReturnValue:
    """Puts a version back in place; the page then offers to undo that."""
    desk = open_portfolio(actor, placement, portfolio)
    here = task_of(desk, code)
    found = account_of(db(), desk.portfolio.id, code)
    seen = request.form.get("seen", type=int)
    now = found[1].version if found else 0
    restore_version(db(), actor, here, number, now if seen is None else seen)
    return redirect(url_for(".task", restored=now, _anchor="account"), 303)


def _page(view: str, desk: Desk, here: Task, **context: Any) -> str:
    return page(
        view,
        desk.here,
        desk.asked,
        portfolio=desk.portfolio,
        task=desk.asked.by_code[here.code],
        **context,
    )

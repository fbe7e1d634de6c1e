"""A task's page: prompt, points, the text with its marks, what stands beside it; saving by itself."""

from dataclasses import dataclass
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.competencies.models import Competency, Domain, Theme
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, ImhcfError, InvalidInput, NotFound, TooLarge
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.cases.queries import notices_of
from lti_tool.portfolios.evidence.answering import task_panel
from lti_tool.portfolios.formatting import formatted
from lti_tool.portfolios.locked_task import locked_page
from lti_tool.portfolios.opening import Desk, blueprint, open_portfolio, page, task_of
from lti_tool.portfolios.places import framework_words, open_places, places_in
from lti_tool.portfolios.rewordings import moved_task, say_it_holds
from lti_tool.portfolios.rules import (
    LONGEST_ACCOUNT,
    Act,
    Declaration,
    Wish,
    Written,
    appended,
    marked,
    missing,
)
from lti_tool.portfolios.services import ChangedElsewhere, Kept, Task, look_at, save_account
from lti_tool.portfolios.sources import Quote, quotes_beside
from lti_tool.portfolios.statements.panels import statements_beside
from lti_tool.portfolios.wishes import parse_text, parse_wish, read_form
from lti_tool.portfolios.wording import (
    kept_facts,
    kind_advice,
    kind_words,
    places_facts,
    script_messages,
    written_facts,
)
from lti_tool.web.errors import error_answer, status_of
from lti_tool.web.guards import learner, live_session
from lti_tool.web.requests import db


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the form: as typed where saving was refused, else as on record."""

    text: str
    version: int
    ticks: frozenset[int]
    declaration: Declaration
    error: ImhcfError | None = None
    other: Written | None = None


@blueprint.get("/<portfolio>/task/<code>")
@learner
def task(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """What am I asked, and what have I written?"""
    desk = open_portfolio(actor, placement, portfolio)
    here = task_of(desk, code)
    return locked_page(desk, here, _neighbours(desk, code)) or _task_page(desk, here)


@blueprint.post("/<portfolio>/task/<code>")
@learner
def save_task(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """The plain form: saves text and marks, and shows again what could not be saved."""
    desk = open_portfolio(actor, placement, portfolio)
    here = task_of(desk, code)
    points = len(desk.asked.by_code[code].points)
    form = request.form
    typed, seen, marks = read_form(form, form.getlist("ticks"), form.getlist("leave"), points)
    try:
        if "take" in form:
            return redirect(url_for(".task", _anchor="account"), 303)
        kept = save_account(db(), actor, here, Wish(parse_text(typed), seen, marks))
        return _after(desk, here, kept)
    except (ChangedElsewhere, InvalidInput, TooLarge, NotFound) as error:
        before = look_at(db(), actor, here).written
        ticks, declaration, _left = marked(before, marks)
        other = error.written if isinstance(error, ChangedElsewhere) else None
        # What is on record by now, as after an addition that was refused, is what a save builds on.
        version = before.version if other or before.text == as_kept(typed) else seen
        shown = Shown(typed, version, ticks, declaration, error, other)
        return _task_page(desk, here, shown), status_of(error)
    except Conflict as error:  # handed in meanwhile, as from another tab
        locked = locked_page(desk, here, _neighbours(desk, code), typed)
        if locked is None:
            raise
        return locked, status_of(error)


@blueprint.post("/<portfolio>/task/<code>/text")
@learner
def save(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """Text and marks from the page's script: confirmed once stored, or refused in words."""
    desk = open_portfolio(actor, placement, portfolio)
    here = task_of(desk, code)
    wish = parse_wish(request.get_json(), len(desk.asked.by_code[code].points))
    try:
        kept = save_account(db(), actor, here, wish)
    except ChangedElsewhere as error:
        answer = error_answer(error, 409)
        if answer.is_json:
            facts: dict[str, Any] = answer.get_json()
            answer.data = jsonify(facts | {"current": written_facts(error.written)}).data
        return answer
    return jsonify(kept_facts(kept) | {"saved_at": clock.now().isoformat()})


@blueprint.post("/<portfolio>/task/<code>/preview")
@learner
def preview(actor: Actor, placement: str, portfolio: str, code: str) -> ResponseReturnValue:
    """How a text will be read; nothing is stored."""
    task_of(open_portfolio(actor, placement, portfolio), code)
    sent = request.get_json()
    text = parse_text(sent.get("text") if isinstance(sent, dict) else None)
    return jsonify(html=formatted(text))


def _after(desk: Desk, here: Task, kept: Kept) -> ResponseReturnValue:
    """Where a saved form leads: an addition, the preview, the next task, or the page again."""
    form = request.form
    if "holds" in form:
        say_it_holds(db(), desk.here.actor, here, form["holds"])
    if "add" in form:
        return _add(desk, here, kept, form["add"])
    if "preview" in form:
        return redirect(url_for(".task", preview=1, _anchor="preview"), 303)
    _before, after = _neighbours(desk, here.code)
    if "next" in form:
        if after is None:
            return redirect(url_for(".overview"), 303)
        return redirect(url_for(".task", code=after.code), 303)
    return redirect(url_for(".task", saved=1, _anchor="account"), 303)


def _add(desk: Desk, here: Task, kept: Kept, key: str) -> ResponseReturnValue:
    """Adds something that the learner wrote elsewhere to the end of the text."""
    actor, before = desk.here.actor, kept.written
    quotes = quotes_beside(db(), actor, desk.asked, here.code)
    quote = next((one for one in quotes if one.key == key), None)
    if quote is None:
        raise NotFound(
            N_("What was to be added is no longer there."),
            code="quote-unknown",
            advice=N_("What you typed is saved. Go back and look again."),
        )
    text = parse_text(appended(before.text, as_kept(quote.text)))
    save_account(db(), actor, here, Wish(text, before.version), Act.ADDED)
    return redirect(url_for(".task", added=before.version, _anchor="account"), 303)


def _neighbours(desk: Desk, code: str) -> tuple[Competency | None, Competency | None]:
    tasks = [task for domain in desk.scope for task in domain.competencies]
    codes = [task.code for task in tasks]
    if code not in codes:
        return None, None
    place = codes.index(code)
    before = tasks[place - 1] if place else None
    return before, tasks[place + 1] if place + 1 < len(tasks) else None


def _where(desk: Desk, code: str) -> tuple[Domain, Theme]:
    return next(
        (domain, theme)
        for domain in desk.asked.domains
        for theme in domain.themes
        for competency in theme.competencies
        if competency.code == code
    )


def _task_page(desk: Desk, here: Task, shown: Shown | None = None) -> str:
    actor = desk.here.actor
    kept = look_at(db(), actor, here)
    written = kept.written
    places = kept.places
    if shown is None:
        shown = Shown(written.text, written.version, written.ticks, written.declaration)
    elif len(shown.text) <= LONGEST_ACCOUNT:
        found = places_in(as_kept(shown.text), framework_words())
        places = open_places(found, written.left_alone)
    domain, theme = _where(desk, here.code)
    before, after = _neighbours(desk, here.code)
    quotes = quotes_beside(db(), actor, desk.asked, here.code)
    return page(
        "task",
        desk.here,
        desk.asked,
        portfolio=desk.portfolio,
        task=desk.asked.by_code[here.code],
        domain=domain,
        theme=theme,
        before=before,
        after=after,
        written=written,
        shown=shown,
        missing=missing(written),
        moved=moved_task(db(), actor, here, written),
        **task_panel(desk, here.code),
        **statements_beside(desk.portfolio.id, here.code),
        case_notices=notices_of(db(), desk.portfolio.id, here.code),
        places=places,
        kind_words=kind_words,
        kind_advice=kind_advice,
        quotes=_by_where(quotes),
        preview=formatted(written.text) if "preview" in request.args else None,
        added=request.args.get("added", type=int),
        restored=request.args.get("restored", type=int),
        saved="saved" in request.args,
        script=_script(desk, here, kept, shown),
    )


def _by_where(quotes: list[Quote]) -> dict[str, list[Quote]]:
    found: dict[str, list[Quote]] = {}
    for quote in quotes:
        found.setdefault(quote.where, []).append(quote)
    return found


def _script(desk: Desk, here: Task, kept: Kept, shown: Shown) -> dict[str, Any]:
    """What the page's script needs: where to save, and under which name to keep drafts."""
    live = live_session()
    return {
        "save": url_for(".save"),
        "preview": url_for(".preview"),
        "slot": live.slot if live else "",
        "instrument": f"portfolio-{desk.portfolio.public_id}",
        "code": here.code,
        "record": written_facts(kept.written),
        "places": places_facts(kept.places),
        "problem": shown.error is not None,
        "messages": script_messages(),
    }

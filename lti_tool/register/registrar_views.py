"""The organisation's part of the register: list, entries with their log, rules; for administrators."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.cells import csv_text
from lti_tool.kernel.codes import grouped
from lti_tool.register import log
from lti_tool.register.issuing import Issuer
from lti_tool.register.public_views import today
from lti_tool.register.queries import (
    EntryView,
    Wanted,
    all_entries,
    count_of_organisation,
    entries_of_organisation,
    entry_of_organisation,
    events_of,
    terms_of,
)
from lti_tool.register.rules import (
    LEVELS,
    LONGEST_REASON,
    Act,
    Typed,
    as_typed,
    parse_reason,
    parse_terms,
)
from lti_tool.register.services import renew, restore, suspend
from lti_tool.register.terms import change_terms
from lti_tool.register.wording import ACTS, AUTHORS, STANDINGS
from lti_tool.storage.rules import content_disposition
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("registrar", __name__, url_prefix="/at/<slot>/p/<placement>/register")
blueprint.url_defaults(stay_here)

_MOST_PAGES = 1000
_STANDINGS = ("in-force", "ended", "suspended", "renewal")


@blueprint.get("")
@administrator
def entries(actor: Actor, placement: str) -> ResponseReturnValue:
    """Who of us is on the register, and what waits for me?"""
    wanted = _wanted()
    found, has_more = entries_of_organisation(db(), actor, wanted, today())
    return _page(
        "entries",
        actor,
        placement,
        entries=found,
        has_more=has_more,
        wanted=wanted,
        total=count_of_organisation(db(), actor),
        levels=LEVELS,
        query=_query(wanted),
        on=today(),
    )


@blueprint.get("/entries.csv")
@administrator
def export(actor: Actor, placement: str) -> ResponseReturnValue:
    """The same list as a table for a spreadsheet."""
    placement_for(db(), actor, placement)
    found = all_entries(db(), actor, _wanted(), today())
    head = (
        _("Name"), _("Level"), _("Place"), _("How it stands"), _("Recognised on"),
        _("Valid until"), _("Shown to the public"), _("Renewal asked for on"),
    )  # fmt: skip
    text = csv_text([head, *(_cells(entry) for entry in found)])
    response = Response("\ufeff" + text, mimetype="text/csv")
    response.headers["Content-Disposition"] = content_disposition("register.csv")
    return response


@blueprint.route("/rules", methods=["GET", "POST"])
@administrator
def terms(actor: Actor, placement: str) -> ResponseReturnValue:
    """How long does recognition hold here, and what does the public see?"""
    typed = as_typed(terms_of(db(), actor.organisation_id))
    if request.method == "GET":
        return _page("terms", actor, placement, form=typed, done=request.args.get("done", ""))
    placement_for(db(), actor, placement)
    typed, wished = parse_terms(request.form)
    if wished is None:
        return _page("terms", actor, placement, form=typed, done=""), 400
    change_terms(db(), actor, wished)
    return redirect(url_for(".terms", done="changed"), 303)


@blueprint.get("/entries/<entry>")
@administrator
def entry(actor: Actor, placement: str, entry: str) -> ResponseReturnValue:
    """What happened to this entry, and what may I do?"""
    return _entry_page(actor, placement, entry, Typed({"reason": ""}))


@blueprint.post("/entries/<entry>/suspend")
@administrator
def suspend_entry(actor: Actor, placement: str, entry: str) -> ResponseReturnValue:
    """Suspends an entry, with a reason."""
    return _decide(actor, placement, entry, Act.SUSPENDED)


@blueprint.post("/entries/<entry>/restore")
@administrator
def restore_entry(actor: Actor, placement: str, entry: str) -> ResponseReturnValue:
    """Restores an entry, with a reason."""
    return _decide(actor, placement, entry, Act.RESTORED)


@blueprint.post("/entries/<entry>/renew")
@administrator
def renew_entry(actor: Actor, placement: str, entry: str) -> ResponseReturnValue:
    """Renews an entry, with a reason."""
    return _decide(actor, placement, entry, Act.RENEWED)


def _decide(actor: Actor, placement: str, entry: str, act: Act) -> ResponseReturnValue:
    placement_for(db(), actor, placement)
    entry_of_organisation(db(), actor, entry)
    typed, reason = parse_reason(request.form)
    if not reason:
        return _entry_page(actor, placement, entry, typed, asked=act), 400
    if act is Act.SUSPENDED:
        suspend(db(), actor, entry, reason)
    elif act is Act.RESTORED:
        restore(db(), actor, entry, reason)
    else:
        renew(db(), Issuer.of(runtime()), actor, entry, reason, today=today())
    return redirect(url_for(".entry", entry=entry, done=act.value), 303)


def _entry_page(
    actor: Actor, placement: str, entry: str, typed: Typed, *, asked: Act | None = None
) -> str:
    found = entry_of_organisation(db(), actor, entry)
    return _page(
        "entry_kept",
        actor,
        placement,
        entry=found,
        standing=found.standing(today()),
        code=grouped(found.code),
        events=events_of(db(), found.id),
        is_whole=log.is_whole(db(), found.id),
        is_own=found.person_id == actor.person_id,
        form=typed,
        asked=asked,
        longest=LONGEST_REASON,
        terms=terms_of(db(), actor.organisation_id),
        done=request.args.get("done", ""),
    )


def _wanted() -> Wanted:
    typed = request.args
    level, page = typed.get("level", ""), typed.get("page", "")
    standing = typed.get("standing", "")
    is_page = page.isascii() and page.isdigit() and len(page) <= 4
    return Wanted(
        name=" ".join(typed.get("name", "").split())[:100],
        level=int(level) if level in {"1", "2", "3"} else None,
        standing=standing if standing in _STANDINGS else "",
        page=min(max(int(page), 1), _MOST_PAGES) if is_page else 1,
    )


def _query(wanted: Wanted) -> dict[str, Any]:
    kept = {"name": wanted.name, "level": wanted.level, "standing": wanted.standing}
    return {name: value for name, value in kept.items() if value}


def _cells(entry: EntryView) -> tuple[object, ...]:
    asked = entry.renewal_asked_at
    return (
        entry.name,
        entry.level,
        entry.place,
        STANDINGS[entry.standing(today())],
        entry.recognised_on.isoformat(),
        entry.valid_until.isoformat(),
        _("yes") if entry.shown else _("no"),
        asked.date().isoformat() if asked else "",
    )


def _page(view: str, actor: Actor, placement: str, **context: Any) -> str:
    place = placement_for(db(), actor, placement)
    found = instruments_for(db(), actor.organisation_id)
    return render_template(
        f"register/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked_for(found, place.set_up.instrument),
        tutor_page=True,
        standings=STANDINGS,
        acts=ACTS,
        authors=AUTHORS,
        **context,
    )

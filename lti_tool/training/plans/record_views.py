"""The learner's pages of training taken: the record with its hours, the form, certificates."""

from dataclasses import replace
from datetime import date

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import InvalidInput, Unavailable
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.rules import ACCEPT, CheckedFile, check_file
from lti_tool.training.plans.fields import Problems, collect, read_date
from lti_tool.training.plans.forms import (
    Form,
    Typed,
    read_record,
    record_as_typed,
    tie_text,
    ties_elsewhere,
    typed_record,
)
from lti_tool.training.plans.offering import offer_words
from lti_tool.training.plans.pages import Here, blueprint, open_place, page, today
from lti_tool.training.plans.queries import goals_of, record_of, records_of
from lti_tool.training.plans.recording import (
    RecordChanged,
    add_record,
    change_record,
    put_certificate,
)
from lti_tool.training.plans.rules import (
    RecordState,
    RecordView,
    by_year,
    hours_by_year,
    total_hours,
    within,
)
from lti_tool.web.guards import learner
from lti_tool.web.requests import db, runtime
from lti_tool.web.uploads import largest_file, sent_file, takes_file

FIELD = "certificate"


@blueprint.get("/training-record")
@learner
def records(actor: Actor, placement: str) -> ResponseReturnValue:
    """What have I done? By year with hours, and over any period that a regulator asks for."""
    here = open_place(actor, placement)
    taken = records_of(db(), actor.person_id)
    removed = records_of(db(), actor.person_id, RecordState.REMOVED)
    touched = request.args.get("record", "")
    problems: Problems = {}
    first, last = _period(problems)
    chosen = within(taken, first, last) if first and last and not problems else None
    return page(
        "records",
        here,
        years=by_year(taken),
        year_hours=hours_by_year(taken),
        total=total_hours(taken),
        removed=removed,
        touched=next((r for r in (*taken, *removed) if r.public_id == touched), None),
        did=request.args.get("did", ""),
        file=request.args.get("file", ""),
        problems=problems,
        first=first,
        last=last,
        chosen=chosen,
        chosen_hours=total_hours(chosen or ()),
    )


@blueprint.get("/training-record/new")
@learner
def new_record(actor: Actor, placement: str) -> ResponseReturnValue:
    """A new entry: of an offer (`offer`), for a goal (`goal`), or free."""
    here = open_place(actor, placement)
    asked_goal = request.args.get("goal", "")
    goal = next((g for g in goals_of(db(), actor.person_id) if g.public_id == asked_goal), None)
    offer = offer_words(db(), actor, request.args.get("offer", "") or (goal.offer if goal else ""))
    typed = typed_record({}, [tie_text((goal.instrument, goal.code))] if goal else [])
    fields = dict(typed.fields) | {
        "once": new_public_id(),
        "goal": goal.public_id if goal else "",
        "offer": offer.key if offer else "",
        "title": offer.title if offer else _first_line(goal.training if goal else ""),
        "provider": offer.provider if offer else "",
    }
    ties = tuple(tie for tie in typed.ties if tie.strip("/"))
    return _form_page(here, Form(Typed(fields, ties=ties)))


@blueprint.post("/training-record/new")
@learner
@takes_file
def save_new_record(actor: Actor, placement: str) -> ResponseReturnValue:
    """Stores a new entry with its certificate, or shows the form again with what is wrong."""
    here = open_place(actor, placement)
    typed = typed_record(request.form, request.form.getlist("ties"))
    wish, problems = read_record(typed, today(), _known(here))
    file = collect(problems, FIELD, _sent)
    if wish is None or problems:
        form = Form(typed, problems)
        return _form_page(here, form), form.status
    record = add_record(db(), actor, wish, once=typed["once"])
    return _stored(here, record, file, did="made")


@blueprint.get("/training-record/<record>/edit")
@learner
def edit_record(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """The form of an entry on record."""
    here = open_place(actor, placement)
    found = record_of(db(), actor.person_id, record)
    return _form_page(here, Form(record_as_typed(found)), record=found)


@blueprint.post("/training-record/<record>/edit")
@learner
@takes_file
def save_record(actor: Actor, placement: str, record: str) -> ResponseReturnValue:
    """Stores what was changed; when it changed elsewhere too, shows both."""
    here = open_place(actor, placement)
    found = record_of(db(), actor.person_id, record)
    typed = typed_record(request.form, request.form.getlist("ties"))
    wish, problems = read_record(typed, today(), _known(here))
    file = collect(problems, FIELD, _sent)
    if wish is None or problems:
        form = Form(typed, problems)
        return _form_page(here, form, record=found), form.status
    try:
        stored = change_record(db(), actor, record, wish, seen_version=typed.version)
    except RecordChanged as error:
        # Saving again keeps what is in the boxes: the form now builds on what is on record.
        form = Form(replace(typed, version=error.current.version))
        return _form_page(here, form, record=error.current, conflict=error), 409
    return _stored(here, stored, file, did="changed")


def _stored(here: Here, record: RecordView, file: CheckedFile | None, *, did: str) -> Response:
    """Keeps the certificate and goes back to the list; the entry stands without it, if need be."""
    if file:
        blobs = open_blobs(runtime().settings)
        try:
            put_certificate(db(), here.actor, blobs, record.public_id, file)
        except Unavailable:
            return redirect(url_for(".records", record=record.public_id, did="no-file"), 303)
    return redirect(url_for(".records", record=record.public_id, did=did), 303)


def _sent() -> CheckedFile | None:
    settings = runtime().settings
    sent = sent_file(FIELD, settings)
    return check_file(*sent, limit=largest_file(settings)) if sent else None


def _known(here: Here) -> dict[str, frozenset[str]]:
    return {name: frozenset(known.by_code) for name, known in here.instruments.items()}


def _period(problems: Problems) -> tuple[date | None, date | None]:
    """Returns the period that was asked for; notes what is wrong with it."""
    typed = {name: request.args.get(name, "") for name in ("from", "to")}
    if not any(text.strip() for text in typed.values()):
        return None, None
    first = collect(problems, "from", lambda: read_date(typed["from"]))
    last = collect(problems, "to", lambda: read_date(typed["to"]))
    if first and last and last < first:
        problems["to"] = InvalidInput(N_("The last day is before the first."), code="dates-crossed")
    return first, last


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:300]


def _form_page(
    here: Here,
    form: Form,
    *,
    record: RecordView | None = None,
    conflict: RecordChanged | None = None,
) -> str:
    settings = runtime().settings
    return page(
        "record_form",
        here,
        form=form,
        typed=form.typed,
        problems=form.problems,
        record=record,
        conflict=conflict,
        elsewhere=ties_elsewhere(form.typed.ties, here.asked.id),
        accept=ACCEPT,
        limit=largest_file(settings),
        megabytes=settings.upload_megabytes,
    )

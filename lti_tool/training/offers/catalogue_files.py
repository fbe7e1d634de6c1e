"""The provider's CSV files: a template, their own offers, and an upload with a dry run."""

import base64
import binascii

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.pages import asked_for
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import placement_for
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.text import N_
from lti_tool.training.offers.csv_files import (
    COLUMNS,
    MOST_BYTES,
    MOST_ROWS,
    NEEDED,
    FileMistake,
    FileRefused,
    write_csv,
)
from lti_tool.training.offers.importing import Plan, apply_plan, export_csv, plan_import
from lti_tool.training.offers.offer_forms import scope_asked, terms_for
from lti_tool.training.offers.rules import Format
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db

blueprint = Blueprint("catalogue_files", __name__, url_prefix="/at/<slot>/p/<placement>/catalogue")
blueprint.url_defaults(stay_here)

# More mistakes than this are counted, not listed: nobody mends them one by one.
MOST_MISTAKES = 300
EXAMPLE = {
    "reference": "example-1",
    "title": "Example: replace this line",
    "provider": "Your organisation",
    "format": "in-person",
    "length": "one day",
    "shown": "no",
    "levels": "1; 2;",
    "domains": "2;",
    "competencies": "4.01; 4.02;",
    "results": "not-started; working-towards;",
    "essential": "no",
}


@blueprint.get("/upload")
@tutor
def upload(actor: Actor, placement: str) -> ResponseReturnValue:
    """How a file looks, and where to send it."""
    return _page("upload", actor, placement)


@blueprint.post("/upload")
@tutor
def check(actor: Actor, placement: str) -> ResponseReturnValue:
    """The dry run: what the file would do, or everything that is wrong with it."""
    placement_for(db(), actor, placement)
    sent = request.files.get("file")
    content = sent.stream.read(MOST_BYTES + 1) if sent else b""
    if not content:
        return _refused(actor, placement, [FileMistake(1, "", N_("Choose a file first."))])
    return _try(actor, placement, content)


@blueprint.post("/upload/apply")
@tutor
def apply(actor: Actor, placement: str) -> ResponseReturnValue:
    """Does what was shown; if that is no longer what it would do, shows it again instead."""
    placement_for(db(), actor, placement)
    try:
        content = base64.b64decode(request.form.get("content", ""), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    try:
        plan = _plan(actor, content)
    except FileRefused as refused:
        return _refused(actor, placement, list(refused.mistakes))
    if plan.mark != request.form.get("mark"):
        page = _dry_run(actor, placement, content, plan, is_stale=True)
        return page, 409
    apply_plan(db(), actor, plan)
    return redirect(url_for("catalogue.offers", did="imported", _anchor="done"), 303)


@blueprint.get("/export.csv")
@tutor
def export(actor: Actor, placement: str) -> ResponseReturnValue:
    """The own offers of a scope; uploading the file unchanged changes nothing."""
    placement_for(db(), actor, placement)
    scope = scope_asked(actor)
    content = export_csv(db(), actor, course_id=scope, terms=terms_for(actor, scope))
    return _attachment("training-offers.csv", content)


@blueprint.get("/template.csv")
@tutor
def template(actor: Actor, placement: str) -> ResponseReturnValue:
    """A file with every column and one example."""
    placement_for(db(), actor, placement)
    return _attachment("training-offers-template.csv", write_csv([EXAMPLE]))


def _try(actor: Actor, placement: str, content: bytes) -> ResponseReturnValue:
    try:
        plan = _plan(actor, content)
    except FileRefused as refused:
        return _refused(actor, placement, list(refused.mistakes))
    return _dry_run(actor, placement, content, plan, is_stale=False)


def _plan(actor: Actor, content: bytes) -> Plan:
    scope = scope_asked(actor)
    return plan_import(
        db(),
        actor,
        content,
        course_id=scope,
        terms=terms_for(actor, scope),
        today=clock.now().date(),
    )


def _dry_run(actor: Actor, placement: str, content: bytes, plan: Plan, *, is_stale: bool) -> str:
    return _page(
        "dry_run",
        actor,
        placement,
        plan=plan,
        content=base64.b64encode(content).decode(),
        is_stale=is_stale,
    )


def _refused(actor: Actor, placement: str, mistakes: list[FileMistake]) -> ResponseReturnValue:
    shown = mistakes[:MOST_MISTAKES]
    more = len(mistakes) - len(shown)
    return _page("upload", actor, placement, mistakes=shown, more=more), 400


def _attachment(name: str, content: bytes) -> Response:
    response = Response(content, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(view: str, actor: Actor, placement: str, **context: object) -> str:
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    return render_template(
        f"training/{view}.html",
        **{"mistakes": [], "more": 0, **context},
        actor=actor,
        placement=place,
        instrument=asked_for(instruments, place.set_up.instrument),
        tutor_page=True,
        scope="organisation" if scope_asked(actor) is None else "course",
        columns=COLUMNS,
        needed=NEEDED,
        formats=list(Format),
        limits={"rows": MOST_ROWS, "size": MOST_BYTES // 1024},
    )

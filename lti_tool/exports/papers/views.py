"""A learner's papers: to print, and as PDF, which the worker makes."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.opening import open_placement
from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView
from lti_tool.exports.papers.content import Content, Whose, content_of, person_name, typed_text
from lti_tool.exports.papers.drawing import (
    document_of,
    paper_bar,
    paper_day,
    paper_hours,
    paper_lines,
)
from lti_tool.exports.papers.fonts import choose, installed_faces
from lti_tool.exports.papers.queries import newest_papers, paper_of
from lti_tool.exports.papers.rendering import Renderer, renderer_named
from lti_tool.exports.papers.rules import (
    PATIENCE,
    Kind,
    Options,
    PaperState,
    PaperView,
    file_name,
    parse_kind,
    parse_options,
    reason_words,
)
from lti_tool.exports.papers.services import ask
from lti_tool.exports.papers.worker import unseal
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import InvalidInput, NotFound
from lti_tool.kernel.text import N_
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.rules import content_disposition
from lti_tool.web.guards import learner
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("papers", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)
blueprint.add_app_template_filter(paper_day)
blueprint.add_app_template_filter(paper_hours)
blueprint.add_app_template_filter(paper_bar)
blueprint.add_app_template_filter(paper_lines)

TYPED = ("notes", "since", "until")


@blueprint.get("/papers")
@learner
def papers(actor: Actor, placement: str) -> ResponseReturnValue:
    """What can I take to a file, an appraisal, a revalidation?"""
    place, asked = open_placement(actor, placement)
    return _papers_page(actor, place, asked)


@blueprint.post("/papers")
@learner
def make(actor: Actor, placement: str) -> ResponseReturnValue:
    """Opens a paper to print, or asks for its PDF, with what was chosen on its card."""
    place, asked = open_placement(actor, placement)
    kind = parse_kind(request.form.get("kind"))
    typed = {name: request.form.get(name, "") for name in TYPED}
    try:
        options = parse_options(typed)
    except InvalidInput as error:
        problem = {
            "kind": kind,
            "field": error.params["field"],
            "sentence": _(error.sentence, **error.params),
            "advice": _(error.advice),
        }
        return _papers_page(actor, place, asked, typed={kind: typed}, problem=problem), 400
    if request.form.get("do") == "print":
        chosen: dict[str, Any] = {name: value for name, value in typed.items() if value}
        return redirect(url_for(f".{kind}", **chosen), 303)
    document = document_of(_content(actor, place, asked, kind, options), _renderer())
    ask(db(), actor, place, kind, options, document.digest)
    return redirect(url_for(".papers", _anchor=kind.value), 303)


@blueprint.get("/papers/grid")
@learner
def grid(actor: Actor, placement: str) -> ResponseReturnValue:
    """The completed grid, to read and print."""
    return _print_page(actor, placement, Kind.GRID)


@blueprint.get("/papers/plan")
@learner
def plan(actor: Actor, placement: str) -> ResponseReturnValue:
    """The development plan, to read and print."""
    return _print_page(actor, placement, Kind.PLAN)


@blueprint.get("/papers/record")
@learner
def record(actor: Actor, placement: str) -> ResponseReturnValue:
    """The training record, to read and print."""
    return _print_page(actor, placement, Kind.RECORD)


@blueprint.get("/papers/made/<paper>")
@learner
def state(actor: Actor, placement: str, paper: str) -> ResponseReturnValue:
    """How a PDF stands, for the page's script."""
    place, _asked = open_placement(actor, placement)
    found = paper_of(db(), actor.person_id, place.id, paper)
    html = render_template("papers/_state.html", made=found, **_words(found))
    return jsonify(state=found.state, html=html)


@blueprint.get("/papers/made/<paper>/file")
@learner
def file(actor: Actor, placement: str, paper: str) -> ResponseReturnValue:
    """The PDF itself, for its owner alone, to be saved."""
    place, asked = open_placement(actor, placement)
    found = paper_of(db(), actor.person_id, place.id, paper)
    if found.state is not PaperState.READY:
        raise NotFound(
            N_("This PDF is not ready."),
            code="paper-not-ready",
            advice=N_("Go back to your papers and check again."),
        )
    person = person_name(db(), actor.person_id)
    close_transaction()  # the store may be a server elsewhere
    pdf = unseal(open_blobs(runtime().settings).get(found.organisation_id, found.blob))
    response = Response(pdf, content_type="application/pdf")
    name = file_name(found.kind, asked.level, person, found.asked_at.date())
    response.headers["Content-Disposition"] = content_disposition(name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _whose(actor: Actor, place: PlacementView, asked: Instrument) -> Whose:
    return Whose(actor.person_id, actor.organisation_id, place, asked)


def _content(
    actor: Actor, place: PlacementView, asked: Instrument, kind: Kind, options: Options
) -> Content:
    return content_of(db(), _whose(actor, place, asked), kind, options)


def _print_page(actor: Actor, placement: str, kind: Kind) -> str:
    place, asked = open_placement(actor, placement)
    typed = {name: request.args.get(name, "") for name in TYPED}
    content = _content(actor, place, asked, kind, parse_options(typed))
    facts: dict[str, Any] = {kind.value: content, "content": content, "kind": kind.value}
    return _page("print", actor, place, asked, medium="page", typed=typed, **facts)


def _papers_page(
    actor: Actor,
    place: PlacementView,
    asked: Instrument,
    *,
    typed: dict[Kind, dict[str, str]] | None = None,
    problem: dict[str, Any] | None = None,
) -> str:
    made = newest_papers(db(), actor.person_id, place.id)
    text = typed_text(db(), _whose(actor, place, asked))
    return _page(
        "papers",
        actor,
        place,
        asked,
        cards=[_card(kind, made.get(kind), (typed or {}).get(kind)) for kind in Kind],
        problem=problem,
        missing=choose(text, installed_faces(), shapes=_renderer().shapes).missing,
    )


def _card(kind: Kind, made: PaperView | None, typed: dict[str, str] | None) -> dict[str, Any]:
    """What one card shows: its name, what was chosen last or is typed, and how its PDF stands."""
    names = {
        Kind.GRID: (
            _("The completed grid"),
            _("Every competency with your answer, the date and your evidence. For your file."),
        ),
        Kind.PLAN: (
            _("Development plan"),
            _("Strengths, gaps, goals and training. For your appraisal."),
        ),
        Kind.RECORD: (
            _("Training record"),
            _("What you took and when, with hours by year. For your revalidation."),
        ),
    }
    chosen = made.options if made else Options()
    typed = typed or {
        "notes": "1" if chosen.notes else "",
        "since": chosen.since.isoformat() if chosen.since else "",
        "until": chosen.until.isoformat() if chosen.until else "",
    }
    title, purpose = names[kind]
    card = {"kind": kind, "title": title, "purpose": purpose, "typed": typed, "made": made}
    return card | (_words(made) if made else {})


def _words(made: PaperView) -> dict[str, Any]:
    happened, advice = reason_words(made.reason)
    is_late = made.state is PaperState.ASKED and clock.now() - made.asked_at > PATIENCE
    return {"is_late": is_late, "happened": _(happened), "advice": _(advice)}


def _renderer() -> Renderer:
    return renderer_named(runtime().settings.pdf_renderer)


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument, **context: object
) -> str:
    return render_template(
        f"papers/{view}.html", actor=actor, placement=place, instrument=asked, **context
    )

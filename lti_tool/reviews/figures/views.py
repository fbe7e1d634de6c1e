"""Quality figures of an organisation's reviews, for its administrators."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from lti_tool.assessments.addresses import stay_here
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.cells import csv_text
from lti_tool.reviews.figures.queries import figures_of
from lti_tool.reviews.figures.rules import (
    FEW,
    FEW_FOR_SHARES,
    Agreement,
    Figures,
    NoKappa,
    Period,
    read_period,
)
from lti_tool.reviews.opening import open_place, page
from lti_tool.storage.rules import content_disposition
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db, runtime

blueprint = Blueprint(
    "review_figures", __name__, url_prefix="/at/<slot>/p/<placement>/review-figures"
)
blueprint.url_defaults(stay_here)


@blueprint.get("")
@administrator
def figures(actor: Actor, placement: str) -> ResponseReturnValue:
    """How long do reviews take, who has how much, and how far do two readers agree?"""
    here = open_place(actor, placement)
    typed, period, is_read = _period()
    body = page(
        "figures",
        here,
        found=_figures(actor, period),
        typed=typed,
        is_filtered=period != Period(),
        is_read=is_read,
        few=FEW,
        few_for_shares=FEW_FOR_SHARES,
        no_kappa={
            NoKappa.NO_PAIRS: _("No submission was read by two yet."),
            NoKappa.NO_VARIETY: _(
                "Both readers gave one and the same verdict throughout, so agreement by chance"
                " cannot be told from agreement."
            ),
        },
    )
    return body, 200 if is_read else 400


@blueprint.get("/figures.csv")
@administrator
def export(actor: Actor, placement: str) -> ResponseReturnValue:
    """The same figures as a table for a spreadsheet."""
    open_place(actor, placement)
    typed, period, is_read = _period()
    found = _figures(actor, period)
    head = (_("Figure"), _("Of"), _("Value"), _("n"))
    text = csv_text([head, *_rows(found, typed if is_read else {})])
    response = Response("\ufeff" + text, mimetype="text/csv")
    response.headers["Content-Disposition"] = content_disposition("review-figures.csv")
    return response


def _figures(actor: Actor, period: Period) -> Figures:
    zone = ZoneInfo(runtime().settings.timezone)
    today = clock.now().astimezone(zone).date()
    return figures_of(db(), actor.organisation_id, period, today, zone)


def _period() -> tuple[dict[str, str], Period, bool]:
    typed = {name: request.args.get(name, "").strip()[:20] for name in ("first", "last")}
    period, is_read = read_period(typed["first"], typed["last"])
    return typed, period, is_read


def _rows(found: Figures, typed: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    yield _("Period, first day"), "", typed.get("first", ""), ""
    yield _("Period, last day"), "", typed.get("last", ""), ""
    times = found.times
    yield _("Days to the verdict, median"), "", _number(times.median), times.n
    yield _("Days to the verdict, 90th percentile"), "", _number(times.ninetieth), times.n
    yield from _agreement(_("verdicts by competency"), found.by_competency)
    yield from _agreement(_("verdicts as a whole"), found.overall)
    for one in found.first_times:
        level = _("Level %(level)s", level=one.level)
        yield _("First submissions: recognised"), level, one.recognised, one.n
        yield _("First submissions: more evidence"), level, one.more_evidence, one.n
        yield _("First submissions: not recognised"), level, one.not_recognised, one.n
    for load in found.loads:
        yield _("Open now"), load.name, load.open, load.capacity
        yield _("Overdue now"), load.name, load.overdue, load.open
        yield _("Done in the period"), load.name, load.done, ""
    yield _("Waiting without a reader now"), "", found.unallocated, ""


def _agreement(what: str, found: Agreement) -> Iterator[tuple[Any, ...]]:
    yield _("Cohen's kappa, unweighted"), what, _number(found.kappa), found.n
    yield _("The same verdict"), what, found.agreed, found.n


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"

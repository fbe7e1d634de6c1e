"""Change over time: what moved between two snapshots, and the snapshots a learner keeps."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.change_words import (
    day_words,
    point_words,
    snapshot_words,
    span_words,
    tally_words,
)
from lti_tool.assessments.charts import change_chart
from lti_tool.assessments.comparison import NOW, Comparison, SnapshotHead, SnapshotKind
from lti_tool.assessments.dated_snapshots import is_own_dated_missing, take_own_dated
from lti_tool.assessments.hindsight import Hindsight, hindsight
from lti_tool.assessments.looking_back import is_asked, looking_back_of
from lti_tool.assessments.opening import open_placement, zone
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.rewordings import with_rewordings
from lti_tool.assessments.snapshot_queries import (
    answers_of,
    baseline_among,
    comparison_among,
    snapshots_of,
)
from lti_tool.assessments.snapshots import (
    LONGEST_LABEL,
    keep_by_hand,
    remove,
    rename,
)
from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, InvalidInput, TooLarge
from lti_tool.web.guards import learner
from lti_tool.web.requests import close_transaction, db, runtime

blueprint = Blueprint("changes", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


@dataclass(frozen=True, slots=True)
class Refused:
    """A name that was not kept, as typed, and why; `snapshot` is empty for a new snapshot."""

    error: ImhcfError
    typed: str
    snapshot: str = ""

    @property
    def status(self) -> int:
        return 413 if isinstance(self.error, TooLarge) else 400


@blueprint.get("/change")
@learner
def change(actor: Actor, placement: str) -> ResponseReturnValue:
    """What has moved since when?"""
    place, asked = open_placement(actor, placement)
    if is_own_dated_missing(db(), actor, place, zone()):
        close_transaction()  # this one only reads; what it read may be old in a moment
        with runtime().database.transaction() as session:
            take_own_dated(session, actor, place, zone())
    return _change_page(actor, place, asked)


@blueprint.post("/snapshots")
@learner
def keep(actor: Actor, placement: str) -> ResponseReturnValue:
    """Keeps the answers as they stand today, under a name."""
    place, asked = open_placement(actor, placement)
    label = request.form.get("label", "")
    try:
        keep_by_hand(db(), actor, place, asked, label)
    except (InvalidInput, TooLarge) as error:
        refused = Refused(error, label)
        return _change_page(actor, place, asked, refused), refused.status
    return redirect(url_for(".change", done="kept", _anchor="done"), 303)


@blueprint.post("/snapshots/<snapshot>/name")
@learner
def name(actor: Actor, placement: str, snapshot: str) -> ResponseReturnValue:
    """Gives a snapshot another name."""
    place, asked = open_placement(actor, placement)
    label = request.form.get("label", "")
    try:
        rename(db(), actor, snapshot, label)
    except TooLarge as error:
        refused = Refused(error, label, snapshot)
        return _change_page(actor, place, asked, refused), refused.status
    return redirect(url_for(".change", done="named", _anchor="done"), 303)


@blueprint.post("/snapshots/<snapshot>/remove")
@learner
def take_away(actor: Actor, placement: str, snapshot: str) -> ResponseReturnValue:
    """Removes a snapshot that the learner had kept; the page asked in words before."""
    open_placement(actor, placement)
    remove(db(), actor, snapshot)
    return redirect(url_for(".change", done="removed", _anchor="done"), 303)


def _change_page(
    actor: Actor, place: PlacementView, asked: Instrument, refused: Refused | None = None
) -> str:
    heads = snapshots_of(db(), actor.person_id, asked.id)
    comparison = _comparison(actor, place, asked, heads) if heads else None
    baseline = baseline_among(heads)
    ratings = ratings_of(db(), actor.person_id, asked.id)
    return render_template(
        "assessments/change.html",
        actor=actor,
        placement=place,
        instrument=asked,
        heads=heads,
        comparison=comparison,
        chart=change_chart(comparison) if comparison else None,
        hindsight=_hindsight(actor, place, asked, baseline),
        asks_looking_back=is_asked(place, baseline, ratings, zone()),
        has_answers=bool(ratings),
        refused=refused,
        longest_label=LONGEST_LABEL,
        by_hand=SnapshotKind.BY_HAND,
        now_name=NOW,
        done=request.args.get("done", ""),
        words={
            "day": day_words,
            "point": point_words,
            "snapshot": snapshot_words,
            "span": span_words,
            "tally": tally_words,
        },
    )


def _comparison(
    actor: Actor, place: PlacementView, asked: Instrument, heads: list[SnapshotHead]
) -> Comparison:
    """The two points of the address; at first, the baseline (or the oldest) and now."""
    first = baseline_among(heads) or heads[0]
    names = (
        request.args.get("from", "") or first.public_id,
        request.args.get("to", "") or NOW,
    )
    found = comparison_among(db(), actor.person_id, asked, heads, names, place.set_up.domains)
    return with_rewordings(db(), actor.organisation_id, asked, found)


def _hindsight(
    actor: Actor, place: PlacementView, asked: Instrument, baseline: SnapshotHead | None
) -> Hindsight | None:
    """What was said looking back, beside the baseline and now; None where nothing was said."""
    if baseline is None:
        return None
    said = looking_back_of(db(), actor.person_id, asked.id)
    if not said:
        return None
    return hindsight(
        asked.scope(place.set_up.domains),
        answers_of(db(), [baseline.id]).get(baseline.id, {}),
        {code: one.answer for code, one in said.items()},
        ratings_of(db(), actor.person_id, asked.id),
    )

"""What a reader of a shared link sees: the owner's plan as it stands now, in the chosen parts."""

from dataclasses import dataclass
from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy.orm import Session

from lti_tool.assessments.charts import change_chart
from lti_tool.assessments.comparison import Comparison
from lti_tool.assessments.pages import asked_for
from lti_tool.assessments.snapshot_queries import baseline_of, comparison_of
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_of_course
from lti_tool.exports.papers.content import (
    PlanContent,
    RecordContent,
    Whose,
    plan_content,
    record_content,
)
from lti_tool.exports.papers.rules import Options
from lti_tool.exports.sharing.queries import SharedView
from lti_tool.exports.sharing.rules import Part
from lti_tool.kernel import clock
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_

_OF_THE_PLAN = frozenset({Part.STRENGTHS, Part.GAPS, Part.NOTES, Part.GOALS, Part.TRAINING})


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's page: who shows what to them, as of when, until when.

    What was not chosen is None; `change` is None, too, before there is a baseline.
    """

    person_name: str
    organisation_name: str
    ends_on: date
    as_of: datetime
    parts: frozenset[Part]
    instrument: Instrument
    place: PlacementView
    plan: PlanContent | None
    training: RecordContent | None
    change: Comparison | None
    chart: Markup | None


def reading_of(session: Session, shared: SharedView) -> Reading:
    """Returns the page for an open link, or for a link that its owner is about to make.

    The plan is live: a link is for talking about, and a frozen copy of what has been mended
    since would mislead; whoever wants it frozen prints it, or makes a paper. Raises `NotFound`
    when the tool no longer holds the instrument.
    """
    place = placement_of_course(session, shared.placement_id)
    asked = asked_for(instruments_for(session, shared.organisation_id), shared.instrument)
    if asked is None:
        raise NotFound(
            N_("There is nothing to see at this link."),
            code="link-empty",
            advice=N_("Ask the person who sent it to you for a new link."),
        )
    change = _change(session, shared, place, asked)
    return Reading(
        person_name=shared.person_name,
        organisation_name=shared.organisation_name,
        ends_on=shared.ends_on,
        as_of=clock.now(),
        parts=shared.parts,
        instrument=asked,
        place=place,
        plan=_plan(session, shared, place, asked),
        training=_training(session, shared, place, asked),
        change=change,
        chart=change_chart(change) if change else None,
    )


def _plan(
    session: Session, shared: SharedView, place: PlacementView, asked: Instrument
) -> PlanContent | None:
    chosen = frozenset(part.value for part in shared.parts & _OF_THE_PLAN)
    if not chosen:
        return None
    return plan_content(session, shared.person_id, shared.organisation_id, place, asked, chosen)


def _training(
    session: Session, shared: SharedView, place: PlacementView, asked: Instrument
) -> RecordContent | None:
    """The training record without reflections: those are written for oneself."""
    if Part.RECORDS not in shared.parts:
        return None
    whose = Whose(shared.person_id, shared.organisation_id, place, asked)
    return record_content(session, whose, Options(notes=False))


def _change(
    session: Session, shared: SharedView, place: PlacementView, asked: Instrument
) -> Comparison | None:
    baseline = baseline_of(session, shared.person_id, asked.id)
    if Part.CHANGE not in shared.parts or baseline is None:
        return None
    return comparison_of(
        session,
        shared.person_id,
        asked,
        baseline.public_id,
        domains=place.set_up.domains,
    )

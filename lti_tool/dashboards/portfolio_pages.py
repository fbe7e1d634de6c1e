"""The tutor's course page of a portfolio: who has written how much. Counts alone, no text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView, learners_of_course
from lti_tool.kernel.actor import Actor
from lti_tool.portfolios.queries import Writing, writing_of_people
from lti_tool.web.requests import db


@dataclass(frozen=True, slots=True)
class WriterLine:
    """One learner: how much they have written, if they have begun, and when they were here last."""

    name: str
    in_course: bool
    writing: Writing | None
    title: str
    total: int
    active_at: datetime | None


def portfolio_course(actor: Actor, place: PlacementView, library: Mapping[str, Instrument]) -> str:
    """Returns the course page of a placement that asks for a portfolio."""
    asked = library[place.set_up.instrument]
    learners = learners_of_course(db(), actor)
    writing = writing_of_people(db(), place.id, [one.person_id for one in learners])
    lines = []
    for learner in learners:
        found = writing.get(learner.person_id)
        chosen = library.get(found.instrument) if found else None
        moments = (found.changed_at if found else None, learner.last_seen_at)
        lines.append(
            WriterLine(
                learner.name,
                learner.active,
                found,
                chosen.title if chosen else "",
                len(chosen.by_code) if chosen else 0,
                max((moment for moment in moments if moment), default=None),
            )
        )
    return render_template(
        "dashboards/portfolios.html",
        actor=actor,
        placement=place,
        instrument=asked,
        lines=sorted(lines, key=lambda line: not line.in_course),
        not_started=sum(
            line.in_course and not (line.writing and line.writing.begun) for line in lines
        ),
        tutor_page=True,
    )

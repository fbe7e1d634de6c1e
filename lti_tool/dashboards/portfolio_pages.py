"""The tutor's pages of a portfolio: the course, one learner; and the observer's. Counts, no text."""

from collections.abc import Mapping

from flask import render_template, request

from lti_tool.competencies.models import Domain, Instrument
from lti_tool.courses.queries import LearnerRow, PlacementView
from lti_tool.courses.rosters.queries import Participants
from lti_tool.dashboards.portfolio_queries import portfolio_lines
from lti_tool.dashboards.portfolio_rules import (
    arranged_lines,
    is_concerned,
    portfolio_facts,
    portfolio_matter_named,
)
from lti_tool.dashboards.rules import group_choices, in_group
from lti_tool.grades.rules import REASONS
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.portfolios.tutoring import TaskCounts, submissions_of_people, tasks_of_person
from lti_tool.web.requests import db

_NOTHING = TaskCounts()


def portfolio_course(
    actor: Actor,
    place: PlacementView,
    library: Mapping[str, Instrument],
    there: Participants,
    **context: object,
) -> str:
    """Returns the course page of a placement that asks for a portfolio."""
    now = clock.now()
    lines = portfolio_lines(db(), there.learners, place, library, now)
    choices = group_choices(lines, there.roster.groups)
    group = next((one for one in choices if one.id == request.args.get("group")), None)
    order = request.args.get("sort", "name")
    matter = portfolio_matter_named(request.args.get("show", ""))
    members = [line for line in lines if in_group(line, group.id if group else "")]
    shown = [line for line in members if matter is None or is_concerned(matter, line, now)]
    return _page(
        "portfolios",
        actor,
        place,
        library,
        lines=arranged_lines(shown, order),
        everyone=len(lines),
        facts=portfolio_facts(members, now),
        matter=matter,
        order=order,
        choices=choices,
        group=group,
        **context,
    )


def portfolio_learner(
    actor: Actor, place: PlacementView, library: Mapping[str, Instrument], found: LearnerRow
) -> str:
    """Returns one learner's page: how far each part is, what was handed in, what came of it."""
    (line,) = portfolio_lines(db(), [found], place, library, clock.now())
    instrument, counts = tasks_of_person(db(), place.id, found.person_id)
    chosen = library.get(instrument)
    parts = [_part(domain, counts) for domain in chosen.domains] if chosen else []
    return _page(
        "portfolio_learner",
        actor,
        place,
        library,
        line=line,
        last_seen=found.last_seen_at,
        chosen=chosen,
        parts=parts,
        submissions=submissions_of_people(db(), place.id, [found.person_id]).get(
            found.person_id, []
        ),
    )


def observed_portfolios(
    actor: Actor,
    place: PlacementView,
    library: Mapping[str, Instrument],
    seen: list[LearnerRow],
) -> str:
    """Returns an observer's page of a portfolio: how far those are whom they may see."""
    lines = portfolio_lines(db(), seen, place, library, clock.now())
    return _page("observed_portfolios", actor, place, library, lines=lines, tutor_page=False)


def _part(domain: Domain, counts: Mapping[str, TaskCounts]) -> dict[str, object]:
    found = [counts.get(code, _NOTHING) for code in domain.codes]
    return {
        "domain": domain,
        "total": len(found),
        "begun": sum(one.is_begun for one in found),
        "ready": sum(one.is_ready for one in found),
        "words": sum(one.words for one in found),
        "with_evidence": sum(one.evidence > 0 for one in found),
    }


def _page(
    view: str,
    actor: Actor,
    place: PlacementView,
    library: Mapping[str, Instrument],
    **context: object,
) -> str:
    shown: dict[str, object] = {
        "tutor_page": True,
        "reasons": REASONS,
        "retried": "retried" in request.args,
        "library": library,
        **context,
    }
    return render_template(
        f"dashboards/{view}.html",
        actor=actor,
        placement=place,
        instrument=library[place.set_up.instrument],
        **shown,
    )

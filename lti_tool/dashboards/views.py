"""The tutor's pages: the course, one learner, and a grade sent again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta

from lti_tool.assessments.addresses import HIGHEST_ROW, row_number, stay_here
from lti_tool.assessments.pages import asked_for, is_portfolio, overview, standings
from lti_tool.assessments.queries import history, ratings_of
from lti_tool.competencies.models import Instrument, Kind
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, learner_of_course, placement_for
from lti_tool.courses.rosters.queries import participants_of_course, roster_of_course
from lti_tool.courses.rosters.rules import REASONS as ROSTER_REASONS
from lti_tool.courses.rosters.rules import RosterView
from lti_tool.courses.rosters.services import ask_for_roster
from lti_tool.dashboards.portfolio_pages import portfolio_course, portfolio_learner
from lti_tool.dashboards.queries import learner_line, learners_with_progress
from lti_tool.dashboards.rules import (
    arranged,
    concerns,
    facts,
    group_choices,
    in_group,
    matter_named,
)
from lti_tool.grades.overrides import insist
from lti_tool.grades.queries import scores_of_person
from lti_tool.grades.rules import REASONS
from lti_tool.grades.services import retry_one
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.training.plans.pages import today
from lti_tool.training.plans.tutoring import plans_seen, sight_of
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("dashboards", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)

CHANGES_A_PAGE = 20


@blueprint.get("/course")
@tutor
def course(actor: Actor, placement: str) -> ResponseReturnValue:
    """Who needs me? Every learner of the course, and the facts to act on."""
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    if is_portfolio(instruments, place.set_up.instrument):
        there = participants_of_course(db(), actor)
        return portfolio_course(
            actor,
            place,
            instruments,
            there,
            **_roster_words(_kept_fresh(actor, place, there.roster)),
        )
    asked = asked_for(instruments, place.set_up.instrument)
    if asked is None:
        return redirect(url_for("placing.set_up"), 303)
    now = clock.now()
    there = participants_of_course(db(), actor)
    lines = learners_with_progress(db(), there.learners, place, asked, today())
    roster = _kept_fresh(actor, place, there.roster)
    choices = group_choices(lines, roster.groups)
    group = next((one for one in choices if one.id == request.args.get("group")), None)
    order = request.args.get("sort", "name")
    matter = matter_named(request.args.get("show", ""))
    members = [line for line in lines if in_group(line, group.id if group else "")]
    shown = [line for line in members if matter is None or concerns(matter, line, now)]
    return _page(
        "course",
        actor,
        place,
        asked,
        scope=asked.scope(place.set_up.domains),
        lines=arranged(shown, order),
        everyone=len(lines),
        facts=facts(members, now),
        matter=matter,
        order=order,
        choices=choices,
        group=group,
        **_roster_words(roster),
    )


def _roster_words(roster: RosterView) -> dict[str, object]:
    return {
        "roster": roster,
        "roster_age": age_words(roster.fetched_at),
        "roster_reason": ROSTER_REASONS.get(roster.reason, ""),
    }


@blueprint.post("/roster/refresh")
@tutor
def refresh_roster(actor: Actor, placement: str) -> ResponseReturnValue:
    """Has the LMS asked for the list of participants now, unless it was asked a moment ago."""
    place = placement_for(db(), actor, placement)
    roster = roster_of_course(db(), actor)
    if not roster.offered:
        raise NotFound(
            N_("Your LMS offers this tool no list of participants."), code="roster-not-offered"
        )
    asked = ask_for_roster(db(), actor.course_id, place.registration_id, by_hand=True)
    sort, show, group = (request.form.get(name) for name in ("sort", "show", "group"))
    told = "asked" if asked else "recent"
    return redirect(url_for(".course", sort=sort, show=show, group=group, roster=told), 303)


def _kept_fresh(actor: Actor, place: PlacementView, roster: RosterView) -> RosterView:
    """Has the roster fetched in the background when it is old; the page never waits for it.

    A page that is read gets a short transaction for it, once in a few minutes for a course.
    """
    if not roster.is_due(clock.now()):
        return roster
    with runtime().database.transaction() as session:
        ask_for_roster(session, actor.course_id, place.registration_id)
    return replace(roster, asked_at=clock.now())


def age_words(since: datetime | None) -> str:
    """Returns "12 minutes ago", in the page's language; "" for never and for a moment ago.

    A script puts every `<time>` of a page into words of its own, so that this is none.
    """
    age = clock.now() - since if since else timedelta(0)
    if age < timedelta(minutes=1):
        return ""
    return str(format_timedelta(-age, granularity="minute", threshold=1, add_direction=True))


@blueprint.get("/learners/<person>")
@tutor
def learner(actor: Actor, placement: str, person: str) -> ResponseReturnValue:
    """Where does this learner stand, and since when? To be read, never changed."""
    place, asked, instruments = _open(actor, placement)
    found = learner_of_course(db(), actor, person)
    if found.last_seen_at is None:
        return _page("learner_to_come", actor, place, asked, learner=found)
    if asked.kind is Kind.PORTFOLIO:
        return portfolio_learner(actor, place, instruments, found)
    ratings = ratings_of(db(), found.person_id, asked.id)
    scores = scores_of_person(db(), place.id, found.person_id)
    scope = asked.scope(place.set_up.domains)
    before = request.args.get("before", type=row_number)
    changes, older = history(
        db(),
        found.person_id,
        asked.id,
        limit=CHANGES_A_PAGE,
        before=before,
        codes=[code for domain in scope for code in domain.codes],
    )
    return _page(
        "learner",
        actor,
        place,
        asked,
        line=learner_line(found, ratings, scores, place, asked),
        last_seen=found.last_seen_at,
        plans=plans_seen(db(), found.person_id, sight_of(place, asked), today()),
        overview=overview(scope, ratings),
        standings=standings(scope, ratings),
        ratings=ratings,
        changes=changes,
        older=older,
        before=before,
    )


@blueprint.post(f"/scores/<int(max={HIGHEST_ROW}):score>/retry")
@tutor
def retry_score(actor: Actor, placement: str, score: int) -> ResponseReturnValue:
    """Sends a grade again, and goes back to the page that asked for it."""
    place = placement_for(db(), actor, placement)
    retry_one(db(), {place.id}, score)
    return _back_with_grade()


@blueprint.post(f"/scores/<int(max={HIGHEST_ROW}):score>/insist")
@tutor
def insist_on_score(actor: Actor, placement: str, score: int) -> ResponseReturnValue:
    """Sends our grade over the one that was entered in the gradebook, and goes back."""
    place = placement_for(db(), actor, placement)
    insist(db(), {place.id}, score)
    return _back_with_grade()


def _back_with_grade() -> ResponseReturnValue:
    person = request.form.get("learner", "")
    if person:
        return redirect(url_for(".learner", person=person, retried=1), 303)
    return redirect(url_for(".course", retried=1), 303)


def _open(
    actor: Actor, placement: str
) -> tuple[PlacementView, Instrument, Mapping[str, Instrument]]:
    place = placement_for(db(), actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    asked = instruments.get(place.set_up.instrument)
    if asked is None:
        raise NotFound(
            N_("This activity is not set up yet."),
            code="not-set-up",
            advice=N_("Open its course page and set it up first."),
        )
    return place, asked, instruments


def _page(
    view: str, actor: Actor, place: PlacementView, asked: Instrument, **context: object
) -> str:
    return render_template(
        f"dashboards/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        tutor_page=True,
        reasons=REASONS,
        retried="retried" in request.args,
        **context,
    )

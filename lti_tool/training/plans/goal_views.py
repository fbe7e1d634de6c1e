"""The learner's pages of goals: the list, one goal with its history, the form, and each act."""

from datetime import date

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.competencies.models import Competency
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError, InvalidInput, NotFound, TooLarge
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.training.plans.fields import long_text
from lti_tool.training.plans.forms import (
    Form,
    Typed,
    goal_as_typed,
    read_goal,
    read_version,
    typed_goal,
)
from lti_tool.training.plans.offering import offer_words
from lti_tool.training.plans.pages import Here, blueprint, open_place, page, today
from lti_tool.training.plans.queries import goal_of, goals_of, history_of_goal
from lti_tool.training.plans.rules import GoalView, arranged
from lti_tool.training.plans.services import (
    GoalChanged,
    change_goal,
    drop_goal,
    finish_goal,
    make_goal,
    reopen_goal,
    undo_goal,
)
from lti_tool.web.errors import status_of
from lti_tool.web.guards import learner
from lti_tool.web.requests import db


@blueprint.get("/goals")
@learner
def goals(actor: Actor, placement: str) -> ResponseReturnValue:
    """What will I do by when?"""
    here = open_place(actor, placement)
    mine = goals_of(db(), actor.person_id)
    touched = request.args.get("goal", "")
    return page(
        "goals",
        here,
        groups=arranged(mine, today()),
        touched=next((goal for goal in mine if goal.public_id == touched), None),
        did=request.args.get("did", ""),
    )


@blueprint.get("/goals/new")
@learner
def new_goal(actor: Actor, placement: str) -> ResponseReturnValue:
    """A new goal: from a gap (`code`), from an offer (`offer`), or free."""
    here = open_place(actor, placement)
    typed = typed_goal(request.args)
    known = here.asked.by_code.get(typed["code"])
    offer = offer_words(db(), actor, typed["offer"])
    fields = dict(typed.fields) | {
        "once": new_public_id(),
        "code": known.code if known else "",
        "what": known.topic if known else "",
        "offer": offer.key if offer else "",
        "training": offer.words if offer else "",
    }
    return _form_page(here, Form(Typed(fields)), known)


@blueprint.post("/goals/new")
@learner
def add_goal(actor: Actor, placement: str) -> ResponseReturnValue:
    """Stores a new goal, or shows its form again with what is wrong."""
    here = open_place(actor, placement)
    typed = typed_goal(request.form)
    known = here.asked.by_code.get(typed["code"])
    if typed["code"] and known is None:
        raise NotFound(N_("There is no such competency."), code="code-unknown")
    wish, problems = read_goal(typed, today(), is_new=True)
    if wish is None:
        form = Form(typed, problems)
        return _form_page(here, form, known), form.status
    tie = (here.asked.id, known.code) if known else None
    goal = make_goal(db(), actor, wish, tie=tie, once=typed["once"])
    return redirect(url_for(".goals", goal=goal.public_id, did="made"), 303)


@blueprint.get("/goals/<goal>")
@learner
def goal(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """One goal, what can be done with it, and its history."""
    here = open_place(actor, placement)
    return _goal_page(here, goal_of(db(), actor.person_id, goal), did=request.args.get("did", ""))


@blueprint.get("/goals/<goal>/edit")
@learner
def edit_goal(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """The form of a goal on record."""
    here = open_place(actor, placement)
    found = goal_of(db(), actor.person_id, goal)
    return _form_page(here, Form(goal_as_typed(found)), _competency(here, found), goal=found)


@blueprint.post("/goals/<goal>/edit")
@learner
def save_goal(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """Stores what was changed; when it changed elsewhere too, shows both."""
    here = open_place(actor, placement)
    found = goal_of(db(), actor.person_id, goal)
    typed = typed_goal(request.form)
    wish, problems = read_goal(typed, today(), is_new=False)
    known = _competency(here, found)
    if wish is None:
        form = Form(typed, problems)
        return _form_page(here, form, known, goal=found), form.status
    try:
        change_goal(db(), actor, goal, wish, seen_version=typed.version)
    except GoalChanged as error:
        # Saving again keeps what is in the boxes: the form now builds on what is on record.
        form = Form(Typed(typed.fields, error.current.version))
        return _form_page(here, form, known, goal=error.current, conflict=error), 409
    return redirect(url_for(".goal", goal=goal, did="changed"), 303)


@blueprint.post("/goals/<goal>/done")
@learner
def finish(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """Marks a goal as done, with what showed it."""
    here = open_place(actor, placement)
    found = goal_of(db(), actor.person_id, goal)
    typed = request.form.get("outcome", "")
    try:
        version = read_version(request.form)
        finish_goal(db(), actor, goal, long_text(typed), seen_version=version)
    except (TooLarge, InvalidInput, GoalChanged) as error:
        current = error.current if isinstance(error, GoalChanged) else found
        return _goal_page(here, current, problem=error, outcome=typed), status_of(error)
    return redirect(url_for(".goals", goal=goal, did="done"), 303)


@blueprint.post("/goals/<goal>/drop")
@learner
def drop(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """Drops a goal; it stays on record and can be opened again."""
    here = open_place(actor, placement)
    try:
        drop_goal(db(), actor, goal, seen_version=read_version(request.form))
    except GoalChanged as error:
        return _goal_page(here, error.current, problem=error), 409
    return redirect(url_for(".goals", goal=goal, did="dropped"), 303)


@blueprint.post("/goals/<goal>/reopen")
@learner
def reopen(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """Opens a done or dropped goal again."""
    here = open_place(actor, placement)
    try:
        reopen_goal(db(), actor, goal, seen_version=read_version(request.form))
    except GoalChanged as error:
        return _goal_page(here, error.current, problem=error), 409
    return redirect(url_for(".goal", goal=goal, did="reopened"), 303)


@blueprint.post("/goals/<goal>/undo")
@learner
def undo(actor: Actor, placement: str, goal: str) -> ResponseReturnValue:
    """Takes the last change of a goal back."""
    here = open_place(actor, placement)
    try:
        undo_goal(db(), actor, goal, seen_version=read_version(request.form))
    except GoalChanged as error:
        return _goal_page(here, error.current, problem=error), 409
    return redirect(url_for(".goal", goal=goal, did="undone"), 303)


def _competency(here: Here, goal: GoalView) -> Competency | None:
    instrument = here.instruments.get(goal.instrument)
    return instrument.by_code.get(goal.code) if instrument else None


def _form_page(
    here: Here,
    form: Form,
    competency: Competency | None,
    *,
    goal: GoalView | None = None,
    conflict: GoalChanged | None = None,
) -> str:
    return page(
        "goal_form",
        here,
        form=form,
        typed=form.typed,
        problems=form.problems,
        competency=competency,
        goal=goal,
        conflict=conflict,
    )


def _goal_page(
    here: Here,
    goal: GoalView,
    *,
    did: str = "",
    problem: ImhcfError | None = None,
    outcome: str | None = None,
) -> str:
    return page(
        "goal",
        here,
        goal=goal,
        competency=_competency(here, goal),
        history=history_of_goal(db(), goal.id),
        iso_day=date.fromisoformat,
        did=did,
        problem=problem,
        outcome=goal.outcome if outcome is None else outcome,
    )

"""Looking back: the pages that ask a learner, at the end, how they were at the start.

They never show the baseline, so that memory is not steered by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.answers import Shown, shown
from lti_tool.assessments.domain_form import Problem, read_form
from lti_tool.assessments.looking_back import (
    Asking,
    LookedBack,
    is_asked,
    looking_back_of,
    withdraw_all,
)
from lti_tool.assessments.looking_back_form import rated_of, save_looking_back
from lti_tool.assessments.opening import open_placement, zone
from lti_tool.assessments.pages import neighbours
from lti_tool.assessments.queries import ratings_of
from lti_tool.assessments.snapshot_queries import baseline_of
from lti_tool.competencies.models import Domain
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.text import N_
from lti_tool.web.guards import learner
from lti_tool.web.requests import db

blueprint = Blueprint("looking", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What every page of looking back needs; `said` is what stands of it by code."""

    asking: Asking
    said: Mapping[str, LookedBack]

    @property
    def scope(self) -> tuple[Domain, ...]:
        return self.asking.asked.scope(self.asking.place.set_up.domains)

    def domain(self, number: int) -> Domain:
        for found in self.scope:
            if found.number == number:
                return found
        raise NotFound(N_("This activity does not ask for that domain."), code="domain-unknown")


@blueprint.get("/looking-back")
@learner
def back(actor: Actor, placement: str) -> ResponseReturnValue:
    """What am I asked, and how far have I come? With the way to withdraw all of it."""
    opened = _open(actor, placement)
    return _page("looking_back", actor, opened, withdrawn="withdrawn" in request.args)


@blueprint.get("/looking-back/<int:number>")
@learner
def domain(actor: Actor, placement: str, number: int) -> ResponseReturnValue:
    """One domain: at the start, I was …"""
    opened = _open(actor, placement)
    return _domain_page(actor, opened, opened.domain(number), {}, None)


@blueprint.post("/looking-back/<int:number>")
@learner
def save(actor: Actor, placement: str, number: int) -> ResponseReturnValue:
    """Saves what was changed, as far as it has come; shows again what could not be saved."""
    opened = _open(actor, placement)
    here = opened.domain(number)
    typed = read_form(here, request.form)
    outcome = save_looking_back(db(), actor, opened.asking, typed)
    if outcome.problems:
        opened = _open(actor, placement)
        page = _domain_page(actor, opened, here, outcome.problems, outcome.saved)
        return page, outcome.status
    _before, after = neighbours(opened.scope, here)
    if "next" in request.form:
        address = url_for(".domain", number=after.number) if after else url_for("changes.change")
        return redirect(address, 303)
    return redirect(url_for(".domain", number=number, saved=outcome.saved), 303)


@blueprint.post("/looking-back/withdraw")
@learner
def withdraw(actor: Actor, placement: str) -> ResponseReturnValue:
    """Takes back everything that was said looking back; the page asked in words before."""
    opened = _open(actor, placement)
    withdraw_all(db(), actor, opened.asking)
    return redirect(url_for(".back", withdrawn=1), 303)


def _open(actor: Actor, placement: str) -> _Opened:
    """Who has answered already can always come back, to change or to withdraw it."""
    place, asked = open_placement(actor, placement)
    baseline = baseline_of(db(), actor.person_id, asked.id)
    said = looking_back_of(db(), actor.person_id, asked.id)
    if not said and "withdrawn" not in request.args:
        ratings = ratings_of(db(), actor.person_id, asked.id)
        is_open = is_asked(place, baseline, ratings, zone())
    else:
        is_open = baseline is not None
    if baseline is None or not is_open:
        raise NotFound(
            N_("This activity does not ask you to look back now."),
            code="looking-back-not-asked",
            advice=N_("It may ask you later, once you have come back to your answers."),
        )
    return _Opened(Asking(place, asked, baseline), said)


def _domain_page(
    actor: Actor,
    opened: _Opened,
    here: Domain,
    problems: Mapping[str, Problem],
    saved: int | None,
) -> str:
    rated = {code: rated_of(one) for code, one in opened.said.items()}
    answers = {code: shown(code, rated, problems.get(code)) for code in here.codes}
    before, after = neighbours(opened.scope, here)
    return _page(
        "looking_back_domain",
        actor,
        opened,
        domain=here,
        before=before,
        after=after,
        answers=answers,
        chosen={code: _chosen(answer) for code, answer in answers.items()},
        problems=problems,
        saved=request.args.get("saved", saved, type=int),
    )


def _chosen(answer: Shown) -> str:
    """Which radio is set: none for a competency of which nothing was said."""
    return answer.state if answer.version or answer.error else ""


def _page(view: str, actor: Actor, opened: _Opened, **context: object) -> str:
    return render_template(
        f"assessments/{view}.html",
        actor=actor,
        placement=opened.asking.place,
        instrument=opened.asking.asked,
        scope=opened.scope,
        said=opened.said,
        **context,
    )

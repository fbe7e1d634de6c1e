"""One submission for administrators: every step, who did it, how readings and outcome stand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.addresses import stay_here
from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.codes import grouped
from lti_tool.kernel.errors import NotAllowed
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.desk.queries import name_of
from lti_tool.reviews.log import is_whole, lines_of
from lti_tool.reviews.models import Assessor, ReviewEvent
from lti_tool.reviews.opening import Here, open_submission, page
from lti_tool.reviews.outcomes.matters import matter_of
from lti_tool.reviews.outcomes.recognition import ask_again, is_refused
from lti_tool.reviews.outcomes.wording import (
    ACTS,
    APPEALS,
    AUTHORS,
    OVERALLS,
    PARTS,
    REFUSALS,
    STATES,
)
from lti_tool.reviews.queries import assessors_by_id, readings_of
from lti_tool.reviews.rules import Act, By, Overall, Part
from lti_tool.web.guards import administrator
from lti_tool.web.requests import db

blueprint = Blueprint(
    "review_log", __name__, url_prefix="/at/<slot>/p/<placement>/reviews/<submission>"
)


@blueprint.url_defaults
def stay(endpoint: str, values: dict[str, Any]) -> None:
    """Fills the submission, too, from the address of this request."""
    stay_here(endpoint, values)
    here = request.view_args or {}
    if "submission" in here:
        values.setdefault("submission", here["submission"])


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of the log in words."""

    number: int
    at: datetime
    act: str
    by: str
    who: str
    facts: tuple[str, ...]


@blueprint.get("")
@administrator
def submission(actor: Actor, placement: str, submission: str) -> ResponseReturnValue:
    """What happened to this submission, and is its log whole?"""
    here, found = _open(actor, placement, submission)
    lines = lines_of(db(), found.id)
    matter = matter_of(db(), found)
    readings = readings_of(db(), found.id)
    refused = next((one for one in reversed(lines) if one.act == Act.NOT_ENTERED), None)
    return page(
        "log",
        here,
        submission=found,
        learner=name_of(db(), found.person_id),
        lines=_views(db(), lines),
        is_whole=is_whole(db(), found.id),
        readings=readings,
        assessors=assessors_by_id(db(), {one.assessor_id for one in readings}),
        matter=matter,
        refusal=_refusal(refused) if refused is not None and is_refused(lines) else "",
        done=request.args.get("done", ""),
        parts=PARTS,
        states=STATES,
        overalls=OVERALLS,
        appeals=APPEALS,
    )


@blueprint.post("/register")
@administrator
def register(actor: Actor, placement: str, submission: str) -> ResponseReturnValue:
    """Asks the register again for somebody whom it could not take."""
    _here, found = _open(actor, placement, submission)
    ask_again(db(), found)
    return redirect(url_for(".submission", done="asked"), 303)


def _open(actor: Actor, placement: str, submission: str) -> tuple[Here, SubmissionView]:
    here, found = open_submission(actor, placement, submission)
    if found.person_id == actor.person_id:
        raise NotAllowed(
            N_("This submission is your own."),
            code="own-submission",
            advice=N_("Another administrator of your organisation looks after its review."),
        )
    return here, found


def _refusal(line: ReviewEvent) -> str:
    reason = str(line.details.get("reason", ""))
    return str(REFUSALS.get(reason, _("The register refused it (%(code)s).", code=reason)))


def _views(session: Session, lines: list[ReviewEvent]) -> list[LineView]:
    """The lines, newest first, with the names of who acted and of whom they speak."""
    people = {line.by_person_id for line in lines if line.by_person_id}
    rows = session.execute(
        select(Person.id, Person.name, Person.public_id).where(Person.id.in_(people))
    )
    names = {row.id: display_name(row.name, row.public_id) for row in rows}
    assessors = _assessors(session, lines)
    return [
        LineView(
            line.number,
            line.at,
            *_words(line),
            names.get(line.by_person_id or 0, ""),
            _facts(line, assessors),
        )
        for line in reversed(lines)
    ]


def _assessors(session: Session, lines: list[ReviewEvent]) -> dict[str, str]:
    wanted = {_plain(line.details["assessor"]) for line in lines if "assessor" in line.details}
    rows = session.execute(
        select(Assessor.public_id, Person.name, Person.public_id.label("person"))
        .join(Person, Person.id == Assessor.person_id)
        .where(Assessor.public_id.in_(wanted))
    )
    return {row.public_id: display_name(row.name, row.person) for row in rows}


def _facts(line: ReviewEvent, assessors: dict[str, str]) -> tuple[str, ...]:
    """What a line says beside its act. What a reader decided is not told before the release.

    A line that somebody changed by force may hold anything; the page shows it all the same.
    """
    details = {name: _plain(value) for name, value in line.details.items()}
    facts = []
    if line.act == Act.ALLOCATED and details.get("assessor") in assessors:
        facts.append(assessors[details["assessor"]])
    if details.get("part") in set(Part):
        facts.append(str(PARTS[Part(details["part"])]))
    if details.get("outcome") in set(Overall):
        facts.append(str(OVERALLS[Overall(details["outcome"])]))
    if "met" in details and "total" in details:
        facts.append(_("%(met)s of %(total)s met", met=details["met"], total=details["total"]))
    if details.get("reopened"):
        facts.append(_("Open again: %(codes)s", codes=details["reopened"]))
    if details.get("codes"):
        facts.append(_("They differ on: %(codes)s", codes=details["codes"]))
    if line.act == Act.HANDED_BACK and details.get("reason"):
        facts.append(details["reason"])
    if line.act == Act.NOT_ENTERED:
        facts.append(_refusal(line))
    if line.act == Act.SUBMITTED and details.get("receipt"):
        facts.append(_("Receipt %(code)s", code=grouped(details["receipt"])))
    return tuple(facts)


def _plain(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def _words(line: ReviewEvent) -> tuple[str, str]:
    """The act, and in what part somebody did it; as written where it is none that we know."""
    act = str(ACTS[Act(line.act)]) if line.act in set(Act) else line.act
    return act, str(AUTHORS[By(line.by)]) if line.by in set(By) else line.by

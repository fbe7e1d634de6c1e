"""The set-up page: a tutor says what an activity asks for, and how it is graded."""

# mypy: allow-untyped-calls
# WTForms ships no types.

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from lti_tool.assessments.addresses import stay_here
from lti_tool.competencies.models import Instrument, Kind
from lti_tool.competencies.queries import library
from lti_tool.courses.queries import (
    PlacementView,
    learners_of_course,
    learners_of_placement,
    placement_for,
)
from lti_tool.courses.rules import NO_MILESTONES, GradeParts, GradeRule, Milestones, SetUp
from lti_tool.courses.services import set_up_placement
from lti_tool.gateway.reconciling.services import choose_grade_parts
from lti_tool.gateway.worth import refresh_worth
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db, runtime

blueprint = Blueprint("placing", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


LAST_DAY = date(2099, 12, 31)


class SetUpForm(FlaskForm):
    """Which instrument, which of its domains ("instrument:number"), how it is graded, and when
    answers are kept as they stand.

    A portfolio is handed in whole and graded by its review: of these questions it has only its
    own, whether it is graded.
    """

    instrument = RadioField(
        validators=[InputRequired(lazy_gettext("Choose a self-assessment or a portfolio."))],
        validate_choice=True,
    )
    domains = SelectMultipleField(validate_choice=False)
    grade_rule = RadioField(choices=[rule.value for rule in GradeRule], validators=[Optional()])
    portfolio_grade = RadioField(
        choices=[GradeRule.ACHIEVED.value, GradeRule.NONE.value],
        default=GradeRule.ACHIEVED.value,
        validators=[Optional()],
    )
    snapshot_on = StringField()
    asks_looking_back = BooleanField()
    grade_parts = StringField()
    earliest = date.min
    stored_day = ""

    def validate_snapshot_on(self, field: StringField) -> None:
        """No day, the one that is stored already, or one that is not over."""
        text = (field.data or "").strip()
        if not text or text == self.stored_day:
            return
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise ValidationError(
                lazy_gettext(
                    "The day could not be read. Choose it from the calendar, or leave it out."
                )
            ) from None
        if not self.earliest <= day <= LAST_DAY:
            raise ValidationError(lazy_gettext("Choose today or a later day, or leave it out."))

    def milestones(self) -> Milestones:
        """The day that was chosen, and whether learners are asked to look back."""
        if self.is_portfolio:
            return NO_MILESTONES
        text = (self.snapshot_on.data or "").strip()
        return Milestones(date.fromisoformat(text) if text else None, self.asks_looking_back.data)

    def parts(self, present: GradeParts) -> GradeParts:
        """One grade for the whole, or one for each domain; as it is where nothing was chosen."""
        if self.is_portfolio:
            return GradeParts.WHOLE
        chosen = self.grade_parts.data or ""
        return GradeParts(chosen) if chosen in {part.value for part in GradeParts} else present

    def validate_domains(
        self,
        field: SelectMultipleField,  # noqa: ARG002 - WTForms' signature
    ) -> None:
        """At least one domain of the chosen instrument; of the others, nothing counts."""
        if self.instrument.data and not self.is_portfolio and not self.numbers():
            raise ValidationError(lazy_gettext("Choose at least one domain."))

    def validate(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """All of it, and the grade of what was chosen: of a portfolio or of a self-assessment."""
        is_right = bool(super().validate(extra_validators))
        asked = self.portfolio_grade if self.is_portfolio else self.grade_rule
        if not asked.data:
            asked.errors = (lazy_gettext("Choose how the activity is graded."),)
        return is_right and bool(asked.data)

    @property
    def is_portfolio(self) -> bool:
        """Whether a portfolio is chosen."""
        known = library().get(self.instrument.data)
        return known is not None and known.kind is Kind.PORTFOLIO

    def numbers(self) -> tuple[int, ...]:
        """The numbers that are ticked under the chosen instrument."""
        known = library().get(self.instrument.data)
        if known is None:
            return ()
        ticked = set(self.domains.data or ())
        return tuple(d.number for d in known.domains if domain_value(known, d.number) in ticked)

    def set_up(self) -> SetUp:
        """What was chosen. All domains are stored as none named, so that a new one counts too."""
        chosen = library()[self.instrument.data]
        if self.is_portfolio:
            return SetUp(chosen.id, (), GradeRule(self.portfolio_grade.data))
        numbers = self.numbers()
        is_all = len(numbers) == len(chosen.domains)
        return SetUp(chosen.id, () if is_all else numbers, GradeRule(self.grade_rule.data))


@blueprint.route("/set-up", methods=["GET", "POST"])
@tutor
def set_up(actor: Actor, placement: str) -> ResponseReturnValue:
    """What do I want in my course? Shown as it is now; saved as it shall be."""
    place = placement_for(db(), actor, placement)
    offered = library()
    form = SetUpForm(data=_present(place, offered))
    form.earliest = _today()
    form.stored_day = _day_text(place.milestones.snapshot_on)
    form.instrument.choices = [(name, known.title) for name, known in offered.items()]
    if form.validate_on_submit():
        chosen = form.set_up()
        parts = form.parts(place.grade_parts)
        _save(db(), actor, place, chosen, form.milestones(), parts, delay=runtime().grade_delay)
        return redirect(url_for("dashboards.course", set_up="saved"), 303)
    page = render_template(
        "gateway/set_up.html",
        actor=actor,
        placement=place,
        instrument=offered.get(place.set_up.instrument),
        kinds=[[one for one in offered.values() if one.kind is kind] for kind in Kind],
        form=form,
        domain_value=domain_value,
        earliest=form.earliest,
        tutor_page=True,
        learners=len(learners_of_placement(db(), place)) if place.set_up.is_done else 0,
    )
    return page, 400 if form.errors else 200


def domain_value(known: Instrument, number: int) -> str:
    """How the form names a domain: domain 1 of one instrument is not domain 1 of another."""
    return f"{known.id}:{number}"


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(runtime().settings.timezone)).date()


def _day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _save(
    session: Session,
    actor: Actor,
    place: PlacementView,
    chosen: SetUp,
    milestones: Milestones,
    parts: GradeParts,
    *,
    delay: timedelta,
) -> None:
    """Stores the set-up; what learners have rated already is worth something else from now on."""
    set_up_placement(session, actor, place.id, chosen, milestones)
    changed = choose_grade_parts(session, actor, place, parts)
    came = (one for one in learners_of_course(session, actor) if one.last_seen_at)
    for learner in came:
        refresh_worth(session, learner.person_id, changed, delay=delay)


def _present(place: PlacementView, offered: Mapping[str, Instrument]) -> dict[str, object]:
    """The form's first state: as set up, and else the only instrument, all domains, completion."""
    now = place.set_up
    known = offered.get(now.instrument)
    only = next(iter(offered)) if len(offered) == 1 else None
    return {
        "instrument": known.id if known else only,
        "domains": [
            domain_value(one, domain.number)
            for one in offered.values()
            for domain in one.domains
            if one is not known or not now.domains or domain.number in now.domains
        ],
        "grade_parts": place.grade_parts.value,
        "grade_rule": now.grade_rule.value if known else GradeRule.COMPLETION.value,
        "portfolio_grade": (
            GradeRule.NONE if known and now.grade_rule is GradeRule.NONE else GradeRule.ACHIEVED
        ).value,
        "snapshot_on": _day_text(place.milestones.snapshot_on),
        "asks_looking_back": place.milestones.asks_looking_back,
    }

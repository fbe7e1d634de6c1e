"""The tutor's page of an activity's gradebook columns: where grades go, and what to do about it."""

# mypy: allow-untyped-calls
# WTForms ships no types.

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DecimalField, StringField

from lti_tool.assessments.addresses import HIGHEST_ROW, stay_here
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.gateway.reconciling import changes
from lti_tool.gateway.reconciling.looks import look_now
from lti_tool.gateway.reconciling.queries import Column, columns_of, home_of
from lti_tool.gateway.reconciling.rules import COLUMN_REASONS, ColumnState, parts_needed
from lti_tool.grades.rules import domain_of
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import InvalidInput
from lti_tool.kernel.text import N_
from lti_tool.web.guards import tutor
from lti_tool.web.requests import db

blueprint = Blueprint("columns", __name__, url_prefix="/at/<slot>/p/<placement>/columns")
blueprint.url_defaults(stay_here)

_COLUMN = f"/<int(max={HIGHEST_ROW}):column>"


class ColumnForm(FlaskForm):
    """What a column of ours is called in the gradebook, and how many points it is worth."""

    label = StringField()
    points = DecimalField()


@blueprint.get("")
@tutor
def overview(actor: Actor, placement: str) -> ResponseReturnValue:
    """Where do grades go, and does the gradebook show them?"""
    place = placement_for(db(), actor, placement)
    return _page(actor, place)


@blueprint.post("/compare")
@tutor
def compare(actor: Actor, placement: str) -> ResponseReturnValue:
    """Reads the gradebook back now, in the background."""
    place = placement_for(db(), actor, placement)
    look_now(db(), place)
    return redirect(url_for(".overview", done="compare"), 303)


@blueprint.post(f"{_COLUMN}/change")
@tutor
def change(actor: Actor, placement: str, column: int) -> ResponseReturnValue:
    """Gives a column of ours another title and other points."""
    place = placement_for(db(), actor, placement)
    changes.column_to_change(db(), place.id, column)
    form = ColumnForm()
    if form.points.data is None:
        raise InvalidInput(
            N_("The points are a number from 1 to 10,000."),
            code="points-wrong",
            advice=N_("Type the points and save again."),
        )
    changes.change_column(
        db(), place.id, column, label=form.label.data or "", points=float(form.points.data)
    )
    return redirect(url_for(".overview", done="change"), 303)


@blueprint.get(f"{_COLUMN}/delete")
@tutor
def ask_to_delete(actor: Actor, placement: str, column: int) -> ResponseReturnValue:
    """Asks once more: a column is deleted with the grades in it."""
    place = placement_for(db(), actor, placement)
    found = changes.column_to_change(db(), place.id, column)
    return _page(actor, place, template="column_delete", column=found)


@blueprint.post(f"{_COLUMN}/delete")
@tutor
def delete(actor: Actor, placement: str, column: int) -> ResponseReturnValue:
    """Deletes a column of ours."""
    place = placement_for(db(), actor, placement)
    changes.delete_column(db(), place.id, column)
    return redirect(url_for(".overview", done="delete"), 303)


@blueprint.post(f"{_COLUMN}/again")
@tutor
def again(actor: Actor, placement: str, column: int) -> ResponseReturnValue:
    """Asks the LMS for a column once more."""
    place = placement_for(db(), actor, placement)
    changes.make_again(db(), place.id, column)
    return redirect(url_for(".overview", done="again"), 303)


def _page(
    actor: Actor, place: PlacementView, template: str = "columns", **context: object
) -> ResponseReturnValue:
    asked = instruments_for(db(), actor.organisation_id).get(place.set_up.instrument)
    home, _ = home_of(db(), place.id)
    needed = parts_needed(home, asked)
    columns = columns_of(db(), place.id)
    titles = {domain.number: domain.title for domain in asked.domains} if asked else {}

    def part_title(column: Column) -> str:
        number = domain_of(column.part)
        return titles.get(number, "") if number else ""

    return render_template(
        f"gateway/{template}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        used=[one for one in columns if one.part in needed],
        unused=[one for one in columns if one.part not in needed and one.url],
        domain_of=domain_of,
        part_title=part_title,
        reasons=COLUMN_REASONS,
        states=ColumnState,
        may_make=home.may_make,
        done=request.args.get("done", ""),
        tutor_page=True,
        **context,
    )

"""What the pages of goals and of the training record share: where they are, how they say things."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from flask import Blueprint, render_template
from flask_babel import format_decimal, ngettext, to_user_timezone

from lti_tool.assessments.addresses import stay_here
from lti_tool.assessments.opening import open_placement
from lti_tool.competencies.models import Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.training.plans.fields import LONGEST_TEXT
from lti_tool.web.guards import live_session
from lti_tool.web.requests import db

blueprint = Blueprint("plans", __name__, url_prefix="/at/<slot>/p/<placement>")
blueprint.url_defaults(stay_here)


class Here(NamedTuple):
    """Where a page stands: who, in which placement, with which instruments to name things by."""

    actor: Actor
    place: PlacementView
    asked: Instrument
    instruments: Mapping[str, Instrument]


def open_place(actor: Actor, placement: str) -> Here:
    """Returns where the page stands; raises `NotFound` outside the course or before set-up."""
    place, asked = open_placement(actor, placement)
    instruments = instruments_for(db(), actor.organisation_id)
    return Here(actor, place, asked, instruments)


def today() -> date:
    """Returns the day that it is where the person is."""
    here: datetime = to_user_timezone(clock.now())
    return here.date()


def page(view: str, here: Here, **context: object) -> str:
    """Returns a page of this room."""
    live = live_session()
    return render_template(
        f"plans/{view}.html",
        actor=here.actor,
        placement=here.place,
        instrument=here.asked,
        instruments=here.instruments,
        today=today(),
        drafts={"slot": live.slot if live else "", "instrument": "plans", "limit": LONGEST_TEXT},
        **context,
    )


@blueprint.app_template_filter("hours")
def hours(value: Decimal) -> str:
    """Returns hours in words, such as "1.5 hours"."""
    # gettext asks for a whole number: one hour alone is singular.
    count = 1 if value == 1 else 2
    shown = format_decimal(value.normalize() if value else 0)
    return str(ngettext("%(hours)s hour", "%(hours)s hours", count, hours=shown))


@blueprint.app_template_filter("megabytes")
def megabytes(size: int) -> str:
    """Returns a size in bytes as "0.4 MB"; what is smaller than that in kB."""
    if size < 100_000:
        return f"{format_decimal(max(1, round(size / 1000)))} kB"
    return f"{format_decimal(round(size / 1_000_000, 1))} MB"

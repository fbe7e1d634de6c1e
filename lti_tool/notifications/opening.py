"""How the pages of this room begin, where a notice leads to, and the count in every bar."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from flask_babel import get_locale, gettext
from werkzeug.routing import BuildError

from lti_tool.competencies.models import Kind
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.queries import PlacementView, placement_for
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.text import as_kept
from lti_tool.notifications.queries import Notice, unread_count, unread_notices
from lti_tool.notifications.rules import may_open
from lti_tool.notifications.wording import sentence
from lti_tool.web.guards import live_session
from lti_tool.web.requests import db

PLACE = ("slot", "placement")
# The newest alone: on a phone the page itself must still be in view.
SHOWN_AT_ONCE = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A notice as a page shows it. Without `address` its page is elsewhere: `elsewhere` says
    whether in another course, whose activity is to be opened there."""

    notice: Notice
    words: str
    address: str
    elsewhere: bool


def stay_here(_endpoint: str, values: dict[str, Any]) -> None:
    """Fills slot and placement from the address of this request; for `Blueprint.url_defaults`."""
    here = request.view_args or {}
    for name in PLACE:
        if name in here:
            values.setdefault(name, here[name])


def page(view: str, actor: Actor, place: PlacementView, **context: object) -> str:
    """Returns a page of this room, within whatever its placement asks for."""
    asked = instruments_for(db(), actor.organisation_id).get(place.set_up.instrument)
    is_portfolio = asked is not None and asked.kind is Kind.PORTFOLIO
    return render_template(
        f"notifications/{view}.html",
        actor=actor,
        placement=place,
        instrument=asked,
        in_portfolio=is_portfolio and actor.is_learner,
        asks_portfolio=is_portfolio,
        tutor_page=actor.is_tutor and not actor.is_learner,
        **context,
    )


def open_place(actor: Actor, placement: str) -> PlacementView:
    """Returns where a page stands; raises `NotFound` outside the course."""
    return placement_for(db(), actor, placement)


def line_of(notice: Notice, actor: Actor) -> Line:
    """Returns a notice with its sentence and where it leads from here."""
    elsewhere = notice.course_id is not None and notice.course_id != actor.course_id
    address = "" if elsewhere else _address(notice, actor)
    language = str(get_locale() or "en")
    words = sentence(notice.kind, notice.params, gettext, language=language)
    return Line(notice, words, address, elsewhere)


def count_unread() -> int:
    """Returns how much whoever looks at this page has not read; asked once for a page."""
    live = live_session()
    if live is None:
        return 0
    if "unread" not in g:
        g.unread = unread_count(db(), live.actor.person_id)
    return int(g.unread)


def unread_lines() -> list[Line]:
    """Returns the newest of what is not read; asks only where there is something."""
    live = live_session()
    if live is None or not count_unread():
        return []
    found = unread_notices(db(), live.actor.person_id, SHOWN_AT_ONCE)
    return [line_of(one, live.actor) for one in found]


def show_counts(app: Flask) -> None:
    """Gives every page's template the count, and what is not read."""
    app.jinja_env.globals["unread_count"] = count_unread
    app.jinja_env.globals["unread_notices"] = unread_lines


def _address(notice: Notice, actor: Actor) -> str:
    """Returns the address of the page that is told of, or nothing where it is not for the actor."""
    view = current_app.view_functions.get(notice.endpoint)
    if view is None or not may_open(str(getattr(view, "guard", "")), actor):
        return ""
    values: dict[str, Any] = {name: (request.view_args or {}).get(name) for name in PLACE}
    values |= {name: as_kept(str(value)) for name, value in notice.link.items()}
    if notice.placement:
        values["placement"] = notice.placement
    try:
        return url_for(notice.endpoint, **values)
    except BuildError:  # a page of an older version
        return ""

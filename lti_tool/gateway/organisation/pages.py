"""What the pages on connections show beside their rows: the placement they stand on, and words."""

from typing import Any

from flask import render_template, request
from flask_babel import gettext as _

from lti_tool.assessments.addresses import row_number
from lti_tool.competencies.queries import library
from lti_tool.courses.queries import PlacementView
from lti_tool.gateway.organisation.connections import Connection, TestView
from lti_tool.gateway.organisation.findings import TITLES, StepFinding, words_of
from lti_tool.gateway.organisation.queries import (
    changes_of,
    connection_unknown,
    deployment_of_course,
    names_of,
)
from lti_tool.gateway.organisation.rules import LATE, LONGEST_NAME, What, can_undo
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import ImhcfError
from lti_tool.web.requests import db, runtime

_PRODUCTS = {"moodle": "Moodle", "canvas": "Canvas"}


def number_of(registration: str) -> int:
    """Returns the number in an address; raises `NotFound` for what is none."""
    try:
        return row_number(registration)
    except ValueError:
        raise connection_unknown() from None


def page(view: str, actor: Actor, place: PlacementView, **context: Any) -> str:
    """Returns one of the pages on connections."""
    return render_template(
        f"gateway/organisation/{view}.html",
        actor=actor,
        placement=place,
        instrument=library().get(place.set_up.instrument),
        tutor_page=True,
        product_name=product_name,
        spoken=spoken,
        step_titles=TITLES,
        **context,
    )


def settings_page(
    actor: Actor,
    place: PlacementView,
    connection: Connection,
    problem: ImhcfError | None = None,
    **context: Any,
) -> str:
    """Returns the page of one connection; with a problem, what was typed is kept."""
    changes = changes_of(db(), connection.id)
    people = {change.actor_id for change in changes if change.actor_id}
    done = request.args.get("done", "")
    return page(
        "connection",
        actor,
        place,
        connection=connection,
        problem=problem,
        changes=changes,
        names=names_of(db(), actor.organisation_id, people) if people else {},
        undoable={one.id for one in changes if can_undo(one, _present(connection, one))},
        done=next((one for one in changes if str(one.id) == done), None),
        nothing_done=done == "nothing",
        is_own=connection.id == place.registration_id,
        longest_name=LONGEST_NAME,
        is_late=is_late(connection.test),
        facts=facts_of(connection),
        **context,
    )


def facts_of(connection: Connection) -> dict[str, str]:
    """Returns what fills the places of a finding's words."""
    return {
        "client": connection.client_id,
        "keys": f"{runtime().settings.base_url}/lti/jwks.json",
    }


def spoken(found: StepFinding, facts: dict[str, str]) -> tuple[str, str]:
    """Returns what a step found and what to do, in the person's language."""
    says, mend = words_of(found)
    filled = {**facts, **found.facts}
    return _(says) % filled, _(mend) % filled if mend else ""


def is_late(test: TestView) -> bool:
    """Says whether a test takes longer than it should: perhaps no worker runs."""
    return bool(test.asked_at) and clock.now() - test.asked_at > LATE  # type: ignore[operator]


def product_name(product: str) -> str:
    """Returns how people call an LMS; empty where it never said what it is."""
    return _PRODUCTS.get(product, product)


def is_own_way(actor: Actor, place: PlacementView, number: int, deployment: str | None) -> bool:
    """Says whether the actor came through this connection, or this deployment of it."""
    if number != place.registration_id:
        return False
    return deployment is None or deployment == deployment_of_course(db(), actor.course_id)


def _present(connection: Connection, change: Any) -> str:
    """Returns how what a change was about stands now."""
    match change.what:
        case What.NAME:
            return connection.name
        case What.STATUS:
            return connection.status
        case What.POLICY:
            return connection.policy
        case What.DEPLOYMENT:
            found = (
                one.status for one in connection.deployments if one.deployment == change.subject
            )
            return next(found, "")
    return ""

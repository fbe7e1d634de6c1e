"""The control API for tests: JSON under `/control/`, for callers on this machine only."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select

from lti_tool.demo.faults import Fault
from lti_tool.demo.guard import refuse_other_sites, refuse_strangers
from lti_tool.demo.lms import Lms, current_lms
from lti_tool.demo.models import ReceivedScore
from lti_tool.demo.people import course_numbered
from lti_tool.demo.platform.names import ALL_SCOPES
from lti_tool.demo.platform.notices import announce_copy, greet
from lti_tool.demo.platform.profiles import PROFILES
from lti_tool.demo.platform.storage import ANSWER_TEXTS, STORAGE_TEXTS
from lti_tool.demo.seed import reseed
from lti_tool.demo.views import about_people, control_courses, control_tokens
from lti_tool.demo.views.bodies import body, problem, whole_number
from lti_tool.kernel.errors import ImhcfError, InvalidInput

COUNTERS = (
    *("jwks_served", "tokens_issued", "tokens_refused", "scores_accepted", "scores_refused"),
    *("launches", "logins_refused"),
)
CHOICES = {"storage": tuple(STORAGE_TEXTS), "storage_answers": tuple(ANSWER_TEXTS)}
FLAGS = ("share_names", "lineitem_claim", "own_clock", "older_links")
NUMBERS = {"key_cache_seconds": "seconds", "roster_page": "people"}


def control_blueprint() -> Blueprint:
    """Returns the control API, ready to be registered."""
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    blueprint.before_request(refuse_strangers)
    blueprint.before_request(refuse_other_sites)
    blueprint.register_error_handler(ImhcfError, problem)
    for rule, view, methods in (
        ("/state", state, ["GET"]),
        ("/faults", faults, ["GET", "PUT", "DELETE"]),
        ("/profile", profile, ["PUT"]),
        ("/settings", settings, ["GET", "PUT"]),
        ("/log", log, ["GET"]),
        ("/reset", reset, ["POST"]),
        ("/notices", notices, ["POST"]),
    ):
        blueprint.add_url_rule(rule, view_func=view, methods=methods)
    control_courses.add_rules(blueprint)
    control_tokens.add_rules(blueprint)
    about_people.add_control_rules(blueprint)
    return blueprint


def state() -> Response:
    """Everything at a glance: switches, faults, courses, people."""
    lms = current_lms()
    return jsonify(
        {
            "settings": _switches(lms),
            "faults": [asdict(fault) for fault in lms.faults.listed()],
            **control_courses.inventory(lms),
        }
    )


def faults() -> Response:
    """GET lists the faults; PUT replaces them all; DELETE switches them off."""
    board = current_lms().faults
    if request.method == "DELETE":
        board.clear()
    if request.method == "PUT":
        sent = body()
        wanted = sent.get("faults", [sent])
        try:
            new = [Fault.read(fields) for fields in wanted]
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidInput(f"These are no faults: {error}.") from error
        board.clear()
        board.add(new)
    return jsonify({"faults": [asdict(fault) for fault in board.listed()]})


def profile() -> Response:
    """Switches to another profile."""
    wanted = body().get("profile")
    if wanted not in PROFILES:
        raise InvalidInput(f"The profile is one of {', '.join(PROFILES)}.")
    lms = current_lms()
    lms.switchboard.change(profile=wanted)
    return jsonify(_switches(lms))


def settings() -> Response:
    """GET shows the switches; PUT changes those that are named."""
    lms = current_lms()
    if request.method == "PUT":
        lms.switchboard.change(**_checked(body()))
    return jsonify(_switches(lms))


def log() -> Response:
    """The calls in order, their counts, and the ledger of scores."""
    lms = current_lms()
    with lms.database.reading() as session:
        rows = session.scalars(select(ReceivedScore).order_by(ReceivedScore.id)).all()
    return jsonify(
        {
            "counts": dict.fromkeys(COUNTERS, 0) | lms.calls.counts(),
            "requests": [asdict(call) | {"at": call.at.isoformat()} for call in lms.calls.latest()],
            "scores": [_ledger_row(row) for row in rows],
        }
    )


def reset() -> Response:
    """Puts courses, people, grades, switches, faults and log back to the first start.

    Keys and access tokens stay: a tool under test may go on using what it has cached.
    """
    lms = current_lms()
    with lms.database.writing() as session:
        reseed(session)
    lms.faults.clear()
    lms.switchboard.reset()
    lms.calls.clear()
    return state()


def notices() -> Response:
    """Sends the tool a notice: that `course` is a copy of `origins`, or only a greeting."""
    lms, sent = current_lms(), body()
    listed = sent.get("origins", [])
    if not isinstance(listed, list) or not all(isinstance(number, int) for number in listed):
        raise InvalidInput("origins is a list of courses.")
    with lms.database.reading() as session:
        course = course_numbered(session, whole_number(sent, "course"))
        origins = [course_numbered(session, number) for number in listed]
    deployment = lms.deployment_id(course)
    status = announce_copy(lms, course, origins) if origins else greet(lms, deployment)
    return jsonify({"status": status})


def _switches(lms: Lms) -> dict[str, Any]:
    return asdict(lms.switchboard.current)


def _checked(sent: dict[str, Any]) -> dict[str, Any]:
    unknown = set(sent) - {*FLAGS, *CHOICES, *NUMBERS, "initiate_by", "scopes"}
    if unknown:
        raise InvalidInput(f"There is no switch called {', '.join(sorted(unknown))}.")
    for name in FLAGS:
        if not isinstance(sent.get(name, True), bool):
            raise InvalidInput(f"{name} is true or false.")
    if sent.get("initiate_by", "GET") not in ("GET", "POST"):
        raise InvalidInput("initiate_by is GET or POST.")
    for name, choices in CHOICES.items():
        if name in sent and sent[name] not in choices:
            raise InvalidInput(f"{name} is one of {', '.join(choices)}.")
    _check_numbers(sent)
    if "scopes" not in sent:
        return sent
    if not isinstance(sent["scopes"], list) or not set(sent["scopes"]) <= set(ALL_SCOPES):
        raise InvalidInput("scopes is a list of the scopes that LTI knows.")
    return sent | {"scopes": tuple(sent["scopes"])}


def _check_numbers(sent: dict[str, Any]) -> None:
    for name, meaning in NUMBERS.items():
        number = sent.get(name, 0)
        if not isinstance(number, int) or number < 0:
            raise InvalidInput(f"{name} is a number of {meaning}.")


def _ledger_row(row: ReceivedScore) -> dict[str, Any]:
    names = (column.key for column in ReceivedScore.__table__.columns if column.key != "id")
    return {name: getattr(row, name) for name in names} | {
        "received_at": row.received_at.isoformat()
    }

"""Goals and training records for tests: forms as people send them, and what they find."""

import io
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.test import TestResponse

from lti_tool.training.plans.queries import goals_of, records_of
from lti_tool.training.plans.rules import GoalView, RecordView
from tests.storage import files
from tests.tool import Tool, Visitor


def soon(days: int = 30) -> str:
    """A day from today on, where the tool's people are."""
    return (datetime.now(ZoneInfo("Europe/London")).date() + timedelta(days=days)).isoformat()


def goal_form(**more: str) -> dict[str, str]:
    return {"what": "Observe a newborn", "by_when": soon(), "training": "", "evidence": ""} | more


def record_form(**more: Any) -> dict[str, Any]:
    return {
        "title": "PIIOS",
        "provider": "Warwick",
        "begun_on": "2026-03-14",
        "hours": "1.5",
    } | more


def sent(name: str = "certificate.pdf", content: bytes = files.PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def make_goal(tool: Tool, who: Visitor, **more: str) -> GoalView:
    answer = who.post("goals/new", goal_form(**more))
    assert answer.status_code == 303, answer.text
    return goals(tool, who)[answer.location.split("goal=")[1].split("&")[0]]


def add_record(tool: Tool, who: Visitor, **more: Any) -> RecordView:
    answer = who.post("training-record/new", record_form(**more))
    assert answer.status_code == 303, answer.text
    public_id = answer.location.split("record=")[1].split("&")[0]
    return next(record for record in records(tool, who) if record.public_id == public_id)


def goals(tool: Tool, who: Visitor) -> dict[str, GoalView]:
    with tool.database.transaction(write=False) as session:
        return {goal.public_id: goal for goal in goals_of(session, who.actor.person_id)}


def records(tool: Tool, who: Visitor) -> list[RecordView]:
    with tool.database.transaction(write=False) as session:
        return records_of(session, who.actor.person_id)


def follow(who: Visitor, answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    return who.client.get(answer.location).text

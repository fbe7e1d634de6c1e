"""Records for tests: a person with a bit of everything, their zip, and the same zip made wrong."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

from werkzeug.test import TestResponse

from lti_tool.assessments.models import LookingBack
from lti_tool.assessments.snapshot_queries import baseline_of
from lti_tool.competencies.queries import instrument
from lti_tool.courses.rules import GradeRule, SetUp
from lti_tool.kernel import clock
from lti_tool.storage.blobs import open_blobs
from lti_tool.storage.rules import check_file
from lti_tool.training.plans.recording import add_record, put_certificate
from lti_tool.training.plans.rules import GoalWish, RecordWish
from lti_tool.training.plans.services import make_goal
from tests.storage import files
from tests.tool import Tool, Visitor

SIX = SetUp("self-assessment-1", (6,), GradeRule.COMPLETION)
CODES = [f"6.{number:02d}" for number in range(1, 7)]
NOTE = "Llŷr's log, 王小明 and محمد: seen at home\n\n“twice”"
CERTIFICATE = files.PDF
CERTIFICATE_NAME = "Żółć certificate.pdf"

Change = Callable[[dict[str, Any]], None]


def rate(who: Visitor, code: str, state: str = "achieved", note: str = "", version: int = 0) -> Any:
    wish = {"code": code, "state": state, "note": note, "version": version}
    answer = who.post_json("ratings", wish)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def fill(tool: Tool, who: Visitor) -> None:
    """Gives somebody all that a record holds: a baseline, a change since, a goal, a certificate."""
    for code in CODES:
        rate(who, code, "working-towards", NOTE if code == "6.02" else "")
    rate(who, "6.01", "achieved", NOTE, 1)
    actor, blobs = who.actor, open_blobs(tool.runtime.settings)
    asked = instrument("self-assessment-1")
    with tool.database.transaction() as session:
        baseline = baseline_of(session, actor.person_id, asked.id)
        assert baseline
        session.add(
            LookingBack(
                person_id=actor.person_id,
                instrument=asked.id,
                instrument_version=asked.version,
                code="6.03",
                version=1,
                baseline_id=baseline.id,
                placement_id=who.placement_id,
                state="not-started",
                note=NOTE,
                answered_at=clock.now(),
            )
        )
        wish = GoalWish("Lead a case discussion", date(2027, 9, 1), "PIIOS", "Notes of it")
        goal = make_goal(session, actor, wish, tie=("self-assessment-1", "6.02"))
        taken = RecordWish(
            "PIIOS", "Warwick", date(2026, 3, 1), date(2026, 3, 2), 6, NOTE,
            (("self-assessment-1", "6.02"),), "", goal.public_id,
        )  # fmt: skip
        entry = add_record(session, actor, taken)
        file = check_file(CERTIFICATE_NAME, CERTIFICATE, limit=10_000_000)
        put_certificate(session, actor, blobs, entry.public_id, file)


def zip_of(who: Visitor) -> bytes:
    answer = who.get("my-record/zip")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    return answer.data


def record_in(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("record.json"))
    return found


def bring(who: Visitor, content: bytes, name: str = "record.zip") -> TestResponse:
    form = {"csrf_token": who.csrf_token(), "record": (io.BytesIO(content), name)}
    return who.client.post(who.home + "my-record/import", data=form)


def take(who: Visitor, content: bytes, **sides: str) -> TestResponse:
    """Brings a zip, looks at it and takes it in; a side stands for each instrument that differs."""
    looked = bring(who, content)
    assert looked.status_code == 303, looked.text
    answer = who.client.post(looked.location, data={"csrf_token": who.csrf_token()} | sides)
    assert answer.status_code == 303, answer.text
    return who.client.get(answer.location)


def changed(content: bytes, change: Change) -> bytes:
    """The zip with its record changed."""
    record = record_in(content)
    change(record)
    return repacked(content, {"record.json": json.dumps(record).encode()})


def repacked(content: bytes, parts: dict[str, bytes | None]) -> bytes:
    """The zip with parts put in, or, where None, left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            if info.filename not in parts:
                new.writestr(info, old.read(info))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part, zipfile.ZIP_DEFLATED)
    return target.getvalue()

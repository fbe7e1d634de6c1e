"""How many scores one worker delivers a second to the development LMS, over real HTTP."""

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import func, select

from lti_tool.courses.rules import Enrolment
from lti_tool.courses.services import enrol
from lti_tool.demo.registration import platform_facts
from lti_tool.demo.settings import LmsSettings
from lti_tool.gateway.queries import registration_by_id
from lti_tool.gateway.registrations import NewRegistration, add_registration
from lti_tool.grades.rules import Destination, Worth
from lti_tool.grades.services import record
from lti_tool.kernel.actor import Role
from lti_tool.kernel.database import Database
from lti_tool.outbox.models import Message
from lti_tool.schema import migrate
from tests.bench.processes import free_port, running

SCORES = 400


def deliveries_a_second(folder: Path) -> float:
    """Returns scores a second, from the worker's first delivery to its last."""
    folder.mkdir(parents=True)
    tool_port, lms_port = free_port(), free_port()
    base, lms_url = f"http://127.0.0.1:{tool_port}", f"http://127.0.0.1:{lms_port}"
    environment = {
        "IMHCF_DATA_DIR": str(folder),
        "IMHCF_PORT": str(tool_port),
        "IMHCF_BASE_URL": base,
        "IMHCF_DEMO_PORT": str(lms_port),
        "IMHCF_ALLOW_PRIVATE_NETWORK": "true",
        "IMHCF_EMBEDDED_WORKER": "false",
    }
    database = Database(f"sqlite:///{folder}/imhcf.db")
    migrate.upgrade(database)
    lms = running(["-m", "lti_tool.cli", "lms"], environment, f"{lms_url}/")
    tool = running(["-m", "lti_tool.cli", "run"], environment, f"{base}/readyz")
    with lms, tool:
        _record_scores(database, lms_url, base, folder)
        return _drained(database, environment)


def _record_scores(database: Database, lms_url: str, base: str, folder: Path) -> None:
    added = requests.post(
        f"{lms_url}/control/learners", json={"count": SCORES, "course": 2}, timeout=60
    ).json()
    facts = platform_facts(LmsSettings(lms_url, base, folder / "unused.db"))
    column = f"{lms_url}/mod/lti/services.php/2/lineitems/31/lineitem?type_id=2"
    with database.transaction() as session:
        number = add_registration(
            session,
            NewRegistration(
                "Bench",
                facts.issuer,
                facts.client_id,
                facts.auth_login_url,
                facts.token_url,
                facts.jwks_url,
                product="moodle",
            ),
        )
        found = registration_by_id(session, number)
        assert found
        for learner in added["learners"]:
            subject = str(learner["user_id"])
            enrolled = enrol(
                session,
                Enrolment(
                    organisation_id=found.organisation_id,
                    registration_id=number,
                    deployment="2",
                    subject=subject,
                    roles=frozenset({Role.LEARNER}),
                    name="",
                    email="",
                    context="2",
                    course_title="",
                    course_label="",
                    resource_link="11",
                    link_title="",
                    line_item=column,
                ),
            )
            where = Destination(enrolled.placement_id, enrolled.person_id, number, column, subject)
            record(session, where, Worth(50, "half", is_complete=False), delay=timedelta(0))


def _drained(database: Database, environment: dict[str, str]) -> float:
    worker = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.cli", "worker"],
        env=os.environ | environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        before = _until_below(database, SCORES)
        start = time.perf_counter()
        after = _until_below(database, 1)
        return (before - after) / (time.perf_counter() - start)
    finally:
        worker.terminate()
        worker.wait(20)


def _until_below(database: Database, count: int) -> int:
    """Waits until fewer messages than this are left, for two minutes at most; returns how many."""
    ends_at = time.monotonic() + 120
    while (left := _waiting(database)) >= count and time.monotonic() < ends_at:
        time.sleep(0.02)
    return left


def _waiting(database: Database) -> int:
    with database.transaction(write=False) as session:
        return int(session.execute(select(func.count()).select_from(Message)).scalar_one())

"""The tool, connected to an LMS that this test plays; and two people who are one."""

from datetime import timedelta

import pytest
import time_machine

from tests.gateway.lms import Lms
from tests.gateway.people.two import ADMINISTRATOR, START, Two, again, rate
from tests.tool import Tool


@pytest.fixture
def lms(tool: Tool) -> Lms:
    return Lms(tool)


@pytest.fixture
def two(tool: Tool) -> Two:
    with time_machine.travel(START, tick=False):
        tool.sign_in("ada", roles=ADMINISTRATOR)
        old = tool.sign_in("old", name="Amina")
        rate(old, "1.01", "working-towards", "Old and first")
        rate(old, "1.02", "achieved", "Old alone")
        old.post("snapshots", {"label": "In September"})
    with time_machine.travel(START + timedelta(days=30), tick=False):
        new = tool.sign_in("new", name="")
        rate(new, "1.01", "achieved", "New")
        rate(new, "1.03", "achieved", "New alone")
    with time_machine.travel(START + timedelta(days=60), tick=False):
        old = tool.sign_in("old", name="Amina")
        rate(old, "1.01", "working-towards", "Old and last", 1)
    # Sessions of today: those above are over.
    return Two(tool, tool.sign_in("old", name="Amina"), tool.sign_in("new", name=""), again(tool))

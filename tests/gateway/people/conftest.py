"""The tool, connected to an LMS that this test plays."""

import pytest

from tests.gateway.lms import Lms
from tests.tool import Tool


@pytest.fixture
def lms(tool: Tool) -> Lms:
    return Lms(tool)

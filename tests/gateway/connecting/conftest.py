"""An LMS that registers this tool."""

import pytest

from tests.gateway.connecting.newcomer import Newcomer
from tests.tool import Tool


@pytest.fixture
def newcomer(tool: Tool) -> Newcomer:
    return Newcomer(tool)

"""What tests of portfolios begin with."""

import pytest

from tests.portfolios.reporting import Scene
from tests.tool import Tool


@pytest.fixture
def scene(tool: Tool) -> Scene:
    return Scene(tool)

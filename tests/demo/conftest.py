"""One LMS for all tests of a worker, put back to its first state before each."""

from collections.abc import Iterator

import pytest

from lti_tool.demo.app import create_lms
from lti_tool.demo.settings import LmsSettings

from .standin import Lms, Server, Tool


@pytest.fixture(scope="session")
def tool() -> Iterator[Tool]:
    server = Server()
    tool = Tool(server.url)
    tool.add_key("tool-key-1")
    server.start(tool.app())
    yield tool
    server.stop()


@pytest.fixture(scope="session")
def running_lms(tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lms]:
    server = Server()
    database = tmp_path_factory.mktemp("lms") / "lms.sqlite"
    app = create_lms(LmsSettings(server.url, tool.url, database))
    server.start(app)
    yield Lms(server.url, tool, app)
    server.stop()


@pytest.fixture
def lms(running_lms: Lms) -> Lms:
    running_lms.control("POST", "reset")
    return running_lms

"""Fixtures of every test: real databases, the application over them, people who sign in."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.kernel.database import Database
from lti_tool.kernel.settings import Settings
from tests.databases import (
    clean_postgres,
    clean_sqlite,
    make_sqlite_template,
    postgres_server,
)
from tests.tool import Tool, make_tool

ENGINES = ("sqlite", "postgresql")
# What is about the database itself runs on both engines in any case.
ALWAYS_BOTH = {"kernel", "migrations", "outbox", "storage"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--breadth",
        choices=("half", "full"),
        default="full",
        help="half: each test on one of the two engines, each page in two of four looks",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--breadth") == "half":
        left_out = [item for item in items if is_other_half(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_other_half(item)]
    spread(items)


def is_other_half(item: pytest.Item) -> bool:
    """Says whether a half run leaves this test to its twin on the other engine.

    Which of the two it is depends on the test's name alone, so that all runs agree.
    """
    engine = getattr(item, "callspec", None) and item.callspec.params.get("engine_name")  # type: ignore[attr-defined]
    if engine not in ENGINES or ALWAYS_BOTH & set(item.path.parts):
        return False
    name = item.nodeid.replace(engine, "")
    return ENGINES[zlib.crc32(name.encode()) % 2] != engine


def spread(items: list[pytest.Item]) -> None:
    """Gives each of two workers half of the journeys first, and the many short tests after them.

    Journeys take long and mostly wait. Work is handed out in halves of this list, and who is
    idle takes from the other's end: a worker with all the journeys would be at them alone.
    """
    journeys = [item for item in items if "journeys" in item.path.parts]
    others = [item for item in items if "journeys" not in item.path.parts]
    first, second = journeys[::2], journeys[1::2]
    middle = max(len(items) // 2 - len(first), 0)
    items[:] = [*first, *others[:middle], *second, *others[middle:]]


@pytest.fixture(scope="session", autouse=True)
def test_run() -> str:
    """The name of this run. The tool would take our own variables for slips in its settings."""
    postgres_server()  # which remembers what it found
    os.environ.pop("IMHCF_TEST_POSTGRES_URL", None)
    return os.environ.pop("IMHCF_TEST_RUN", "")


@pytest.fixture(scope="session")
def worker_name(test_run: str) -> str:
    """A name of its own for each process, so that none empties another's database.

    Two runs at once on one machine give themselves names by IMHCF_TEST_RUN.
    """
    return test_run + os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sqlite_template(tmp_path_factory.mktemp("template") / "template.db")


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if name == "postgresql" and postgres_server() is None:
        pytest.skip("no PostgreSQL server can be had here")
    return name


@pytest.fixture
def database_url(engine_name: str, worker_name: str, sqlite_template: Path, tmp_path: Path) -> str:
    """The address of an empty, migrated database; a test with it runs on both engines."""
    if engine_name == "postgresql":
        return clean_postgres(worker_name)
    return clean_sqlite(sqlite_template, tmp_path)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        base_url="http://127.0.0.1:8000",
        data_dir=tmp_path,
        database_url=database_url,
        secret_key="a secret of thirty-two characters or more",
        allow_private_network=True,
        grade_delay_seconds=0,
        outbox_poll_seconds=0.05,
    )


@pytest.fixture
def tool(settings: Settings) -> Iterator[Tool]:
    """The application on both engines, without a server; calls to LMSs go to `tool.lms`."""
    tool = make_tool(settings)
    yield tool
    tool.close()

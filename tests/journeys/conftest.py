"""Sites for journeys: real processes over a real database, all ended with the test."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.databases import postgres_server
from tests.journeys.servers import Site

OpenSite = Callable[..., Site]


def on(engine: str) -> pytest.MarkDecorator:
    """Runs a test on one engine, where what it proves has nothing to do with engines."""
    return pytest.mark.parametrize("engine_name", [engine], indirect=True)


@pytest.fixture(scope="session")
def worker_name() -> Iterator[str]:
    """A name for this worker's PostgreSQL database that no other run on this machine uses now.

    The processes of a journey live for seconds: another run that drops their database would be
    taken for a fault of the tool. The lock ends with the connection, however the run ends.
    """
    plain = f"journeys_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    server = postgres_server()
    if server is None:
        yield plain
        return
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        lock = text("SELECT pg_try_advisory_lock(hashtext(:name))")
        yield next(
            name
            for number in itertools.count(1)
            if connection.execute(lock, {"name": (name := f"{plain}_{number}")}).scalar_one()
        )
    engine.dispose()


@pytest.fixture
def open_site(tmp_path: Path, database_url: str) -> Iterator[OpenSite]:
    """Opens the test's site: an LMS of a profile, and the tool without a worker."""
    opened: list[Site] = []

    def opener(profile: str = "moodle", *, embedded: bool = False, **settings: str) -> Site:
        site = Site(tmp_path, database_url, **settings)
        opened.append(site)
        site.lms.start(profile)
        site.start_web(embedded=embedded)
        return site

    yield opener
    for site in opened:
        site.close()
        print(site.tail())  # shown when the test failed


@pytest.fixture
def site(open_site: OpenSite) -> Site:
    """An LMS as Moodle, and the tool without a worker."""
    return open_site()

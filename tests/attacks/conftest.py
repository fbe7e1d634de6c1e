"""One application for the attacks of a module, where none leaves a trace. It counts no requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.kernel.settings import Settings
from tests.attacks.target import Target
from tests.databases import clean_sqlite
from tests.gateway.lms import Lms
from tests.house.belongings import Belongings, give_everything
from tests.tool import make_tool


@pytest.fixture(scope="module")
def target(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The tool on SQLite, with an LMS that it trusts. Shared by the tests of one module."""
    folder = tmp_path_factory.mktemp("attacked")
    settings = Settings(
        data_dir=folder,
        database_url=clean_sqlite(sqlite_template, folder),
        secret_key="a secret of thirty-two characters or more",
        allow_private_network=True,
        grade_delay_seconds=0,
        logins_per_minute=0,
        refusals_per_minute=0,
        registrations_per_minute=0,
    )
    tool = make_tool(settings)
    yield Target(tool, Lms(tool))
    tool.close()


@pytest.fixture(scope="module")
def hers(target: Target) -> Iterator[Belongings]:
    """A learner with everything that can be hers, her tutor, and her administrator."""
    with pytest.MonkeyPatch.context() as patch:
        yield give_everything(target.tool, patch)

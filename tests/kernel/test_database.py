"""Transactions on both engines."""

import threading

import pytest
from sqlalchemy import text

from lti_tool.courses.models import Organisation
from lti_tool.courses.services import find_or_add_organisation
from lti_tool.kernel import clock
from lti_tool.kernel.database import Database, in_transaction


def names(database: Database) -> list[str]:
    with database.transaction(write=False) as session:
        return sorted(session.execute(text("SELECT name FROM organisations")).scalars())


def test_a_block_that_ends_well_commits_and_one_that_raises_undoes_all(
    database: Database,
) -> None:
    with database.transaction() as session:
        find_or_add_organisation(session, "Kept")

    def fail() -> None:
        with database.transaction() as session:
            find_or_add_organisation(session, "Undone")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(database) == ["Kept"]
    assert not in_transaction()


def test_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with database.transaction() as session:
                session.execute(text("SELECT count(*) FROM organisations")).scalar_one()
                session.add(Organisation(name=f"{number}-{turn}", created_at=clock.now()))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(database)) == 40


def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    now = clock.now()
    with database.transaction() as session:
        session.add(Organisation(name="A", created_at=now))
    with database.transaction(write=False) as session:
        found = session.query(Organisation).one().created_at
    assert found == now
    assert found.utcoffset() is not None


def test_a_naive_moment_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"), database.transaction() as session:
        session.add(Organisation(name="A", created_at=clock.now().replace(tzinfo=None)))

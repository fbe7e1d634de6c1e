"""Migrations on both engines: up, down, up again; and the end of them equals the models."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from lti_tool.kernel.database import Database
from lti_tool.schema import metadata, migrate


def test_the_newest_revision_equals_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_migration_can_be_undone_and_done_again(database: Database) -> None:
    migrate.downgrade(database, "base")
    left = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    assert not left
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.head()
    assert set(metadata.tables) <= set(inspect(database.engine).get_table_names())


def test_migrating_what_is_migrated_changes_nothing(database: Database) -> None:
    migrate.upgrade(database)
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.head()

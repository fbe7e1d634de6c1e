"""Migrations: bring a database up to date, and say where it stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from lti_tool.kernel.database import Database

# Two processes that start together must not migrate at once (any constant of ours will do).
_LOCK = 0x494D48


def upgrade(database: Database, revision: str = "head") -> None:
    """Migrates to a revision. On PostgreSQL under an advisory lock and with a lock time-out."""
    with _transaction(database) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Migrates back to a revision. For tests and for an operator in need."""
    with _transaction(database) as connection:
        command.downgrade(_config(connection), revision)


def current(database: Database) -> str | None:
    """Returns the revision of the database, or None where there are no tables yet."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Returns the newest revision that this program knows."""
    found = ScriptDirectory.from_config(_config(None)).get_current_head()
    if found is None:
        raise RuntimeError("this program has no migrations")
    return found


@contextmanager
def _transaction(database: Database) -> Iterator[Connection]:
    """Yields a connection whose transaction commits when the migrations went well.

    SQLite changes a column by making the table anew. With its foreign keys on, to drop the old
    one would delete what leads to it; and they can be switched only outside a transaction.
    """
    with database.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if database.is_sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if database.is_sqlite:
                    _check_references(connection)
        finally:
            if database.is_sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        raise RuntimeError(f"a migration left rows of {lost[0]} that lead to none of {lost[2]}")


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config

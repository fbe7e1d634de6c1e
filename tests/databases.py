"""Real databases for tests: a fresh SQLite file, or this worker's own PostgreSQL database."""

import os
import shutil
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.kernel.database import Database
from lti_tool.schema import metadata, migrate

LOCAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


@cache
def postgres_server() -> str | None:
    """Returns the address of a PostgreSQL server that lets us make databases, or None."""
    for url in filter(None, (os.environ.get("IMHCF_TEST_POSTGRES_URL"), LOCAL)):
        try:
            engine = create_engine(url, connect_args={"connect_timeout": 3})
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            engine.dispose()
        except SQLAlchemyError:
            continue
        return url
    return None


@cache
def _postgres_database(worker: str) -> Engine:
    """Makes this worker's database, migrated; the next run makes it anew.

    Its commits do not wait for the disk. They are as safe from the death of our processes as
    ever, which tests bring about; only the server's own death could undo them, and none does.
    """
    server = postgres_server()
    assert server
    name = f"imhcf_test_{worker}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    engine.dispose()
    url = make_url(server).set(database=name)
    database = Database(url.render_as_string(hide_password=False))
    migrate.upgrade(database)
    database.dispose()
    return create_engine(url)


def clean_postgres(worker: str) -> str:
    """Returns the address of this worker's database, every table of it empty."""
    engine = _postgres_database(worker)
    with engine.begin() as connection:
        _empty(connection)
    return engine.url.render_as_string(hide_password=False)


# Logs from which a trigger lets nobody delete.
KEPT = {"confidentiality_events", "review_events"}


def _empty(connection: Connection) -> None:
    """Deletes what there is, and counts from one again.

    A few rows in a few tables are deleted in a hundredth of the time that TRUNCATE takes, which
    makes new files for every table and index.
    """
    tables = [table.name for table in reversed(metadata.sorted_tables)]
    filled = " UNION ALL ".join(
        f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables
    )
    found = set(connection.execute(text(filled)).scalars())
    for name in tables:
        if name in found and name in KEPT:
            connection.execute(text(f'ALTER TABLE "{name}" DISABLE TRIGGER USER'))
            connection.execute(text(f'DELETE FROM "{name}"'))
            connection.execute(text(f'ALTER TABLE "{name}" ENABLE TRIGGER USER'))
        elif name in found:
            connection.execute(text(f'DELETE FROM "{name}"'))
    used = "SELECT setval(format('%I.%I', schemaname, sequencename), 1, false) FROM pg_sequences"
    connection.execute(text(f"{used} WHERE last_value IS NOT NULL"))


def clean_sqlite(template: Path, folder: Path) -> str:
    """Returns the address of a migrated SQLite file of its own."""
    target = folder / "imhcf.db"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


def make_sqlite_template(path: Path) -> Path:
    """Migrates an empty file once, for every test of this worker to copy."""
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path

"""Real databases for tests: a fresh SQLite file, or this worker's own PostgreSQL database."""

import os
import shutil
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, text
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
def _postgres_database(worker: str) -> str:
    """Makes this worker's database, migrated; the next run makes it anew."""
    server = postgres_server()
    assert server
    name = f"imhcf_test_{worker}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    database = Database(url)
    migrate.upgrade(database)
    database.dispose()
    return url


def clean_postgres(worker: str) -> str:
    """Returns the address of this worker's database, every table of it empty."""
    url = _postgres_database(worker)
    engine = create_engine(url)
    with engine.begin() as connection:
        tables = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


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

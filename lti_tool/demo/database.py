"""The LMS's own SQLite file: its engine, and the two kinds of transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    TypeDecorator,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.schema import CreateColumn

_WRITES = "lms_writes"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept without its zone because SQLite has none."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The LMS's tables; they are no part of the tool's database."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012  (SQLAlchemy's own form)


class Database:
    """Opens sessions on one file. Threads may share it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The driver's own transactions are off: it would begin them too late to lock.
        self._engine = create_engine(
            f"sqlite:///{path}", connect_args={"isolation_level": None, "timeout": 20}
        )
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)

    def create(self) -> None:
        """Makes the tables that are not there yet, and adds to the others what they lack.

        A practice LMS keeps its people and grades over releases: every column that a release
        adds is nullable or has a server default.
        """
        with self.writing() as session:
            connection = session.connection()
            Base.metadata.create_all(connection)
            for table in Base.metadata.sorted_tables:
                there = {column["name"] for column in inspect(connection).get_columns(table.name)}
                for column in table.columns:
                    if column.name not in there:
                        made = CreateColumn(column).compile(connection)
                        connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {made}")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the file and changes nothing."""
        with Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that holds the file's one write lock from its start.

        A score is read, judged and written under it, so two posts cannot both be newer.
        """
        engine = self._engine.execution_options(**{_WRITES: True})
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Closes every connection; the file can then be removed."""
        self._engine.dispose()


def _configure(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""The database and its transactions: one engine, and one way to begin, commit and roll back."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

_WRITE = "imhcf_write"
_CONNECTION = "imhcf_connection"
_open: ContextVar[int] = ContextVar("open_transactions", default=0)


def in_transaction() -> bool:
    """Says whether this thread of work holds a transaction. Outgoing calls are refused then."""
    return _open.get() > 0


class Database:
    """One engine for SQLite (WAL, durable commits, foreign keys) or PostgreSQL."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        options: dict[str, Any] = {} if self.is_sqlite else {"pool_pre_ping": True}
        self.engine: Engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=10,
            pool_timeout=30,
            hide_parameters=True,  # an error in the log must not carry a name or a note
            **options,
        )
        if self.is_sqlite:
            _prepare_sqlite(self.engine)

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Session]:
        """Yields a session; commits when the block ends, rolls back when it raises.

        A writing transaction takes SQLite's write lock at once, so that two of them wait for
        each other instead of failing half-way; a reading one never waits.
        """
        session = self.begin(write=write)
        try:
            yield session
            self.commit(session)
        finally:
            self.end(session)

    def begin(self, *, write: bool) -> Session:
        """Returns a session in a transaction of its own; hand it to `end` when done."""
        # The connection begins, and the session joins when it is first used for objects: many
        # requests run prepared statements alone, and a session's own beginning costs as much
        # as two of them.
        connection = self.engine.connect().execution_options(**{_WRITE: write})
        connection.begin()
        _open.set(_open.get() + 1)
        return Session(connection, expire_on_commit=False, info={_CONNECTION: connection})

    def commit(self, session: Session) -> None:
        """Makes everything that the session did true, objects included."""
        if session.in_transaction():
            session.commit()
        connection: Connection = session.info[_CONNECTION]
        connection.commit()

    def end(self, session: Session) -> None:
        """Closes a session from `begin`; what was not committed is rolled back."""
        _open.set(_open.get() - 1)
        session.close()
        connection: Connection = session.info[_CONNECTION]
        connection.close()

    def dispose(self) -> None:
        """Closes every pooled connection, as a forked process must before its first use."""
        self.engine.dispose()


def run(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Executes a statement that was built once, with values for its bind parameters.

    Building a statement anew costs several times what running it does; the launch runs eight.
    """
    connection: Connection = session.info[_CONNECTION]
    return connection.execute(statement, values)


def insert_into(session: Session, table: Any) -> Any:
    """Returns an INSERT of the session's own engine, which knows what to do `on_conflict`."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite if is_sqlite else postgresql).insert(table)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin by ourselves, below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITE, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

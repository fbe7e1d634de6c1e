"""Putting many rows into tables quickly, by what each engine does best."""

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.types.json import Json
from sqlalchemy import JSON, Table, func, insert, select, text
from sqlalchemy.orm import Session

from lti_tool.kernel.models import Base

Values = dict[str, Any]


def table_named(name: str) -> Table:
    return Base.metadata.tables[name]


def last_numbers(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Returns the greatest number that each table has given."""
    return {
        name: session.execute(select(func.max(table_named(name).c.id))).scalar() or 0
        for name in names
    }


def store(session: Session, rows: Mapping[str, list[Values]]) -> int:
    """Stores rows by table, parents first; returns how many."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    for table in Base.metadata.sorted_tables:
        found = rows.get(table.name)
        if found and is_postgres:
            _copy(session, table, found)
        elif found:
            session.execute(insert(table), found)
    return sum(map(len, rows.values()))


def count_on(session: Session, names: Iterable[str]) -> None:
    """Lets PostgreSQL's counters go on after the numbers that were given here."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for name in names:
        newest = select(func.max(Base.metadata.tables[name].c.id)).scalar_subquery()
        counter = func.pg_get_serial_sequence(name, "id")
        session.execute(select(func.setval(counter, newest)))


def look_over(session: Session) -> None:
    """Lets PostgreSQL learn what is in the tables, as it does by itself after a while."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


def _copy(session: Session, table: Table, rows: list[Values]) -> None:
    """By COPY, which takes a tenth of the time of INSERT (PostgreSQL, "Populating a Database")."""
    names = list(rows[0])
    is_json = [isinstance(table.c[name].type, JSON) for name in names]
    columns = ", ".join(f'"{name}"' for name in names)
    connection = session.connection().connection.driver_connection
    if connection is None:
        raise RuntimeError("there is no connection")
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(
                [
                    Json(row[name]) if json and row[name] is not None else row[name]
                    for name, json in zip(names, is_json, strict=True)
                ]
            )

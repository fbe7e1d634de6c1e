"""The journal of a join: each row that it changes, before and after, so that it can be undone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, Row, Table, UniqueConstraint, insert, select, true, update
from sqlalchemy.orm import Session

from lti_tool.gateway.people.models import MergedRow
from lti_tool.kernel.models import Base, UtcDateTime

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Joining:
    """A join under way: whose rows go to whom, and where what changes is written down."""

    session: Session
    merge_id: int
    absorbed_id: int
    remaining_id: int

    def change(self, table: Table, row: Row[Any], **after: Any) -> None:
        """Changes columns of a row, and remembers what they held."""
        self.session.execute(update(table).where(table.c.id == row.id).values(**after))
        self.remember(table, [(row.id, {name: getattr(row, name) for name in after}, after)])

    def remember(
        self, table: Table, changes: Sequence[tuple[int, Mapping[str, Any], Mapping[str, Any]]]
    ) -> None:
        """Writes down rows by number, with their columns before and after."""
        rows = [
            {
                "merge_id": self.merge_id,
                "table_name": table.name,
                "row_id": number,
                "before": {name: as_json(value) for name, value in before.items()},
                "after": {name: as_json(value) for name, value in after.items()},
            }
            for number, before, after in changes
        ]
        if rows:
            self.session.execute(insert(MergedRow), rows)

    def move(self, table: Table, column: str, *, also: Sequence[str] = ()) -> None:
        """Gives rows of who is absorbed to who remains; a row that would stand twice rests.

        `also` are columns to bring back at an undo, though the move does not change them.
        """
        resting = {absorbed for absorbed, _ in self.doubles(table, column)}
        wanted = select(table.c.id, table.c[column], *(table.c[name] for name in also))
        rows = self.session.execute(wanted.where(table.c[column] == self.absorbed_id))
        going = [row for row in rows if row.id not in resting]
        for some in _batches([row.id for row in going]):
            self.session.execute(
                update(table).where(table.c.id.in_(some)).values({column: self.remaining_id})
            )
        moved = []
        for row in going:
            same = {name: getattr(row, name) for name in also}
            before, after = {column: self.absorbed_id}, {column: self.remaining_id}
            moved.append((row.id, before | same, after | same))
        self.remember(table, moved)

    def doubles(self, table: Table, column: str) -> list[tuple[int, int]]:
        """Returns the pairs of rows of which the table takes one alone for one person."""
        found = set()
        other = table.alias()
        for unique in _uniques(table):
            if column not in unique:
                continue
            pairs = self.session.execute(
                select(table.c.id, other.c.id.label("other"))
                .select_from(table.join(other, true()))
                .where(
                    table.c[column] == self.absorbed_id,
                    other.c[column] == self.remaining_id,
                    *(table.c[name] == other.c[name] for name in unique if name != column),
                )
            )
            found |= {(row.id, row.other) for row in pairs}
        return sorted(found)

    def pairs(self, table: Table, column: str) -> Iterator[tuple[Row[Any], Row[Any]]]:
        """Yields the rows of `doubles`, whole: that of who is absorbed, that of who remains."""
        for numbers in self.doubles(table, column):
            absorbed, remaining = (
                self.session.execute(select(table).where(table.c.id == number)).one()
                for number in numbers
            )
            yield absorbed, remaining


def table_named(name: str) -> Table:
    """Returns a table of the schema that all rooms share."""
    return Base.metadata.tables[name]


def as_json(value: object) -> object:
    """Returns a column's value as the journal keeps it."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def from_json(column: Column[Any], value: Any) -> Any:
    """Returns the value of a column that `as_json` wrote."""
    if isinstance(value, str) and isinstance(column.type, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(value, str) and column.type.python_type is date:
        return date.fromisoformat(value)
    return value


def _uniques(table: Table) -> list[list[str]]:
    """Returns the column names of every unique constraint and index of a table."""
    found: list[UniqueConstraint | Index] = [
        one for one in table.constraints if isinstance(one, UniqueConstraint)
    ]
    found += [one for one in table.indexes if one.unique]
    return [[column.name for column in one.columns] for one in found]


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]

"""No table about a person is forgotten by joining, counting or undoing."""

import pytest
from sqlalchemy import Table

from lti_tool.gateway.people.holdings import KINDS, NOT_COUNTED
from lti_tool.gateway.people.rules import ENDED, FOLDED, KEPT, MOVED
from lti_tool.schema import metadata


def naming_a_person() -> set[str]:
    return {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "people.id" for key in column.foreign_keys)
        or column.name == "person_id"
    }


def test_every_column_that_names_a_person_has_its_place_in_a_join() -> None:
    groups = (FOLDED, MOVED, ENDED, frozenset(KEPT))
    planned = [name for group in groups for name in group]
    assert sorted(planned) == sorted(naming_a_person())


@pytest.mark.parametrize("name", sorted((FOLDED | MOVED) - {"people"}))
def test_what_is_journalled_has_a_number(name: str) -> None:
    table = metadata.tables[name.split(".")[0]]
    assert isinstance(table, Table)
    assert [column.name for column in table.primary_key] == ["id"]


def test_every_table_of_a_person_is_counted_or_said_not_to_be() -> None:
    theirs = {name.split(".")[0] for name in naming_a_person() if name.endswith(".person_id")}
    assert set(KINDS) | set(NOT_COUNTED) == theirs
    for name, kind in KINDS.items():
        assert kind.when in metadata.tables[name].c

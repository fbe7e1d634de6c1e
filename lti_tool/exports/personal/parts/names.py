"""How a record calls a thing: by the name that it got where it was first made."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.exports.personal.models import ImportedItem


@dataclass(frozen=True, slots=True)
class Names:
    """The first names of things that came in with a record, by kind and public id.

    A thing keeps its name however often it moves on, so that a record that comes home, or
    comes twice, is known again.
    """

    brought: Mapping[tuple[str, str], str]

    def of(self, kind: str, public_id: str) -> str:
        """Returns the name of a thing: that of its first record, or its own public id."""
        return self.brought.get((kind, public_id), public_id)


def names_of(session: Session, person_id: int) -> Names:
    """Returns the first names of everything that a person brought."""
    rows = session.execute(
        select(ImportedItem.kind, ImportedItem.local_name, ImportedItem.origin_key).where(
            ImportedItem.person_id == person_id, ImportedItem.local_name.is_not(None)
        )
    )
    return Names({(row.kind, row.local_name): row.origin_key for row in rows})

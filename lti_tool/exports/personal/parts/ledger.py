"""What came in with which record, and which row it became: nothing comes in twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.assessments.models import Snapshot
from lti_tool.exports.personal.models import ImportedItem
from lti_tool.exports.personal.shapes import KeptAside
from lti_tool.kernel import clock
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.models import table_of
from lti_tool.training.plans.models import Goal, TrainingRecord

_TABLES = {
    "snapshot": table_of(Snapshot),
    "goal": table_of(Goal),
    "training": table_of(TrainingRecord),
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """The names of one person's things, by kind; a thing that went since has a name and no row.

    What its owner removed here stays removed when the same record is brought again.
    """

    session: Session
    person_id: int
    import_id: int
    rows: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def row(self, kind: str, name: str) -> int | None:
        """Returns the row of a thing, or None when it is not here."""
        return self.rows.get(kind, {}).get(name)

    def note(
        self, kind: str, name: str, here: tuple[int, str], original: Mapping[str, Any]
    ) -> None:
        """Notes that a thing came in and became a row, given by id and public id.

        `original` is what was changed of it. A thing that was kept aside before is here now.
        """
        row_id, public_id = here
        self._add(kind, name, public_id, original)
        self.rows.setdefault(kind, {})[name] = row_id

    def keep_aside(self, things: Iterable[KeptAside]) -> int:
        """Keeps things that cannot be used here, as they came; returns how many."""
        kept = list(things)
        for one in kept:
            self._add(one.kind, one.key, None, one.original)
        return len(kept)

    def _add(
        self, kind: str, name: str, public_id: str | None, original: Mapping[str, Any]
    ) -> None:
        values = {"local_name": public_id, "original": dict(original), "import_id": self.import_id}
        self.session.execute(
            insert_into(self.session, ImportedItem)
            .values(
                person_id=self.person_id,
                kind=kind,
                origin_key=name,
                imported_at=clock.now(),
                **values,
            )
            .on_conflict_do_update(
                index_elements=["person_id", "kind", "origin_key"],
                set_=values,
                where=ImportedItem.local_name.is_(None),
            )
        )


def open_ledger(session: Session, person_id: int, import_id: int = 0) -> Ledger:
    """Returns the names of a person's things: those made here, and those that came in."""
    rows: dict[str, dict[str, int | None]] = defaultdict(dict)
    for kind, table in _TABLES.items():
        own = select(table.c.public_id, table.c.id).where(table.c.person_id == person_id)
        rows[kind].update({row.public_id: row.id for row in session.execute(own)})
    brought = select(ImportedItem.kind, ImportedItem.origin_key, ImportedItem.local_name).where(
        ImportedItem.person_id == person_id, ImportedItem.local_name.is_not(None)
    )
    for row in session.execute(brought):
        rows[row.kind][row.origin_key] = rows[row.kind].get(row.local_name)
    return Ledger(session, person_id, import_id, rows)

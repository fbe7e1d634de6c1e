"""Amina, who is there twice, and an administrator who joins the two and undoes it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from lti_tool.courses.models import Person
from lti_tool.kernel.actor import Role
from lti_tool.schema import metadata
from tests.tool import Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
START = datetime(2026, 9, 1, 9, tzinfo=UTC)
PASSING = {"web_sessions", "tickets", "merges", "merged_rows", "messages"}


@dataclass
class Two:
    """Amina, who came as `old` and now comes as `new`, and an administrator."""

    tool: Tool
    old: Visitor
    new: Visitor
    ada: Visitor

    def public(self, who: Visitor) -> str:
        with self.tool.database.transaction(write=False) as session:
            return str(session.get_one(Person, who.actor.person_id).public_id)

    def join(self, stays: Visitor, goes: Visitor) -> str:
        """Joins the two on the administrator's page; returns the join's name."""
        names = [self.public(stays), self.public(goes)]
        answer = self.ada.post("people/join", {"who": names, "stays": names[0]})
        assert answer.status_code == 303, answer.text
        return str(answer.location).rpartition("/")[2]

    def undo(self, merge: str) -> None:
        answer = self.ada.post(f"people/joins/{merge}/undo", {})
        assert answer.status_code == 303, answer.text

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything in the database but what passes."""
        with self.tool.database.transaction(write=False) as session:
            return {
                name: [
                    dict(row._mapping)
                    for row in session.execute(select(table).order_by(*table.primary_key))
                ]
                for name, table in metadata.tables.items()
                if name not in PASSING
            }

    def one(self, wanted: Any) -> Any:
        with self.tool.database.transaction(write=False) as session:
            return session.execute(wanted).scalar_one()


def rate(who: Visitor, code: str, state: str, note: str = "", version: int = 0) -> None:
    sent = {"code": code, "state": state, "note": note, "version": version}
    answer = who.post_json("ratings", sent)
    assert answer.status_code == 200, answer.text


def again(tool: Tool) -> Visitor:
    return tool.sign_in("ada", roles=ADMINISTRATOR)

"""Telling visitors something, for tests of this room and of others."""

from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from lti_tool.courses.models import Person
from lti_tool.notifications.models import Notification
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from tests.tool import Tool, Visitor

TITLE = "Portfolio, Level 1"


def tell_visitor(tool: Tool, who: Visitor, reference: str = "one", **changes: Any) -> None:
    """Tells a visitor that they handed something in, or what `changes` make of it."""
    telling = Telling(
        who.actor.person_id,
        who.actor.organisation_id,
        Kind.SUBMITTED,
        reference,
        placement_id=who.placement_id,
        endpoint="personal.mine",
        params={"title": TITLE},
    )
    with tool.database.transaction() as session:
        tell(session, [replace(telling, **changes)])


def give_address(tool: Tool, who: Visitor, address: str, name: str | None = None) -> None:
    """Gives a visitor an e-mail address, as their LMS would."""
    values = {"email": address} | ({"name": name} if name is not None else {})
    with tool.database.transaction() as session:
        session.execute(update(Person).where(Person.id == who.actor.person_id).values(**values))


def told(tool: Tool, who: Visitor) -> list[Notification]:
    """Returns what a visitor was told, oldest first."""
    with tool.database.transaction(write=False) as session:
        wanted = select(Notification).where(Notification.person_id == who.actor.person_id)
        found = list(session.execute(wanted.order_by(Notification.id)).scalars())
        session.expunge_all()
        return found

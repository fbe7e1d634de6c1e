"""Entries for tests: somebody is recognised, as a review will do it."""

from datetime import date, timedelta
from typing import Any

from lti_tool.competencies.queries import instrument
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Role
from lti_tool.register.issuing import Issuer
from lti_tool.register.models import RegisterEntry
from lti_tool.register.queries import EntryView, own_entry
from lti_tool.register.recognising import recognise
from lti_tool.register.rules import Recognition, Showing
from lti_tool.register.services import show
from tests.tool import Tool, Visitor

ADMINISTRATOR = frozenset({Role.TUTOR, Role.ADMINISTRATOR})
BASE = "http://127.0.0.1:8000"
COUNT = iter(range(1, 100_000))


def today() -> date:
    """The day of the tool: its zone and UTC agree on it but for an hour of summer nights."""
    return clock.now().date()


def recognition(
    who: Visitor, level: int = 2, on: date | None = None, reference: str = ""
) -> Recognition:
    asked = instrument(f"portfolio-{level}")
    return Recognition(
        organisation_id=who.actor.organisation_id,
        person_id=who.actor.person_id,
        level=level,
        instrument=asked.id,
        instrument_version=asked.version,
        recognised_on=on or today() - timedelta(days=1),
        reference=reference or f"submission:{next(COUNT)}",
    )


def recognised(
    tool: Tool, who: Visitor, level: int = 2, on: date | None = None, **showing: Any
) -> EntryView:
    """Puts somebody on the register, hidden, or as `shown`, `name` and `place` say."""
    with tool.database.transaction() as session:
        public_id = recognise(
            session, Issuer.of(tool.runtime), recognition(who, level, on), today=today()
        )
        found = own_entry(session, who.actor, public_id)
        if showing:
            wanted = {"shown": True, "name": found.name, "place": found.place} | showing
            show(session, who.actor, public_id, Showing(**wanted))
        return own_entry(session, who.actor, public_id)


def row_of(tool: Tool, entry: EntryView) -> RegisterEntry:
    with tool.database.transaction(write=False) as session:
        found: RegisterEntry = session.get_one(RegisterEntry, entry.id)
        return found

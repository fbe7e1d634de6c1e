"""The instruments as an organisation's people read them, at the price of one small statement."""

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.competencies.wordings.models import Edition, Statement
from lti_tool.competencies.wordings.rules import Spoken, Wording, Words, overlaid
from lti_tool.kernel.database import run
from lti_tool.kernel.models import table_of

Instruments = Mapping[str, Instrument]

_EDITIONS = table_of(Edition)
_STATEMENTS = table_of(Statement)
_MEMO = "instruments_in_wording"
_ORGANISATIONS_KEPT = 200

# An organisation without editions, the usual one, costs this statement alone; so does one with
# editions, once a process has put its text together.
_NEWEST = (
    select(_EDITIONS.c.key)
    .where(_EDITIONS.c.organisation_id == bindparam("organisation"))
    .order_by(_EDITIONS.c.number.desc())
    .limit(1)
)
_ALL = (
    select(_STATEMENTS, _EDITIONS.c.number)
    .join(_EDITIONS, _EDITIONS.c.id == _STATEMENTS.c.edition_id)
    .where(_STATEMENTS.c.organisation_id == bindparam("organisation"))
    .order_by(_EDITIONS.c.number)
)

_kept: OrderedDict[str, tuple[Instruments, Instruments]] = OrderedDict()
_keeping = threading.Lock()


def in_wording(session: Session, organisation_id: int, shipped: Instruments) -> Instruments:
    """Returns every instrument by id, in an organisation's words where it has some.

    Asks the database once in a transaction; what it made of an edition stays in the process.
    """
    asked: dict[int, Instruments] = session.info.setdefault(_MEMO, {})
    if organisation_id not in asked:
        key = run(session, _NEWEST, organisation=organisation_id).scalar()
        asked[organisation_id] = (
            _edition(session, organisation_id, key, shipped) if key else shipped
        )
    return asked[organisation_id]


def forget(session: Session, organisation_id: int) -> None:
    """Makes this transaction look again, after it changed the organisation's wording."""
    session.info.get(_MEMO, {}).pop(organisation_id, None)


def statements_of(
    session: Session, organisation_id: int, *, until: int | None = None
) -> dict[str, dict[str, Spoken]]:
    """Returns an organisation's newest statements by instrument and code, in one statement.

    `until` leaves out what came after that edition.
    """
    found: dict[str, dict[str, Spoken]] = defaultdict(dict)
    for row in run(session, _ALL, organisation=organisation_id):
        if until is None or row.number <= until:
            said = Spoken(Wording(row.wording), words_in(row), row.number)
            found[row.instrument][row.code] = said
    return dict(found)


def words_in(row: Any) -> Words:
    """Returns the words of a row of the statements' table."""
    return Words(row.knowledge, row.ability, row.prompt, row.points_of, tuple(row.points))


def _edition(session: Session, organisation_id: int, key: str, shipped: Instruments) -> Instruments:
    with _keeping:
        known = _kept.get(key)
    if known and known[0] is shipped:
        return known[1]
    statements = statements_of(session, organisation_id)
    made = {name: overlaid(one, statements.get(name, {})) for name, one in shipped.items()}
    with _keeping:
        _kept[key] = (shipped, made)
        while len(_kept) > _ORGANISATIONS_KEPT:
            _kept.popitem(last=False)
    return made

"""Taking apart what was put together of two portfolios, when a join is undone.

Each account gets its own text and versions back. What was written since stays with who remained:
after their own versions, or as an account of its own where only the other had one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.gateway.people.folding import renumber
from lti_tool.gateway.people.folding_portfolios import ACCOUNTS, CONTENT, VERSIONS

Before = Mapping[int, Mapping[str, Any]]


def take_apart(session: Session, accounts: Before, versions: Before, merged_at: datetime) -> None:
    """Brings accounts and their versions back to what the journal says of them before the join."""
    for number, before in accounts.items():
        row = session.execute(select(ACCOUNTS).where(ACCOUNTS.c.id == number)).one()
        there = session.execute(
            select(VERSIONS).where(VERSIONS.c.account_id == number).order_by(VERSIONS.c.number)
        ).all()
        since = [one for one in there if one.id not in versions and one.begun_at > merged_at]
        if "portfolio_id" in before:
            _return(session, row, before, since)
        else:
            _unfold(session, row, before, versions, [one.id for one in there], since)


def _return(
    session: Session, row: Row[Any], before: Mapping[str, Any], since: Sequence[Row[Any]]
) -> None:
    """An account that only the absorbed had goes back; what was written since makes a new one."""
    _set(session, row.id, before)
    if not since:
        return
    content = {name: getattr(row, name) for name in CONTENT} | {"version": len(since)}
    new = session.execute(
        insert(ACCOUNTS)
        .values(portfolio_id=row.portfolio_id, code=row.code, **content)
        .returning(ACCOUNTS.c.id)
    ).scalar_one()
    wanted = [
        (one.id, {"account_id": new, "number": place}) for place, one in enumerate(since, start=1)
    ]
    renumber(session, VERSIONS, wanted, column="number")


def _unfold(
    session: Session,
    row: Row[Any],
    before: Mapping[str, Any],
    versions: Before,
    there: Sequence[int],
    since: Sequence[Row[Any]],
) -> None:
    """An account that both had: each history by itself again."""
    back = [(number, dict(versions[number])) for number in there if number in versions]
    first = int(before["version"]) + 1
    more = [(one.id, {"number": place}) for place, one in enumerate(since, start=first)]
    renumber(session, VERSIONS, back + more, column="number")
    if since:
        current = {name: getattr(row, name) for name in CONTENT}
        _set(session, row.id, current | {"version": first + len(since) - 1})
    else:
        _set(session, row.id, before)


def _set(session: Session, number: int, values: Mapping[str, Any]) -> None:
    session.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == number).values(**values))

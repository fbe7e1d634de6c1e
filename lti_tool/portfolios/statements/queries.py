"""Reading of statements: the learner's own by portfolio, a witness's by the digest of the link."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import digest
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.models import Account, AccountVersion
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.statements.rules import StatementView

_STATEMENTS = table_of(WitnessStatement)
_ACCOUNTS = table_of(Account)
_VERSIONS = table_of(AccountVersion)
_NAMES = tuple(one.name for one in fields(StatementView))
_VIEW = select(*(_STATEMENTS.c[name] for name in _NAMES))
# What `new_token` makes. Anything longer is not worth a look.
_LONGEST_TOKEN = 64


def statements_of_portfolio(
    session: Session, portfolio_id: int
) -> Mapping[str, list[StatementView]]:
    """Returns the statements that were given for a portfolio, by code, the oldest first.

    In one statement of SQL. These are what a submission freezes, each by
    `rules.frozen_statement`; hidden ones are among them, and are frozen as hidden.
    """
    found: dict[str, list[StatementView]] = {}
    wanted = _VIEW.where(
        _STATEMENTS.c.portfolio_id == portfolio_id,
        _STATEMENTS.c.confirmed_at.is_not(None),
        _STATEMENTS.c.removed_at.is_(None),
    )
    for row in session.execute(wanted.order_by(_STATEMENTS.c.confirmed_at, _STATEMENTS.c.id)):
        found.setdefault(row.code, []).append(_view(row))
    return found


def statements_of_task(session: Session, portfolio_id: int, code: str) -> list[StatementView]:
    """Returns every invitation for a task, given or not, the newest first; no removed ones."""
    rows = session.execute(
        _VIEW.where(
            _STATEMENTS.c.portfolio_id == portfolio_id,
            _STATEMENTS.c.code == code,
            _STATEMENTS.c.removed_at.is_(None),
        ).order_by(_STATEMENTS.c.id.desc())
    )
    return [_view(row) for row in rows]


def versions_read(
    session: Session, portfolio_id: int, code: str, statements: Iterable[StatementView]
) -> Mapping[int, int]:
    """Returns for each given statement the number of the account's version that was read.

    What was typed on in the same sitting is one version with what was read.
    """
    wanted = {one.id: one.account_version for one in statements if one.account_version}
    if not wanted:
        return {}
    numbers = session.execute(
        select(_VERSIONS.c.number)
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _VERSIONS.c.account_id)
        .where(_ACCOUNTS.c.portfolio_id == portfolio_id, _ACCOUNTS.c.code == code)
        .order_by(_VERSIONS.c.number)
    ).scalars()
    known = list(numbers)
    found = {one: next((n for n in known if n >= read), 0) for one, read in wanted.items()}
    return {one: number for one, number in found.items() if number}


def statement_of(session: Session, portfolio_id: int, code: str, public_id: str) -> StatementView:
    """Returns an invitation for a task, a removed one too; raises `NotFound` for any other."""
    row = session.execute(
        _VIEW.where(
            _STATEMENTS.c.portfolio_id == portfolio_id,
            _STATEMENTS.c.code == code,
            _STATEMENTS.c.public_id == as_kept(public_id),
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such invitation for this task."), code="statement-unknown")
    return _view(row)


def statement_by_id(session: Session, statement_id: int) -> StatementView | None:
    """Returns a statement by its number, removed or not; None where there is none."""
    row = session.execute(_VIEW.where(_STATEMENTS.c.id == statement_id)).first()
    return _view(row) if row else None


def statement_by_token(session: Session, token: str) -> StatementView | None:
    """Returns the invitation of a link, however it stands; None for one that never was.

    The row is found by the digest, in one step whatever the token.
    """
    key = digest(as_kept(token)[:_LONGEST_TOKEN])
    row = session.execute(_VIEW.where(_STATEMENTS.c.token_digest == key)).first()
    return _view(row) if row else None


def open_invitation(session: Session, token: str, now: datetime) -> StatementView:
    """Returns the invitation of a link that is open.

    Raises `NotFound` with one sentence for every other: a stranger cannot tell one that has
    ended, was withdrawn or removed from one that never was.
    """
    found = statement_by_token(session, token)
    if found is None or not found.is_open(now):
        raise closed()
    return found


def closed() -> NotFound:
    """Returns what is said at a link that leads nowhere, or nowhere any more."""
    return NotFound(
        N_("There is nothing at this link."),
        code="statement-closed",
        advice=N_(
            "It may have ended, or not all of the address was copied. Ask the person who sent it"
            " to you for a new link."
        ),
    )


def _view(row: Row[Any]) -> StatementView:
    facts: dict[str, Any] = dict(zip(_NAMES, row, strict=True))
    return StatementView(**facts)

"""Reading of portfolios and their accounts. A person belongs to one organisation, and so do these."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, case, func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.models import Account, AccountVersion, Portfolio, PortfolioChoice
from lti_tool.portfolios.rules import Act, Declaration, Written

_PORTFOLIOS = table_of(Portfolio)
_CHOICES = table_of(PortfolioChoice)
_ACCOUNTS = table_of(Account)
_VERSIONS = table_of(AccountVersion)


@dataclass(frozen=True, slots=True)
class PortfolioView:
    """A portfolio as services and pages read it."""

    id: int
    public_id: str
    person_id: int
    instrument: str
    round: int


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of an account. `text` is empty in a list."""

    number: int
    act: Act
    words: int
    begun_at: datetime
    saved_at: datetime
    sitting: str
    taken_away: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """How much somebody has written in a placement: counts and nothing of the text."""

    instrument: str
    begun: int
    ready: int
    words: int
    changed_at: datetime | None


def chosen_portfolio(session: Session, actor: Actor, placement_id: int) -> PortfolioView | None:
    """Returns the portfolio that the actor works on in a placement, or None before a choice."""
    row = session.execute(
        select(_PORTFOLIOS)
        .join(_CHOICES, _CHOICES.c.portfolio_id == _PORTFOLIOS.c.id)
        .where(
            _CHOICES.c.person_id == actor.person_id,
            _CHOICES.c.placement_id == placement_id,
            _PORTFOLIOS.c.person_id == actor.person_id,
        )
    ).first()
    return _portfolio(row) if row else None


def portfolio_of(session: Session, actor: Actor, public_id: str) -> PortfolioView:
    """Returns one of the actor's portfolios; raises `NotFound` for any other."""
    row = session.execute(
        select(_PORTFOLIOS).where(
            _PORTFOLIOS.c.public_id == as_kept(public_id),
            _PORTFOLIOS.c.person_id == actor.person_id,
            _PORTFOLIOS.c.organisation_id == actor.organisation_id,
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such portfolio of yours."), code="portfolio-unknown")
    return _portfolio(row)


def portfolios_of(session: Session, person_id: int) -> list[tuple[PortfolioView, int, int]]:
    """Returns a person's portfolios, each with the tasks that have text, and with its words."""
    rows = session.execute(
        select(
            *_PORTFOLIOS.c,
            func.coalesce(func.sum(case((_ACCOUNTS.c.text != "", 1), else_=0)), 0).label("begun"),
            func.coalesce(func.sum(_ACCOUNTS.c.words), 0).label("words"),
        )
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.portfolio_id == _PORTFOLIOS.c.id)
        .where(_PORTFOLIOS.c.person_id == person_id)
        .group_by(*_PORTFOLIOS.c)
        .order_by(_PORTFOLIOS.c.id)
    )
    return [(_portfolio(row), int(row.begun), int(row.words)) for row in rows]


def accounts_of(session: Session, portfolio_id: int) -> dict[str, Written]:
    """Returns the accounts of a portfolio by code, in one statement."""
    rows = session.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.portfolio_id == portfolio_id))
    return {row.code: _written(row) for row in rows}


def account_of(session: Session, portfolio_id: int, code: str) -> tuple[int, Written] | None:
    """Returns one account with its number, or None where nothing was written or marked."""
    row = session.execute(
        select(_ACCOUNTS).where(_ACCOUNTS.c.portfolio_id == portfolio_id, _ACCOUNTS.c.code == code)
    ).first()
    return (row.id, _written(row)) if row else None


def texts_elsewhere(
    session: Session, person_id: int, wanted: Mapping[str, str]
) -> list[tuple[str, str, str, datetime]]:
    """Returns instrument, code, text and time of a person's accounts for these tasks.

    `wanted` gives by instrument the code of the one task that is asked for.
    """
    if not wanted:
        return []
    rows = session.execute(
        select(_PORTFOLIOS.c.instrument, _ACCOUNTS.c.code, _ACCOUNTS.c.text, _ACCOUNTS.c.changed_at)
        .join(_PORTFOLIOS, _PORTFOLIOS.c.id == _ACCOUNTS.c.portfolio_id)
        .where(
            _PORTFOLIOS.c.person_id == person_id,
            _PORTFOLIOS.c.instrument.in_(list(wanted)),
            _ACCOUNTS.c.code.in_(list(wanted.values())),
            _ACCOUNTS.c.text != "",
        )
        .order_by(_ACCOUNTS.c.changed_at.desc())
    )
    return [
        (row.instrument, row.code, row.text, row.changed_at)
        for row in rows
        if wanted[row.instrument] == row.code
    ]


def newest_version(session: Session, account_id: int) -> VersionView | None:
    """Returns the newest version of an account with its text."""
    row = session.execute(
        select(_VERSIONS)
        .where(_VERSIONS.c.account_id == account_id)
        .order_by(_VERSIONS.c.number.desc())
        .limit(1)
    ).first()
    return _version(row, row.text) if row else None


def versions_of(
    session: Session, account_id: int, *, limit: int, before: int | None = None
) -> tuple[list[VersionView], int | None]:
    """Returns a page of an account's versions, newest first, and where the next page begins."""
    wanted = select(*(column for column in _VERSIONS.c if column is not _VERSIONS.c.text)).where(
        _VERSIONS.c.account_id == account_id
    )
    if before is not None:
        wanted = wanted.where(_VERSIONS.c.number < before)
    rows = session.execute(wanted.order_by(_VERSIONS.c.number.desc()).limit(limit + 1)).all()
    found = [_version(row, "") for row in rows[:limit]]
    return found, found[-1].number if len(rows) > limit else None


def version_of(session: Session, account_id: int, number: int) -> VersionView:
    """Returns one version of an account with its text; raises `NotFound` for any other."""
    row = session.execute(
        select(_VERSIONS).where(_VERSIONS.c.account_id == account_id, _VERSIONS.c.number == number)
    ).first()
    if row is None:
        raise NotFound(N_("There is no such version of this account."), code="version-unknown")
    return _version(row, row.text)


def version_before(session: Session, account_id: int, number: int) -> VersionView | None:
    """Returns the version before this one, with its text; None for the first."""
    row = session.execute(
        select(_VERSIONS)
        .where(_VERSIONS.c.account_id == account_id, _VERSIONS.c.number < number)
        .order_by(_VERSIONS.c.number.desc())
        .limit(1)
    ).first()
    return _version(row, row.text) if row else None


def writing_of_people(
    session: Session, placement_id: int, person_ids: Collection[int]
) -> Mapping[int, Writing]:
    """Returns how much each of these people has written in a placement, in one statement."""
    has_text = _ACCOUNTS.c.text != ""
    ready = and_(has_text, _ACCOUNTS.c.declaration != "", _ACCOUNTS.c.places == 0)
    rows = session.execute(
        select(
            _PORTFOLIOS.c.person_id,
            _PORTFOLIOS.c.instrument,
            func.coalesce(func.sum(case((has_text, 1), else_=0)), 0).label("begun"),
            func.coalesce(func.sum(case((ready, 1), else_=0)), 0).label("ready"),
            func.coalesce(func.sum(_ACCOUNTS.c.words), 0).label("words"),
            func.max(_ACCOUNTS.c.changed_at).label("changed_at"),
        )
        .join(_CHOICES, _CHOICES.c.portfolio_id == _PORTFOLIOS.c.id)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.portfolio_id == _PORTFOLIOS.c.id)
        .where(_CHOICES.c.placement_id == placement_id, _CHOICES.c.person_id.in_(person_ids))
        .group_by(_PORTFOLIOS.c.person_id, _PORTFOLIOS.c.instrument)
    )
    return {
        row.person_id: Writing(
            row.instrument, int(row.begun), int(row.ready), int(row.words), row.changed_at
        )
        for row in rows
    }


def _portfolio(row: Any) -> PortfolioView:
    return PortfolioView(row.id, row.public_id, row.person_id, row.instrument, row.round)


def _written(row: Row[Any]) -> Written:
    return Written(
        text=row.text,
        words=row.words,
        version=row.version,
        changed_at=row.changed_at,
        ticks=frozenset(row.ticks),
        declaration=Declaration(row.declaration),
        declared_at=row.declared_at,
        left_alone=frozenset(row.left_alone),
        places=row.places,
        instrument_version=row.instrument_version,
    )


def _version(row: Row[Any], text: str) -> VersionView:
    return VersionView(
        number=row.number,
        act=Act(row.act),
        words=row.words,
        begun_at=row.begun_at,
        saved_at=row.saved_at,
        sitting=row.sitting,
        taken_away=row.taken_away,
        text=text,
    )

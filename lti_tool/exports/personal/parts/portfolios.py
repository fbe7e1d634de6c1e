"""Portfolios with their accounts, and every version of them, read for a record."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Placement
from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.parts.names import Names
from lti_tool.portfolios.models import Account, AccountVersion, Portfolio, PortfolioChoice


def portfolios_of(session: Session, person_id: int, names: Names) -> list[shapes.Portfolio]:
    """Returns every portfolio of a person with its accounts, oldest first."""
    rows = session.execute(
        select(Portfolio).where(Portfolio.person_id == person_id).order_by(Portfolio.id)
    ).scalars()
    accounts, places = _accounts(session, person_id), _places(session, person_id)
    return [
        shapes.Portfolio.model_construct(
            id=names.of("portfolio", row.public_id),
            instrument=row.instrument,
            round=row.round,
            created_at=row.created_at,
            worked_on_in=places[row.id],
            accounts=accounts[row.id],
        )
        for row in rows
    ]


def _accounts(session: Session, person_id: int) -> dict[int, list[shapes.Account]]:
    rows = session.execute(
        select(Account)
        .join(Portfolio, Portfolio.id == Account.portfolio_id)
        .where(Portfolio.person_id == person_id)
        .order_by(Account.portfolio_id, Account.code)
    ).scalars()
    versions = _versions(session, person_id)
    found: dict[int, list[shapes.Account]] = defaultdict(list)
    for row in rows:
        found[row.portfolio_id].append(
            shapes.Account.model_construct(
                code=row.code,
                instrument_version=row.instrument_version,
                text=row.text,
                version=row.version,
                changed_at=row.changed_at,
                ticks=row.ticks,
                declaration=row.declaration,
                declared_at=row.declared_at,
                left_alone=row.left_alone,
                versions=versions[row.id],
            )
        )
    return found


def _versions(session: Session, person_id: int) -> dict[int, list[shapes.AccountVersion]]:
    rows = session.execute(
        select(AccountVersion)
        .join(Account, Account.id == AccountVersion.account_id)
        .join(Portfolio, Portfolio.id == Account.portfolio_id)
        .where(Portfolio.person_id == person_id)
        .order_by(AccountVersion.account_id, AccountVersion.number)
    ).scalars()
    found: dict[int, list[shapes.AccountVersion]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(
            shapes.AccountVersion.model_construct(
                number=row.number,
                act=row.act,
                text=row.text,
                instrument_version=row.instrument_version,
                begun_at=row.begun_at,
                saved_at=row.saved_at,
            )
        )
    return found


def _places(session: Session, person_id: int) -> dict[int, list[str]]:
    rows = session.execute(
        select(PortfolioChoice.portfolio_id, Placement.title)
        .join(Placement, Placement.id == PortfolioChoice.placement_id)
        .where(PortfolioChoice.person_id == person_id)
        .order_by(PortfolioChoice.placement_id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for portfolio, title in rows:
        found[portfolio].append(title)
    return found

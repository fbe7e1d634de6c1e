"""Taking texts of portfolios in from a record: with every version, where a task has none here."""

from collections.abc import Collection

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes
from lti_tool.exports.personal.comparing import Written
from lti_tool.exports.personal.parts.ledger import Ledger
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.secrets import new_public_id
from lti_tool.portfolios.choosing import FIRST_ROUND
from lti_tool.portfolios.models import Account, AccountVersion, Portfolio
from lti_tool.portfolios.places import framework_words, open_places, places_in
from lti_tool.portfolios.rules import count_words
from lti_tool.portfolios.submitting.queries import standing_of


def take_accounts(
    session: Session, actor: Actor, ledger: Ledger, coming: Collection[Written]
) -> int:
    """Keeps texts with their versions and declarations; returns how many.

    Each goes into the person's newest portfolio of its level, begun where there is none. What is
    handed in here is left alone.
    """
    taken = 0
    for one in coming:
        portfolio_id = _portfolio(session, actor, ledger, one.portfolio)
        if standing_of(session, portfolio_id).is_open(one.account.code):
            _store(session, portfolio_id, one.account)
            taken += 1
    return taken


def _portfolio(session: Session, actor: Actor, ledger: Ledger, brought: shapes.Portfolio) -> int:
    found = session.execute(
        select(Portfolio.id)
        .where(Portfolio.person_id == actor.person_id, Portfolio.instrument == brought.instrument)
        .order_by(Portfolio.round.desc())
        .limit(1)
    ).scalar_one_or_none()
    if found is not None:
        return int(found)
    public_id = new_public_id()
    number = session.execute(
        insert(Portfolio)
        .values(
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            instrument=brought.instrument,
            round=FIRST_ROUND,
            created_at=clock.now(),
        )
        .returning(Portfolio.id)
    ).scalar_one()
    ledger.note("portfolio", brought.id, (int(number), public_id), {})
    return int(number)


def _store(session: Session, portfolio_id: int, account: shapes.Account) -> None:
    """Writes an account over marks alone, or anew. Places are looked for with today's check."""
    places = places_in(account.text, framework_words())
    left_alone = frozenset(account.left_alone)
    versions = account.versions or [_only_version(account)]
    values = {
        **account.model_dump(exclude={"code", "versions"}),
        "words": count_words(account.text),
        "version": max(account.version, *(one.number for one in versions)),
        "places": len(open_places(places, left_alone)),
    }
    key = (Account.portfolio_id == portfolio_id, Account.code == account.code)
    row = session.execute(select(Account).where(*key)).scalar_one_or_none()
    if row is None:
        row = Account(portfolio_id=portfolio_id, code=account.code)
        session.add(row)
    # A text that was emptied here has versions, and those go on after what came in.
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    first = _next_number(session, row.id)
    rows = [
        {
            **one.model_dump(),
            "number": first + place,
            "account_id": row.id,
            "words": count_words(one.text),
            "sitting": "",
            "taken_away": 0,
        }
        for place, one in enumerate(versions)
    ]
    session.execute(insert(AccountVersion), rows)
    row.version = max(row.version, first + len(versions) - 1)
    session.flush()


def _next_number(session: Session, account_id: int) -> int:
    wanted = select(AccountVersion.number).where(AccountVersion.account_id == account_id)
    return max(session.execute(wanted).scalars(), default=0) + 1


def _only_version(account: shapes.Account) -> shapes.AccountVersion:
    at = account.changed_at or clock.now()
    return shapes.AccountVersion(
        number=1,
        act="carried",
        text=account.text,
        instrument_version=account.instrument_version,
        begun_at=at,
        saved_at=at,
    )

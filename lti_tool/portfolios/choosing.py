"""Choosing a portfolio for a placement, and carrying over what fits from another one."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument, Kind
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.portfolios.evidence.services import carry_links
from lti_tool.portfolios.levels import same_tasks
from lti_tool.portfolios.models import Portfolio, PortfolioChoice
from lti_tool.portfolios.queries import (
    PortfolioView,
    accounts_of,
    portfolio_of,
    portfolios_of,
)
from lti_tool.portfolios.rules import NOTHING, Act, Marks, Wish
from lti_tool.portfolios.services import Task, save_account
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.rules import State

FIRST_ROUND = 1


@dataclass(frozen=True, slots=True)
class Fitting:
    """Accounts of another portfolio that answer tasks of this one and are not answered here.

    `codes` gives by the code here the code there.
    """

    source: PortfolioView
    asked: Instrument
    codes: Mapping[str, str]
    others: int


def choose_portfolio(
    session: Session,
    actor: Actor,
    place: PlacementView,
    library: Mapping[str, Instrument],
    instrument: str,
) -> PortfolioView:
    """Makes a portfolio the one that the actor works on in a placement, begun when first chosen.

    Other portfolios stay as they are. Raises `InvalidInput` for an instrument that is none.
    """
    if not actor.is_learner:
        raise NotAllowed(N_("Only learners build a portfolio."), code="role-not-allowed")
    asked = library.get(instrument)
    if asked is None or asked.kind is not Kind.PORTFOLIO:
        raise InvalidInput(
            N_("There is no such portfolio."),
            code="instrument-unknown",
            advice=N_("Choose one of the levels that the page shows."),
        )
    lock_person(session, actor.person_id)
    portfolio = _found(session, actor, asked.id) or _begun(session, actor, asked.id, FIRST_ROUND)
    _choose(session, actor, place, portfolio)
    return portfolio


def begin_round(
    session: Session, actor: Actor, place: PlacementView, portfolio: PortfolioView
) -> PortfolioView:
    """Begins a portfolio anew after it was recognised, empty, and makes it the one worked on.

    The recognised one stays as it is. Where a newer round was begun already, that one is chosen.
    Raises `Conflict` for a portfolio that is not recognised.
    """
    lock_person(session, actor.person_id)
    newest = _found(session, actor, portfolio.instrument) or portfolio
    if newest.round == portfolio.round:
        decisive = standing_of(session, portfolio.id).decisive
        if decisive is None or decisive.state is not State.RECOGNISED:
            raise Conflict(
                N_("A new round begins once a portfolio was recognised."),
                code="portfolio-not-recognised",
                advice=N_("Go on with this one."),
            )
        newest = _begun(session, actor, portfolio.instrument, portfolio.round + 1)
    _choose(session, actor, place, newest)
    return newest


def fitting(
    session: Session,
    actor: Actor,
    portfolio: PortfolioView,
    library: Mapping[str, Instrument],
) -> list[Fitting]:
    """Returns what could be carried over into a portfolio, by the portfolio that it is in."""
    here = library[portfolio.instrument]
    standing = standing_of(session, portfolio.id)
    filled = {code for code, one in accounts_of(session, portfolio.id).items() if one.text}
    found = []
    for other, begun, _words in portfolios_of(session, actor.person_id):
        if not begun or other.id == portfolio.id or other.instrument not in library:
            continue
        asked = library[other.instrument]
        texts = {code for code, one in accounts_of(session, other.id).items() if one.text}
        codes = {
            code: there
            for code, there in _same(here, asked).items()
            if there in texts and code not in filled and standing.is_open(code)
        }
        found.append(Fitting(other, asked, codes, begun - len(codes)))
    return [one for one in found if one.codes]


def carry_over(
    session: Session,
    actor: Actor,
    portfolio: PortfolioView,
    library: Mapping[str, Instrument],
    source: str,
) -> int:
    """Copies what fits from another portfolio of the actor; returns how many accounts it was.

    Tasks with text are left alone, and the other portfolio keeps all of its own. A declaration
    and places left alone go along, since they are about the text; ticks are about other points.
    The evidence of those tasks serves the tasks here as well.
    Raises `NotFound` for a portfolio that is not the actor's.
    """
    wanted = portfolio_of(session, actor, source)
    lock_person(session, actor.person_id)
    asked = library[portfolio.instrument]
    for one in fitting(session, actor, portfolio, library):
        if one.source.id != wanted.id:
            continue
        texts = accounts_of(session, wanted.id)
        here = accounts_of(session, portfolio.id)
        for code, there in one.codes.items():
            seen = here.get(code, NOTHING).version
            told = texts[there]
            marks = Marks({}, told.declaration, dict.fromkeys(told.left_alone, True))
            wish = Wish(told.text, seen, marks)
            save_account(session, actor, Task(portfolio, asked, code), wish, Act.CARRIED)
        carry_links(session, wanted.id, portfolio.id, one.codes)
        return len(one.codes)
    return 0


def _same(here: Instrument, there: Instrument) -> Mapping[str, str]:
    """Which tasks answer which: of an earlier round each its own, else those on the same topic."""
    if here.id == there.id:
        return {code: code for code in here.by_code}
    return same_tasks(here, there)


def _choose(session: Session, actor: Actor, place: PlacementView, portfolio: PortfolioView) -> None:
    choice = {"portfolio_id": portfolio.id, "chosen_at": clock.now()}
    key = {"person_id": actor.person_id, "placement_id": place.id}
    table = table_of(PortfolioChoice)
    session.execute(
        insert_into(session, table)
        .values(**key, **choice)
        .on_conflict_do_update(index_elements=list(key), set_=choice)
    )


def _found(session: Session, actor: Actor, instrument: str) -> PortfolioView | None:
    """The newest round of a person's portfolio."""
    mine = [one for one, _, _ in portfolios_of(session, actor.person_id)]
    rounds = [one for one in mine if one.instrument == instrument]
    return max(rounds, key=lambda one: one.round, default=None)


def _begun(session: Session, actor: Actor, instrument: str, number: int) -> PortfolioView:
    table = table_of(Portfolio)
    public_id = new_public_id()
    session.execute(
        insert_into(session, table)
        .values(
            public_id=public_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            instrument=instrument,
            round=number,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )
    return PortfolioView(
        session.execute(select(table.c.id).where(table.c.public_id == public_id)).scalar_one(),
        public_id,
        actor.person_id,
        instrument,
        number,
    )

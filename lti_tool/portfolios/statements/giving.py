"""What a witness does with a link: opens it, and says something. Nothing here commits."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.cases.services import note_changes
from lti_tool.portfolios.models import Portfolio, PortfolioChoice
from lti_tool.portfolios.queries import account_of
from lti_tool.portfolios.rules import count_words
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.statements.queries import closed, open_invitation
from lti_tool.portfolios.statements.rules import Statement, StatementView
from lti_tool.portfolios.submitting.services import check_open

_STATEMENTS = table_of(WitnessStatement)
_CHOICES = table_of(PortfolioChoice)
_PORTFOLIOS = table_of(Portfolio)


def note_opened(session: Session, statement_id: int, at: datetime) -> None:
    """Notes that a link was opened, the first time."""
    session.execute(
        update(_STATEMENTS)
        .where(_STATEMENTS.c.id == statement_id, _STATEMENTS.c.opened_at.is_(None))
        .values(opened_at=at)
    )


def give(session: Session, token: str, said: Statement) -> StatementView:
    """Takes in what a witness says, or says instead, and returns the statement.

    Raises `NotFound` for a link that is not open, `Conflict` once the portfolio is handed in.
    """
    found = open_invitation(session, token, clock.now())
    lock_person(session, found.person_id)
    found = open_invitation(session, token, clock.now())
    if not _takes(session, found):
        raise Conflict(
            N_("The portfolio has been handed in, so nothing can be changed here now."),
            code="statement-late",
            advice=N_("Your words are below: copy them if you want to keep them."),
        )
    is_news = found.text != said.text
    session.execute(
        update(_STATEMENTS)
        .where(_STATEMENTS.c.id == found.id)
        .values(
            name=said.name,
            role=said.role,
            text=said.text,
            words=count_words(said.text),
            account_version=_version_read(session, found, said.account_version),
            confirmed_at=clock.now(),
            # What was reported is not what stands here now.
            hidden_at=None if is_news else found.hidden_at,
        )
    )
    if is_news:
        note_changes(session, found.person_id, statement_id=found.id)
    if not found.is_given:
        _tell_owner(session, found)
    return open_invitation(session, token, clock.now())


def _takes(session: Session, found: StatementView) -> bool:
    try:
        check_open(session, found.portfolio_id, found.code)
    except Conflict:
        return False
    return True


def _version_read(session: Session, found: StatementView, version: int) -> int:
    """The form says which version its reader saw; it cannot have been one that is not there."""
    account = account_of(session, found.portfolio_id, found.code)
    if not found.shows_account or account is None:
        return 0
    return min(version, account[1].version)


def _tell_owner(session: Session, found: StatementView) -> None:
    row = session.execute(
        select(_PORTFOLIOS.c.public_id, _PORTFOLIOS.c.instrument, _CHOICES.c.placement_id)
        .outerjoin(_CHOICES, _CHOICES.c.portfolio_id == _PORTFOLIOS.c.id)
        .where(_PORTFOLIOS.c.id == found.portfolio_id)
        .order_by(_CHOICES.c.chosen_at.desc())
        .limit(1)
    ).first()
    if row is None:
        raise closed()
    asked = instruments_for(session, found.organisation_id).get(row.instrument)
    tell(
        session,
        [
            Telling(
                found.person_id,
                found.organisation_id,
                Kind.STATEMENT_GIVEN,
                f"statement:{found.public_id}",
                placement_id=row.placement_id,
                endpoint="statements.of_task",
                link={"portfolio": row.public_id, "code": found.code},
                params={"title": asked.title if asked else "", "code": found.code},
            )
        ],
    )

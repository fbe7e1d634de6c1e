"""What a witness sees: who asks, what the task is, and the account where it is shown to them."""

from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Competency, Instrument
from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.models import Organisation, Person
from lti_tool.courses.rules import display_name
from lti_tool.portfolios.cases.queries import hidden_accounts
from lti_tool.portfolios.formatting import formatted
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.places import Place, framework_words, places_in
from lti_tool.portfolios.queries import account_of
from lti_tool.portfolios.rules import NOTHING
from lti_tool.portfolios.statements.queries import closed
from lti_tool.portfolios.statements.rules import StatementView
from lti_tool.portfolios.submitting.queries import standing_of


@dataclass(frozen=True, slots=True)
class Reading:
    """A witness's page. `account` is None where it is not shown, empty where nothing is written.

    `is_open` says whether the task takes statements: not while it is handed in.
    """

    statement: StatementView
    person_name: str
    organisation_name: str
    instrument: Instrument
    task: Competency
    account: Markup | None
    account_version: int
    is_open: bool


def reading_of(session: Session, statement: StatementView) -> Reading:
    """Returns the page for an open link; raises `NotFound` where the framework is gone."""
    row = session.execute(
        select(
            Person.name,
            Person.public_id,
            Organisation.name.label("organisation"),
            Portfolio.instrument,
        )
        .join(Organisation, Organisation.id == Person.organisation_id)
        .join(Portfolio, Portfolio.person_id == Person.id)
        .where(Portfolio.id == statement.portfolio_id)
    ).one()
    asked = instruments_for(session, statement.organisation_id).get(row.instrument)
    if asked is None or statement.code not in asked.by_code:
        raise closed()
    account, version = _account(session, statement)
    return Reading(
        statement,
        display_name(row.name, row.public_id),
        row.organisation,
        asked,
        asked.by_code[statement.code],
        account,
        version,
        standing_of(session, statement.portfolio_id).is_open(statement.code),
    )


def places_of(text: str, reading: Reading, names: Collection[str]) -> list[Place]:
    """Returns what in a witness's words could tell who somebody is.

    The one who asks, and the witness themselves, are named on purpose.
    """
    known = {word for name in (reading.person_name, *names) for word in name.split()}
    return places_in(text, framework_words() | known)


def _account(session: Session, statement: StatementView) -> tuple[Markup | None, int]:
    """The account as it stands now; nothing of one that a report hides."""
    if not statement.shows_account:
        return None, 0
    if statement.code in hidden_accounts(session, statement.portfolio_id):
        return None, 0
    found = account_of(session, statement.portfolio_id, statement.code)
    written = found[1] if found else NOTHING
    return formatted(written.text), written.version

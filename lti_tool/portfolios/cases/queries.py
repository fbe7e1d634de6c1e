"""Reading of cases: an owner's, an organisation's, and what they hide."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.cases.history import newest_of
from lti_tool.portfolios.cases.items import Reported
from lti_tool.portfolios.cases.models import ConfidentialityCase, ConfidentialityEvent
from lti_tool.portfolios.cases.rules import STANDS, Act, CaseState, CaseView, ItemKind, text_digest
from lti_tool.portfolios.models import Account, Portfolio
from lti_tool.portfolios.submitting.models import Submission, SubmissionEvidence

_CASES = table_of(ConfidentialityCase)
_EVENTS = table_of(ConfidentialityEvent)
_ACCOUNTS = table_of(Account)
_FROZEN = table_of(SubmissionEvidence)
_VIEW = select(*(_CASES.c[one.name] for one in fields(CaseView)))
_STANDS = _CASES.c.state.in_([state.value for state in STANDS])
ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class CaseNotice:
    """That a report stands against something of a portfolio; `is_replaced`: no longer there."""

    public_id: str
    kind: ItemKind
    code: str
    state: CaseState
    opened_at: datetime
    is_replaced: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a case was last settled: by whom, in which line of its history."""

    case: str
    submission_id: int
    state: CaseState
    line: int
    person_id: int | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in an administrator's list."""

    case: CaseView
    owner: str
    instrument: str


def settlement_of(session: Session, case_id: int) -> Settlement | None:
    """Returns how a case was last settled; None for one that is open, or that there is not."""
    decided = [state.value for state in CaseState if state is not CaseState.OPEN]
    row = session.execute(
        select(
            _CASES.c.public_id,
            _CASES.c.submission_id,
            _EVENTS.c.act,
            _EVENTS.c.number,
            _EVENTS.c.by_person_id,
        )
        .join(_EVENTS, _EVENTS.c.case_id == _CASES.c.id)
        .where(_CASES.c.id == case_id, _EVENTS.c.act.in_(decided))
        .order_by(_EVENTS.c.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Settlement(
        row.public_id, row.submission_id, CaseState(row.act), row.number, row.by_person_id
    )


def case_of_owner(session: Session, portfolio_id: int, public_id: str) -> CaseView:
    """Returns a case about a portfolio; raises `NotFound` for any other."""
    return _one(session, _VIEW.where(_CASES.c.portfolio_id == portfolio_id), public_id)


def case_of_organisation(session: Session, actor: Actor, public_id: str) -> CaseView:
    """Returns a case of the actor's organisation; raises `NotFound` for any other."""
    mine = _CASES.c.organisation_id == actor.organisation_id
    return _one(session, _VIEW.where(mine), public_id)


def owner_of(session: Session, case: CaseView) -> tuple[str, str]:
    """Returns the name of a case's owner, and of which instrument the portfolio is."""
    row = session.execute(
        select(Person.name, Person.public_id, Portfolio.instrument)
        .join(Portfolio, Portfolio.person_id == Person.id)
        .where(Portfolio.id == case.portfolio_id)
    ).one()
    return display_name(row.name, row.public_id), row.instrument


def cases_of_organisation(
    session: Session, actor: Actor, wanted: CaseState | None, page: int
) -> tuple[list[CaseRow], bool]:
    """Returns a page of an organisation's cases, and whether there are more.

    Open ones come first, the oldest of them at the top: they wait. Of the others, the newest.
    """
    is_open = _CASES.c.state == CaseState.OPEN.value
    rows = select(
        *_VIEW.selected_columns,
        Person.name,
        Person.public_id.label("person"),
        Portfolio.instrument,
    ).join(Person, Person.id == _CASES.c.person_id)
    rows = rows.join(Portfolio, Portfolio.id == _CASES.c.portfolio_id)
    rows = rows.where(_CASES.c.organisation_id == actor.organisation_id)
    if wanted is not None:
        rows = rows.where(_CASES.c.state == wanted.value)
    rows = rows.order_by(
        case((is_open, 0), else_=1), case((is_open, _CASES.c.id), else_=-_CASES.c.id)
    )
    found = session.execute(rows.limit(ON_A_PAGE + 1).offset((page - 1) * ON_A_PAGE)).all()
    lines = [
        CaseRow(_case(row[:-3]), display_name(row.name, row.person), row.instrument)
        for row in found[:ON_A_PAGE]
    ]
    return lines, len(found) > ON_A_PAGE


def counts_of_organisation(session: Session, actor: Actor) -> Mapping[CaseState, int]:
    """Returns how many cases an organisation has, by how they stand."""
    rows = session.execute(
        select(_CASES.c.state, func.count())
        .where(_CASES.c.organisation_id == actor.organisation_id)
        .group_by(_CASES.c.state)
    )
    return {CaseState(state): int(count) for state, count in rows}


def notices_of(session: Session, portfolio_id: int, code: str = "") -> list[CaseNotice]:
    """Returns the reports that stand against a portfolio, or one task of it, oldest first.

    In one statement for the many portfolios without any, else in two.
    """
    found = [one for one in _standing(session, portfolio_id) if code in {"", one.code}]
    newest = newest_of(session, [one.id for one in found], {Act.REPLACED, Act.PUT_BACK})
    return [
        CaseNotice(
            one.public_id,
            one.kind,
            one.code,
            one.state,
            one.opened_at,
            newest.get(one.id) is Act.REPLACED,
        )
        for one in found
    ]


def hidden_accounts(session: Session, portfolio_id: int) -> Mapping[str, datetime]:
    """Returns by code since when a report hides the text of an account as it stands now.

    For whoever freezes a portfolio (`SubmissionTask.hidden_at`) or shows an account to somebody
    else. A text that was changed since is none of these. Evidence and statements say it of
    themselves, by `hidden_at`.
    """
    cases = [one for one in _standing(session, portfolio_id) if one.kind is ItemKind.ACCOUNT]
    if not cases:
        return {}
    rows = session.execute(
        select(_ACCOUNTS.c.code, _ACCOUNTS.c.text).where(
            _ACCOUNTS.c.portfolio_id == portfolio_id,
            _ACCOUNTS.c.code.in_([one.code for one in cases]),
        )
    )
    now = {row.code: text_digest(row.text) for row in rows}
    return {one.code: one.opened_at for one in cases if now.get(one.code) == one.digest}


def hides_anything(session: Session, submission_id: int) -> bool:
    """Says whether a report hides something of a submission now, in one statement.

    As long as it does, papers that were made of the whole are for its owner and administrators.
    """
    portfolio = select(Submission.portfolio_id).where(Submission.id == submission_id)
    a_case = _CASES.c.portfolio_id == portfolio.scalar_subquery()
    a_file = (_FROZEN.c.submission_id == submission_id) & _FROZEN.c.hidden_at.is_not(None)
    found = select(select(_CASES.c.id).where(a_case, _STANDS).exists()).add_columns(
        select(_FROZEN.c.id).where(a_file).exists()
    )
    return any(session.execute(found).one())


def standing_case(session: Session, portfolio_id: int, found: Reported) -> CaseView | None:
    """Returns the case that hides just this item already, or None.

    A piece of evidence may serve several portfolios: it is one item in all of them.
    """
    wanted = _VIEW.where(
        _CASES.c.kind == found.kind.value, _CASES.c.digest == found.digest, _STANDS
    )
    if found.evidence_id is not None:
        wanted = wanted.where(_CASES.c.evidence_id == found.evidence_id)
    elif found.statement_id is not None:
        wanted = wanted.where(_CASES.c.statement_id == found.statement_id)
    else:
        wanted = wanted.where(_CASES.c.portfolio_id == portfolio_id, _CASES.c.code == found.code)
    row = session.execute(wanted.order_by(_CASES.c.id).limit(1)).first()
    return _case(row) if row else None


def cases_about(
    session: Session,
    *,
    portfolio_id: int | None = None,
    code: str = "",
    evidence_id: int | None = None,
    statement_id: int | None = None,
) -> list[CaseView]:
    """Returns the cases that stand against one account, piece of evidence or statement."""
    wanted = _VIEW.where(_STANDS)
    if evidence_id is not None:
        wanted = wanted.where(_CASES.c.evidence_id == evidence_id)
    elif statement_id is not None:
        wanted = wanted.where(_CASES.c.statement_id == statement_id)
    else:
        wanted = wanted.where(
            _CASES.c.portfolio_id == portfolio_id,
            _CASES.c.kind == ItemKind.ACCOUNT.value,
            _CASES.c.code == code,
        )
    return [_case(row) for row in session.execute(wanted.order_by(_CASES.c.id))]


def _standing(session: Session, portfolio_id: int) -> list[CaseView]:
    wanted = _VIEW.where(_CASES.c.portfolio_id == portfolio_id, _STANDS)
    return [_case(row) for row in session.execute(wanted.order_by(_CASES.c.id))]


def _one(session: Session, wanted: Select[Any], public_id: str) -> CaseView:
    row = session.execute(wanted.where(_CASES.c.public_id == as_kept(public_id))).first()
    if row is None:
        raise NotFound(N_("There is no such case here."), code="case-unknown")
    return _case(row)


def _case(row: Row[Any] | tuple[Any, ...]) -> CaseView:
    names = tuple(one.name for one in fields(CaseView))
    facts = dict(zip(names, row, strict=True))
    return CaseView(**facts | {"kind": ItemKind(facts["kind"]), "state": CaseState(facts["state"])})

"""What is handed in: collected from the portfolio, or taken over from where it was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Competency, Domain, Instrument, Theme
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.cases.queries import hidden_accounts
from lti_tool.portfolios.evidence.queries import evidence_of_portfolio
from lti_tool.portfolios.evidence.rules import EvidenceView
from lti_tool.portfolios.queries import accounts_of
from lti_tool.portfolios.rules import NOTHING, Written
from lti_tool.portfolios.statements.queries import statements_of_portfolio
from lti_tool.portfolios.statements.rules import StatementView, frozen_statement
from lti_tool.portfolios.submitting.models import SubmissionEvidence, SubmissionTask
from lti_tool.portfolios.submitting.rules import Lock, Standing, SubmissionView
from lti_tool.portfolios.submitting.sealing import task_digest

_TASKS = table_of(SubmissionTask)
_EVIDENCE = table_of(SubmissionEvidence)
_KEYS = {"id", "submission_id"}


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of a submission's tasks and evidence, before they belong to one."""

    tasks: list[dict[str, Any]]
    evidence: list[dict[str, Any]]

    @property
    def words(self) -> int:
        return sum(int(task["words"]) for task in self.tasks)

    @property
    def pieces(self) -> int:
        """How many pieces of evidence there are; one that serves several tasks counts once."""
        return len({piece["evidence_id"] for piece in self.evidence})


@dataclass(frozen=True, slots=True)
class Stock:
    """Everything of a portfolio that may be handed in, by code.

    `hidden` says since when a report stands against a text as it is now.
    """

    accounts: Mapping[str, Written]
    evidence: Mapping[str, list[EvidenceView]]
    statements: Mapping[str, list[StatementView]]
    hidden: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was handed in before, by code: tasks, and the evidence of each."""

    submission: SubmissionView | None
    tasks: Mapping[str, dict[str, Any]]
    evidence: Mapping[str, list[dict[str, Any]]]


def stock_of(session: Session, portfolio_id: int) -> Stock:
    """Returns what a portfolio holds, in a constant number of statements."""
    return Stock(
        accounts_of(session, portfolio_id),
        evidence_of_portfolio(session, portfolio_id),
        statements_of_portfolio(session, portfolio_id),
        hidden_accounts(session, portfolio_id),
    )


def earlier_of(session: Session, submission: SubmissionView | None) -> Earlier:
    """Returns the rows of a submission, in two statements."""
    if submission is None:
        return Earlier(None, {}, {})
    tasks, evidence = rows_of(session, submission.id)
    pieces: dict[str, list[dict[str, Any]]] = {}
    for piece in evidence:
        pieces.setdefault(piece["code"], []).append(piece)
    return Earlier(submission, {task["code"]: task for task in tasks}, pieces)


def rows_of(
    session: Session, submission_id: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns the rows of a submission's tasks and of its evidence, as they are stored."""
    tasks = session.execute(
        select(_TASKS).where(_TASKS.c.submission_id == submission_id).order_by(_TASKS.c.place)
    )
    evidence = session.execute(
        select(_EVIDENCE)
        .where(_EVIDENCE.c.submission_id == submission_id)
        .order_by(_EVIDENCE.c.place, _EVIDENCE.c.id)
    )
    return [dict(row) for row in tasks.mappings()], [dict(row) for row in evidence.mappings()]


def collect(asked: Instrument, stock: Stock, standing: Standing, earlier: Earlier) -> Content:
    """Returns what is handed in: every task of the instrument, in order.

    What was accepted is taken over word for word with its evidence; all else is as it stands.
    """
    content = Content([], [])
    for place, (domain, theme, competency) in enumerate(_all_tasks(asked)):
        code = competency.code
        before = earlier.tasks.get(code)
        if before is not None and standing.lock(code) is Lock.ACCEPTED:
            _take_over(content, place, before, earlier)
            continue
        wording = _wording(asked, domain, theme, competency)
        task = {"place": place, "code": code, "wording": wording} | _task(code, stock)
        pieces = [_piece(code, *one) for one in enumerate(stock.evidence.get(code, ()))]
        content.tasks.append(task | {"digest": task_digest(task, pieces)})
        content.evidence.extend(pieces)
    return content


def store(session: Session, submission_id: int, content: Content) -> None:
    """Stores the rows of a submission."""
    session.execute(
        insert(_TASKS), [task | {"submission_id": submission_id} for task in content.tasks]
    )
    if content.evidence:
        session.execute(
            insert(_EVIDENCE), [one | {"submission_id": submission_id} for one in content.evidence]
        )


def _all_tasks(asked: Instrument) -> list[tuple[Domain, Theme, Competency]]:
    return [
        (domain, theme, competency)
        for domain in asked.domains
        for theme in domain.themes
        for competency in theme.competencies
    ]


def _take_over(content: Content, place: int, before: dict[str, Any], earlier: Earlier) -> None:
    number = earlier.submission.number if earlier.submission else None
    task = {name: value for name, value in before.items() if name not in _KEYS}
    task |= {"place": place, "accepted_in": before["accepted_in"] or number}
    content.tasks.append(task)
    for piece in earlier.evidence.get(before["code"], ()):
        content.evidence.append({name: piece[name] for name in piece if name not in _KEYS})


def _task(code: str, stock: Stock) -> dict[str, Any]:
    written = stock.accounts.get(code, NOTHING)
    return {
        "text": written.text,
        "words": written.words,
        "declaration": written.declaration.value,
        "account_version": written.version,
        "accepted_in": None,
        "statements": [frozen_statement(one) for one in stock.statements.get(code, ())],
        "hidden_at": stock.hidden.get(code),
    }


def _wording(
    asked: Instrument, domain: Domain, theme: Theme, competency: Competency
) -> dict[str, Any]:
    return {
        "topic": competency.topic,
        "prompt": competency.prompt or competency.knowledge or competency.ability or "",
        "points": list(competency.points),
        "domain": domain.title,
        "domain_number": domain.number,
        "theme": theme.title or "",
        "provenance": competency.provenance.value,
        "note": competency.note or "",
        "wording": competency.wording,
        "version": asked.version,
    }


def _piece(code: str, place: int, piece: EvidenceView) -> dict[str, Any]:
    return {
        "organisation_id": piece.organisation_id,
        "evidence_id": piece.id,
        "file_id": piece.file.id,
        "place": place,
        "code": code,
        "title": piece.title,
        "alt": piece.alt,
        "declaration": piece.declaration.value,
        "name": piece.file.name,
        "media_type": piece.file.media_type,
        "size": piece.file.size,
        "digest": piece.file.digest,
        "preview_digest": piece.file.preview_digest,
        "hidden_at": piece.hidden_at,
    }

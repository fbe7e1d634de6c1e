"""Evidence, statements of witnesses and reports about them, read for a record."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes_handed_in as shapes
from lti_tool.exports.personal.parts.names import Names
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.cases.models import ConfidentialityCase, ConfidentialityEvent
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.storage.models import StoredFile

_EVIDENCE = table_of(Evidence)
_LINKS = table_of(EvidenceLink)
_STATEMENTS = table_of(WitnessStatement)
_CASES = table_of(ConfidentialityCase)
_EVENTS = table_of(ConfidentialityEvent)
_PIECE = (*("title", "alt", "declaration", "declared_at", "created_at", "removed_at", "hidden_at"),)
_STATEMENT = (
    *("code", "invited_name", "ask", "shows_account", "invited_at", "ends_at", "withdrawn_at"),
    *("opened_at", "confirmed_at", "name", "role", "text", "account_version", "hidden_at"),
)


def evidence_of(session: Session, person_id: int, names: Names) -> list[shapes.Evidence]:
    """Returns every piece of evidence of a person, those that a submission keeps among them."""
    rows = session.execute(
        select(
            _EVIDENCE,
            StoredFile.name.label("file_name"),
            StoredFile.media_type,
            StoredFile.size,
            StoredFile.digest,
        )
        .join(StoredFile, StoredFile.id == _EVIDENCE.c.file_id)
        .where(_EVIDENCE.c.person_id == person_id)
        .order_by(_EVIDENCE.c.id)
    ).all()
    tasks = _tasks(session, person_id, names)
    return [
        shapes.Evidence.model_construct(
            id=row.public_id,
            **_picked(row, (*_PIECE, "file_name", "media_type", "size")),
            sha256=row.digest,
            tasks=tasks[row.id],
        )
        for row in rows
    ]


def statements_of(session: Session, person_id: int, names: Names) -> list[shapes.WitnessStatement]:
    """Returns every invitation of a witness by a person, and what came of it; no addresses."""
    rows = session.execute(
        select(_STATEMENTS, Portfolio.public_id.label("portfolio"))
        .join(Portfolio, Portfolio.id == _STATEMENTS.c.portfolio_id)
        .where(_STATEMENTS.c.person_id == person_id)
        .order_by(_STATEMENTS.c.id)
    )
    return [
        shapes.WitnessStatement.model_construct(
            portfolio=names.of("portfolio", row.portfolio), **_picked(row, _STATEMENT)
        )
        for row in rows
    ]


def cases_of(session: Session, person_id: int) -> list[shapes.Case]:
    """Returns every report about something of a person, with its history and no names.

    As on their page, the words in it are their own: others' may name whom the report protects.
    """
    rows = session.execute(
        select(_CASES).where(_CASES.c.person_id == person_id).order_by(_CASES.c.id)
    ).all()
    events = session.execute(
        select(_EVENTS)
        .join(_CASES, _CASES.c.id == _EVENTS.c.case_id)
        .where(_CASES.c.person_id == person_id)
        .order_by(_EVENTS.c.case_id, _EVENTS.c.number)
    )
    history: dict[int, list[shapes.CaseStep]] = defaultdict(list)
    for event in events:
        is_own = event.by_person_id == person_id
        history[event.case_id].append(
            shapes.CaseStep.model_construct(
                **_picked(event, ("at", "act", "by")),
                by_oneself=is_own,
                words=event.words if is_own else "",
            )
        )
    return [
        shapes.Case.model_construct(
            **_picked(row, ("kind", "code", "state", "opened_at", "settled_at")),
            history=history[row.id],
        )
        for row in rows
    ]


def _tasks(session: Session, person_id: int, names: Names) -> dict[int, list[shapes.EvidenceTask]]:
    rows = session.execute(
        select(_LINKS, Portfolio.public_id.label("portfolio"))
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .join(Portfolio, Portfolio.id == _LINKS.c.portfolio_id)
        .where(_EVIDENCE.c.person_id == person_id)
        .order_by(_LINKS.c.id)
    )
    found: dict[int, list[shapes.EvidenceTask]] = defaultdict(list)
    for row in rows:
        found[row.evidence_id].append(
            shapes.EvidenceTask.model_construct(
                portfolio=names.of("portfolio", row.portfolio),
                code=row.code,
                added_at=row.added_at,
            )
        )
    return found


def _picked(row: Row[Any], fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}

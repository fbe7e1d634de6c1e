"""Reading of evidence: of a task, a portfolio, a person; each in a constant number of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import as_kept
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.evidence.rules import EvidenceView, Served, unknown
from lti_tool.portfolios.rules import Declaration
from lti_tool.portfolios.submitting.models import SubmissionEvidence
from lti_tool.storage.models import StoredFile
from lti_tool.storage.queries import FileView
from lti_tool.storage.rules import FileStatus
from lti_tool.storage.scanning.rules import Scan

_EVIDENCE = table_of(Evidence)
_LINKS = table_of(EvidenceLink)
_FILES = table_of(StoredFile)
_FROZEN = table_of(SubmissionEvidence)
# The number of the file is that of its own row: `file_id` is one column.
_PIECE = (
    *(column for column in _EVIDENCE.c if column is not _EVIDENCE.c.file_id),
    *(column.label(f"file_{column.name}") for column in _FILES.c),
)


def evidence_counts(session: Session, portfolio_id: int) -> Mapping[str, int]:
    """Returns how many pieces each task of a portfolio has, by code, in one statement.

    A task without any is left out.
    """
    rows = session.execute(
        select(_LINKS.c.code, func.count())
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .where(_LINKS.c.portfolio_id == portfolio_id, _EVIDENCE.c.removed_at.is_(None))
        .group_by(_LINKS.c.code)
    )
    return {code: int(count) for code, count in rows}


def evidence_of_portfolio(session: Session, portfolio_id: int) -> dict[str, list[EvidenceView]]:
    """Returns the pieces of every task of a portfolio by code, in one statement.

    Those of a task are in the order in which they were added to it. `tasks` of each are those
    of this portfolio.
    """
    rows = session.execute(
        select(_LINKS.c.code.label("link_code"), *_PIECE)
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .join(_FILES, _FILES.c.id == _EVIDENCE.c.file_id)
        .where(_LINKS.c.portfolio_id == portfolio_id, _EVIDENCE.c.removed_at.is_(None))
        .order_by(_LINKS.c.id)
    ).all()
    served: dict[int, list[Served]] = defaultdict(list)
    for row in rows:
        served[row.id].append(Served(portfolio_id, row.link_code))
    found: dict[str, list[EvidenceView]] = defaultdict(list)
    for row in rows:
        found[row.link_code].append(_view(row, served[row.id]))
    return dict(found)


def evidence_of_person(session: Session, person_id: int) -> list[EvidenceView]:
    """Returns a person's pieces, newest first, each with all tasks it serves, in two statements."""
    return _pieces(session, _EVIDENCE.c.person_id == person_id, _EVIDENCE.c.removed_at.is_(None))


def evidence_of(
    session: Session, person_id: int, public_id: str, *, removed_too: bool = False
) -> EvidenceView:
    """Returns one piece of a person's; raises `NotFound` for any other."""
    conditions = [
        _EVIDENCE.c.public_id == as_kept(public_id),
        _EVIDENCE.c.person_id == person_id,
    ]
    if not removed_too:
        conditions.append(_EVIDENCE.c.removed_at.is_(None))
    found = _pieces(session, *conditions)
    if not found:
        raise unknown()
    return found[0]


def evidence_file(session: Session, organisation_id: int, evidence_id: int) -> EvidenceView:
    """Returns a piece of an organisation with its file, hidden and removed ones too.

    For rooms that decide themselves who may see it, as the pages of cases do for
    administrators. Raises `NotFound` for a piece of another organisation.
    """
    found = _pieces(
        session, _EVIDENCE.c.id == evidence_id, _EVIDENCE.c.organisation_id == organisation_id
    )
    if not found:
        raise unknown()
    return found[0]


def evidence_with_file(session: Session, file_id: int) -> EvidenceView | None:
    """Returns the piece that a file is, removed ones too, or None."""
    found = _pieces(session, _EVIDENCE.c.file_id == file_id)
    return found[0] if found else None


def is_handed_in(session: Session, evidence_id: int) -> bool:
    """Says whether any submission has a piece."""
    return bool(
        session.execute(select(exists().where(_FROZEN.c.evidence_id == evidence_id))).scalar()
    )


def _pieces(session: Session, *conditions: ColumnElement[bool]) -> list[EvidenceView]:
    rows = session.execute(
        select(*_PIECE)
        .join(_FILES, _FILES.c.id == _EVIDENCE.c.file_id)
        .where(*conditions)
        .order_by(_EVIDENCE.c.id.desc())
    ).all()
    served = _served(session, conditions) if rows else {}
    return [_view(row, served.get(row.id, ())) for row in rows]


def _served(
    session: Session, conditions: Collection[ColumnElement[bool]]
) -> Mapping[int, Collection[Served]]:
    rows = session.execute(
        select(_LINKS.c.evidence_id, _LINKS.c.portfolio_id, _LINKS.c.code)
        .join(_EVIDENCE, _EVIDENCE.c.id == _LINKS.c.evidence_id)
        .where(*conditions)
        .order_by(_LINKS.c.portfolio_id, _LINKS.c.code)
    )
    found: dict[int, list[Served]] = defaultdict(list)
    for evidence_id, portfolio_id, code in rows:
        found[evidence_id].append(Served(portfolio_id, code))
    return found


def _view(row: Row[Any], tasks: Collection[Served]) -> EvidenceView:
    facts = row._mapping  # noqa: SLF001 - a row's public mapping
    file = {column.name: facts[f"file_{column.name}"] for column in _FILES.c}
    file |= {"status": FileStatus(file["status"]), "scan": Scan(file["scan"])}
    return EvidenceView(
        id=row.id,
        public_id=row.public_id,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        title=row.title,
        alt=row.alt,
        declaration=Declaration(row.declaration),
        declared_at=row.declared_at,
        created_at=row.created_at,
        removed_at=row.removed_at,
        hidden_at=row.hidden_at,
        file=FileView(**file),
        tasks=tuple(tasks),
    )

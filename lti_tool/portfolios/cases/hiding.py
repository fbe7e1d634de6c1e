"""What a case does to the item that it is about: hides it, shows it again, erases it.

The caller holds the lock of the portfolio's owner, as does whoever hands in: an item is then
hidden in every submission, and in none that is made meanwhile it is not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.outbox.services import put
from lti_tool.portfolios.cases.rules import CaseView, ItemKind, text_digest
from lti_tool.portfolios.evidence.models import Evidence
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.submitting.models import Submission, SubmissionEvidence, SubmissionTask
from lti_tool.portfolios.submitting.rules import LANE, RENDER, PdfState

_SUBMISSIONS = table_of(Submission)
_TASKS = table_of(SubmissionTask)
_FROZEN = table_of(SubmissionEvidence)
_EVIDENCE = table_of(Evidence)
_STATEMENTS = table_of(WitnessStatement)
ERASED_NAME = "-"
ERASED_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What stands in place of what was erased: a heading, and a sentence that says why."""

    title: str
    words: str


def hide(session: Session, case: CaseView, at: datetime | None) -> None:
    """Hides the item of a case wherever others could see it, or shows it again (`at` None)."""
    if case.kind is ItemKind.ACCOUNT:
        ids = [row.id for row in _texts(session, case)]
        session.execute(update(_TASKS).where(_TASKS.c.id.in_(ids)).values(hidden_at=at))
        return
    if case.kind is ItemKind.EVIDENCE:
        for table, column in ((_FROZEN, _FROZEN.c.evidence_id), (_EVIDENCE, _EVIDENCE.c.id)):
            session.execute(update(table).where(column == case.evidence_id).values(hidden_at=at))
        return
    _change_statements(session, case, {"hidden_at": at.isoformat() if at else None})
    for row in _live_statement(session, case):
        session.execute(update(_STATEMENTS).where(_STATEMENTS.c.id == row.id).values(hidden_at=at))


def erase(session: Session, case: CaseView, instead: Erasure) -> None:
    """Takes the item out of every submission for good; the words stand in its place.

    What remains names nobody, so that it is hidden from nobody. The owner's own text or file is
    theirs to replace, and stays hidden from others. The papers that were made of it are made anew.
    """
    if case.kind is ItemKind.ACCOUNT:
        rows = _texts(session, case)
        session.execute(
            update(_TASKS)
            .where(_TASKS.c.id.in_([row.id for row in rows]))
            .values(text=instead.words, words=0, hidden_at=None)
        )
        submissions = {row.submission_id for row in rows}
    elif case.kind is ItemKind.EVIDENCE:
        submissions = _erase_evidence(session, case, instead)
    else:
        submissions = _change_statements(session, case, _nobody(instead) | {"hidden_at": None})
        for row in _live_statement(session, case):
            session.execute(
                update(_STATEMENTS)
                .where(_STATEMENTS.c.id == row.id)
                .values(**_nobody(instead), hidden_at=None)
            )
    _render_anew(session, submissions)


def _nobody(instead: Erasure) -> dict[str, Any]:
    return {"name": "", "role": "", "text": instead.words, "words": 0}


def _erase_evidence(session: Session, case: CaseView, instead: Erasure) -> set[int]:
    """Without its digest a frozen piece names no bytes: `erasing` takes them with the owner's."""
    rows = session.execute(
        update(_FROZEN)
        .where(_FROZEN.c.evidence_id == case.evidence_id)
        .values(
            title=instead.title,
            alt=instead.words,
            name=ERASED_NAME,
            media_type=ERASED_TYPE,
            size=0,
            digest="",
            preview_digest=None,
            hidden_at=None,
        )
        .returning(_FROZEN.c.submission_id)
    )
    return set(rows.scalars())


def _texts(session: Session, case: CaseView) -> list[Any]:
    """The frozen copies, in any submission of the portfolio, of the text that was reported."""
    rows = session.execute(
        select(_TASKS.c.id, _TASKS.c.submission_id, _TASKS.c.text)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _TASKS.c.submission_id)
        .where(_SUBMISSIONS.c.portfolio_id == case.portfolio_id, _TASKS.c.code == case.code)
    )
    return [row for row in rows if text_digest(row.text) == case.digest]


def _live_statement(session: Session, case: CaseView) -> list[Any]:
    rows = session.execute(
        select(_STATEMENTS.c.id, _STATEMENTS.c.text).where(_STATEMENTS.c.id == case.statement_id)
    )
    return [row for row in rows if text_digest(row.text) == case.digest]


def _change_statements(session: Session, case: CaseView, news: Mapping[str, Any]) -> set[int]:
    """Changes the frozen copies of the statement that was reported; returns their submissions."""
    named = select(_STATEMENTS.c.public_id).where(_STATEMENTS.c.id == case.statement_id)
    public_id = session.execute(named).scalar_one()
    rows = session.execute(
        select(_TASKS.c.id, _TASKS.c.submission_id, _TASKS.c.statements)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _TASKS.c.submission_id)
        .where(_SUBMISSIONS.c.portfolio_id == case.portfolio_id, _TASKS.c.code == case.code)
    ).all()
    found: set[int] = set()
    for row in rows:
        changed = [
            {**one, **news}
            if one["id"] == public_id and text_digest(one["text"]) == case.digest
            else one
            for one in row.statements
        ]
        if changed != row.statements:
            session.execute(update(_TASKS).where(_TASKS.c.id == row.id).values(statements=changed))
            found.add(row.submission_id)
    return found


def _render_anew(session: Session, submissions: Iterable[int]) -> None:
    for submission_id in sorted(submissions):
        session.execute(
            update(_SUBMISSIONS)
            .where(_SUBMISSIONS.c.id == submission_id)
            .values(pdf_state=PdfState.ASKED.value, pdf_reason="", pdf_digest="", pdf_size=0)
        )
        put(session, RENDER, str(submission_id), lane=LANE, delay=timedelta())

"""What was reported: found in a submission by its name, and shown on a case's page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.portfolios.cases.rules import CaseView, Item, ItemKind, text_digest
from lti_tool.portfolios.evidence.models import Evidence, EvidenceLink
from lti_tool.portfolios.models import Account
from lti_tool.portfolios.statements.models import WitnessStatement
from lti_tool.portfolios.submitting.models import SubmissionEvidence, SubmissionTask
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.storage.queries import FileView, file_in_organisation

_TASKS = table_of(SubmissionTask)
_FROZEN = table_of(SubmissionEvidence)
_EVIDENCE = table_of(Evidence)
_LINKS = table_of(EvidenceLink)
_STATEMENTS = table_of(WitnessStatement)
_ACCOUNTS = table_of(Account)


@dataclass(frozen=True, slots=True)
class Reported:
    """By what a case knows its item. One of the two numbers is there but for an account."""

    kind: ItemKind
    code: str
    digest: str
    evidence_id: int | None = None
    statement_id: int | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as it was handed in, for its owner and administrators; erased, what remains.

    `name` and `role` are a witness's, `file_name` and `size` those of a file, whose row of
    `submission_evidence` is `frozen_id`; `file_id` is None where nothing can be fetched.
    """

    kind: ItemKind
    code: str
    topic: str
    text: str = ""
    title: str = ""
    name: str = ""
    role: str = ""
    file_name: str = ""
    media_type: str = ""
    size: int = 0
    file_id: int | None = None


def find_item(session: Session, submission: SubmissionView, item: Item) -> Reported:
    """Returns what a report is about; raises `NotFound` for what the submission does not have."""
    if item.kind is ItemKind.EVIDENCE:
        return _evidence(session, submission.id, item.name)
    rows = session.execute(
        select(_TASKS.c.code, _TASKS.c.text, _TASKS.c.statements).where(
            _TASKS.c.submission_id == submission.id
        )
    ).all()
    for row in rows:
        if item.kind is ItemKind.ACCOUNT and row.code == item.name:
            return Reported(item.kind, row.code, text_digest(row.text))
        if item.kind is ItemKind.STATEMENT:
            for one in row.statements:
                if one["id"] == item.name:
                    return _statement(session, row.code, one)
    raise no_item()


def no_item() -> NotFound:
    """Returns what is said where a submission does not have what a report is about."""
    return NotFound(
        N_("This submission has nothing like that."),
        code="item-unknown",
        advice=N_("Go back to the submission and report it from there."),
    )


def item_of(session: Session, case: CaseView) -> ItemView:
    """Returns the item of a case as it stands in the submission that was reported."""
    task = session.execute(
        select(_TASKS).where(
            _TASKS.c.submission_id == case.submission_id, _TASKS.c.code == case.code
        )
    ).one()
    topic = task.wording.get("topic", "")
    if case.kind is ItemKind.ACCOUNT:
        return ItemView(case.kind, case.code, topic, text=task.text)
    if case.kind is ItemKind.STATEMENT:
        return _statement_view(session, case, topic, task.statements)
    row = session.execute(
        select(_FROZEN).where(
            _FROZEN.c.submission_id == case.submission_id,
            _FROZEN.c.evidence_id == case.evidence_id,
        )
    ).first()
    if row is None:
        raise no_item()
    return ItemView(
        case.kind,
        case.code,
        topic,
        text=row.alt,
        title=row.title,
        file_name=row.name,
        media_type=row.media_type,
        size=row.size,
        file_id=row.file_id if row.digest else None,
    )


def file_of_case(session: Session, case: CaseView) -> FileView:
    """Returns the file that a case is about; raises `NotFound` where there is none, or no more."""
    file_id = item_of(session, case).file_id
    found = file_in_organisation(session, case.organisation_id, file_id) if file_id else None
    if found is None:
        raise NotFound(N_("There is no such file here."), code="file-unknown")
    return found


def is_still_there(session: Session, case: CaseView) -> bool:
    """Says whether the owner's own portfolio still holds what was reported."""
    if case.kind is ItemKind.ACCOUNT:
        found = select(_ACCOUNTS.c.text).where(
            _ACCOUNTS.c.portfolio_id == case.portfolio_id, _ACCOUNTS.c.code == case.code
        )
    elif case.kind is ItemKind.STATEMENT:
        found = select(_STATEMENTS.c.text).where(
            _STATEMENTS.c.id == case.statement_id, _STATEMENTS.c.removed_at.is_(None)
        )
    else:
        found = (
            select(_EVIDENCE.c.id)
            .join(_LINKS, _LINKS.c.evidence_id == _EVIDENCE.c.id)
            .where(
                _EVIDENCE.c.id == case.evidence_id,
                _EVIDENCE.c.removed_at.is_(None),
                _LINKS.c.portfolio_id == case.portfolio_id,
            )
        )
        return session.execute(found).first() is not None
    text = session.execute(found).scalar_one_or_none()
    return text is not None and text_digest(text) == case.digest


def _evidence(session: Session, submission_id: int, name: str) -> Reported:
    number = int(name) if name.isascii() and name.isdigit() and len(name) <= 18 else 0
    row = session.execute(
        select(_FROZEN.c.code, _FROZEN.c.digest, _FROZEN.c.evidence_id).where(
            _FROZEN.c.id == number, _FROZEN.c.submission_id == submission_id
        )
    ).first()
    if row is None:
        raise no_item()
    return Reported(ItemKind.EVIDENCE, row.code, row.digest, evidence_id=row.evidence_id)


def _statement(session: Session, code: str, frozen: dict[str, Any]) -> Reported:
    found = select(_STATEMENTS.c.id).where(_STATEMENTS.c.public_id == frozen["id"])
    statement_id = session.execute(found).scalar_one_or_none()
    if statement_id is None:
        raise no_item()
    digest = text_digest(frozen["text"])
    return Reported(ItemKind.STATEMENT, code, digest, statement_id=statement_id)


def _statement_view(
    session: Session, case: CaseView, topic: str, frozen: list[dict[str, Any]]
) -> ItemView:
    named = select(_STATEMENTS.c.public_id).where(_STATEMENTS.c.id == case.statement_id)
    public_id = session.execute(named).scalar_one()
    for one in frozen:
        if one["id"] == public_id:
            return ItemView(
                case.kind, case.code, topic, one["text"], name=one["name"], role=one["role"]
            )
    raise no_item()

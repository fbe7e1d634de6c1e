"""Reading of submissions: how a portfolio stands, and what was frozen."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.submitting.models import (
    Submission,
    SubmissionEvidence,
    SubmissionTask,
    SubmissionTerms,
)
from lti_tool.portfolios.submitting.rules import (
    PdfState,
    Standing,
    State,
    SubmissionView,
    Terms,
)

_SUBMISSIONS = table_of(Submission)
_TASKS = table_of(SubmissionTask)
_EVIDENCE = table_of(SubmissionEvidence)
_TERMS = table_of(SubmissionTerms)


@dataclass(frozen=True, slots=True)
class FrozenEvidence:
    """A piece of evidence as it was handed in. `is_hidden`: a report stands against it."""

    id: int
    evidence_id: int
    file_id: int
    code: str
    title: str
    alt: str
    declaration: str
    name: str
    media_type: str
    size: int
    digest: str
    preview_digest: str | None
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class FrozenTask:
    """A task as it was handed in, with the wording that it answers and its evidence.

    `wording` holds "topic", "prompt", "points", "domain" (its title), "theme" and "provenance".
    Where a report hides the text, it is empty for who may not see it.
    """

    code: str
    wording: dict[str, Any]
    text: str
    words: int
    declaration: str
    account_version: int
    accepted_in: int | None
    statements: tuple[dict[str, Any], ...]
    evidence: tuple[FrozenEvidence, ...]
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Frozen:
    """Everything that was handed in, in the order of the instrument."""

    submission: SubmissionView
    tasks: tuple[FrozenTask, ...]


def standing_of(session: Session, portfolio_id: int) -> Standing:
    """Returns how a portfolio stands, in one statement."""
    of_portfolio = _SUBMISSIONS.c.portfolio_id == portfolio_id
    newest = select(func.max(_SUBMISSIONS.c.number)).where(of_portfolio).scalar_subquery()
    rows = session.execute(
        select(_SUBMISSIONS)
        .where(
            of_portfolio,
            or_(
                _SUBMISSIONS.c.number == newest,
                _SUBMISSIONS.c.state != State.WITHDRAWN.value,
            ),
        )
        .order_by(_SUBMISSIONS.c.number.desc())
        .limit(2)
    )
    found = [_view(row) for row in rows]
    return Standing(*found) if found else Standing(None)


def submission_of(session: Session, actor: Actor, public_id: str) -> SubmissionView:
    """Returns one of the actor's submissions; raises `NotFound` for any other."""
    found = submission_in_organisation(session, actor.organisation_id, public_id)
    if found.person_id != actor.person_id:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return found


def submissions_of(session: Session, portfolio_id: int) -> list[SubmissionView]:
    """Returns the submissions of a portfolio, newest first."""
    rows = session.execute(
        select(_SUBMISSIONS)
        .where(_SUBMISSIONS.c.portfolio_id == portfolio_id)
        .order_by(_SUBMISSIONS.c.number.desc())
    )
    return [_view(row) for row in rows]


def newest_at(session: Session, placement_id: int, person_id: int) -> SubmissionView | None:
    """Returns what a person handed in last at a placement and did not take back; or None."""
    row = session.execute(
        select(_SUBMISSIONS)
        .where(
            _SUBMISSIONS.c.placement_id == placement_id,
            _SUBMISSIONS.c.person_id == person_id,
            _SUBMISSIONS.c.state != State.WITHDRAWN.value,
        )
        .order_by(_SUBMISSIONS.c.submitted_at.desc(), _SUBMISSIONS.c.id.desc())
        .limit(1)
    ).first()
    return _view(row) if row else None


def submission_before(session: Session, submission: SubmissionView) -> SubmissionView | None:
    """Returns the submission before this one that a review decided; None for the first."""
    row = session.execute(
        select(_SUBMISSIONS)
        .where(
            _SUBMISSIONS.c.portfolio_id == submission.portfolio_id,
            _SUBMISSIONS.c.number < submission.number,
            _SUBMISSIONS.c.state != State.WITHDRAWN.value,
        )
        .order_by(_SUBMISSIONS.c.number.desc())
        .limit(1)
    ).first()
    return _view(row) if row else None


def terms_of(session: Session, organisation_id: int) -> Terms:
    """Returns an organisation's rules for handing in."""
    row = session.execute(select(_TERMS).where(_TERMS.c.organisation_id == organisation_id)).first()
    return Terms(row.fee_required, row.fee_text) if row else Terms()


def submission_by_id(session: Session, submission_id: int) -> SubmissionView | None:
    """Returns a submission by its number, for the worker; None where there is none."""
    row = session.execute(select(_SUBMISSIONS).where(_SUBMISSIONS.c.id == submission_id)).first()
    return _view(row) if row else None


def submission_in_organisation(
    session: Session, organisation_id: int, public_id: str
) -> SubmissionView:
    """Returns a submission of an organisation; raises `NotFound` for any other.

    For rooms that decide themselves who may see it.
    """
    row = session.execute(
        select(_SUBMISSIONS).where(
            _SUBMISSIONS.c.public_id == as_kept(public_id),
            _SUBMISSIONS.c.organisation_id == organisation_id,
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return _view(row)


def frozen_content(
    session: Session, submission: SubmissionView, *, sees_hidden: bool = False
) -> Frozen:
    """Returns what was handed in, in two statements.

    Of what a report hides only its place is left, without words, names or bytes to fetch, unless
    the reader `sees_hidden`: the owner and administrators alone.
    """
    evidence: dict[str, list[FrozenEvidence]] = {}
    rows = session.execute(
        select(_EVIDENCE)
        .where(_EVIDENCE.c.submission_id == submission.id)
        .order_by(_EVIDENCE.c.place, _EVIDENCE.c.id)
    )
    for row in rows:
        piece = _evidence(row)
        shown = piece if sees_hidden or not piece.is_hidden else _place_of(piece)
        evidence.setdefault(row.code, []).append(shown)
    tasks = session.execute(
        select(_TASKS).where(_TASKS.c.submission_id == submission.id).order_by(_TASKS.c.place)
    )
    return Frozen(
        submission,
        tuple(_task(row, tuple(evidence.get(row.code, ())), sees_hidden) for row in tasks),
    )


def frozen_piece(session: Session, submission: SubmissionView, number: int) -> FrozenEvidence:
    """Returns a piece of evidence that a submission has, hidden ones too; raises `NotFound`."""
    row = session.execute(
        select(_EVIDENCE).where(
            _EVIDENCE.c.id == number, _EVIDENCE.c.submission_id == submission.id
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such file here."), code="file-unknown")
    return _evidence(row)


# What is left of a hidden statement: that there is one.
_NOTHING_SAID = {"name": "", "role": "", "text": "", "words": 0, "confirmed_at": ""}


def _place_of(piece: FrozenEvidence) -> FrozenEvidence:
    """What is left of a hidden piece: that there is one."""
    return replace(piece, title="", alt="", name="", size=0, digest="", preview_digest=None)


def _view(row: Row[Any]) -> SubmissionView:
    facts = dict(row._mapping)  # noqa: SLF001 - a row's public mapping
    facts |= {
        "state": State(facts["state"]),
        "pdf_state": PdfState(facts["pdf_state"]),
        "reopened": tuple(facts["reopened"]),
    }
    return SubmissionView(**facts)


def _task(
    row: Row[Any],
    evidence: tuple[FrozenEvidence, ...],
    sees_hidden: bool,  # noqa: FBT001 - handed through
) -> FrozenTask:
    hides_text = row.hidden_at is not None and not sees_hidden
    statements = tuple(
        one if sees_hidden or not one.get("hidden_at") else one | _NOTHING_SAID
        for one in row.statements
    )
    return FrozenTask(
        code=row.code,
        wording=row.wording,
        text="" if hides_text else row.text,
        words=row.words,
        declaration=row.declaration,
        account_version=row.account_version,
        accepted_in=row.accepted_in,
        statements=statements,
        evidence=evidence,
        is_hidden=row.hidden_at is not None,
    )


def _evidence(row: Row[Any]) -> FrozenEvidence:
    return FrozenEvidence(
        id=row.id,
        evidence_id=row.evidence_id,
        file_id=row.file_id,
        code=row.code,
        title=row.title,
        alt=row.alt,
        declaration=row.declaration,
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        digest=row.digest,
        preview_digest=row.preview_digest,
        is_hidden=row.hidden_at is not None,
    )

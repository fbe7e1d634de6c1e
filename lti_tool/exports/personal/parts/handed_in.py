"""What a person handed in and what came of it, read for a record."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from lti_tool.exports.personal import shapes_handed_in as shapes
from lti_tool.exports.personal.parts.names import Names
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.submitting.models import Submission, SubmissionEvidence, SubmissionTask
from lti_tool.reviews.models import Appeal, Outcome, OutcomeAnswer, ReviewEvent

_SUBMISSIONS = table_of(Submission)
_OUTCOMES = table_of(Outcome)
_FACTS = (
    *("number", "instrument", "instrument_version", "level", "state", "submitted_at"),
    *("changed_at", "fee_reference", "receipt_code", "digest", "reopened"),
)
_TASK = (
    *("code", "wording", "text", "declaration", "account_version", "accepted_in"),
    *("statements", "hidden_at"),
)
_OUTCOME = (
    *("number", "outcome", "summary", "findings", "met", "total", "released_at", "seen_at"),
)

Grouped = Mapping[int, list[Row[Any]]]


def submissions_of(session: Session, person_id: int, names: Names) -> list[shapes.Submission]:
    """Returns every submission of a person with its receipt, outcomes and log, oldest first.

    The log says what was done and in which part, and not by whom: assessors may be unknown.
    """
    rows = session.execute(
        select(_SUBMISSIONS, Portfolio.public_id.label("portfolio"))
        .join(Portfolio, Portfolio.id == _SUBMISSIONS.c.portfolio_id)
        .where(_SUBMISSIONS.c.person_id == person_id)
        .order_by(_SUBMISSIONS.c.id)
    ).all()
    tasks = _of_submissions(session, person_id, table_of(SubmissionTask))
    evidence = _of_submissions(session, person_id, table_of(SubmissionEvidence))
    outcomes = _of_submissions(session, person_id, _OUTCOMES)
    answers, log = _answers(session, person_id), _log(session, person_id)
    appeals = _appeals(session, person_id)
    return [
        shapes.Submission.model_construct(
            id=row.public_id,
            portfolio=names.of("portfolio", row.portfolio),
            **_picked(row, _FACTS),
            tasks=[_task(one, evidence[row.id]) for one in tasks[row.id]],
            outcomes=[_outcome(one, answers[one.id]) for one in outcomes[row.id]],
            appeal=appeals.get(row.id),
            log=[_step(one, person_id) for one in log[row.id]],
        )
        for row in rows
    ]


def _task(row: Row[Any], evidence: list[Row[Any]]) -> shapes.FrozenTask:
    return shapes.FrozenTask.model_construct(
        **_picked(row, _TASK),
        evidence=[
            shapes.FrozenEvidence.model_construct(
                **_picked(one, ("title", "alt", "declaration", "name", "media_type", "size")),
                sha256=one.digest,
            )
            for one in evidence
            if one.code == row.code
        ],
    )


def _outcome(row: Row[Any], answers: list[Row[Any]]) -> shapes.Outcome:
    return shapes.Outcome.model_construct(
        **_picked(row, _OUTCOME),
        answers=[
            shapes.Answer.model_construct(**_picked(one, ("code", "text", "changed_at")))
            for one in answers
        ],
    )


def _step(row: Row[Any], person_id: int) -> shapes.Step:
    return shapes.Step.model_construct(
        **_picked(row, ("number", "at", "act", "by")), by_oneself=row.by_person_id == person_id
    )


def _of_submissions(session: Session, person_id: int, table: Table) -> Grouped:
    rows = session.execute(
        select(table)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == table.c.submission_id)
        .where(_SUBMISSIONS.c.person_id == person_id)
        .order_by(table.c.submission_id, table.c.id)
    )
    return _grouped(rows, "submission_id")


def _log(session: Session, person_id: int) -> Grouped:
    return _of_submissions(session, person_id, table_of(ReviewEvent))


def _answers(session: Session, person_id: int) -> Grouped:
    table = table_of(OutcomeAnswer)
    rows = session.execute(
        select(table)
        .join(_OUTCOMES, _OUTCOMES.c.id == table.c.outcome_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _OUTCOMES.c.submission_id)
        .where(_SUBMISSIONS.c.person_id == person_id)
        .order_by(table.c.outcome_id, table.c.code)
    )
    return _grouped(rows, "outcome_id")


def _appeals(session: Session, person_id: int) -> dict[int, shapes.Appeal]:
    table = table_of(Appeal)
    rows = session.execute(
        select(table, _OUTCOMES.c.number.label("against"))
        .join(_OUTCOMES, _OUTCOMES.c.id == table.c.outcome_id)
        .where(table.c.person_id == person_id)
    )
    fields = ("against", "reason", "state", "made_at", "decided_at")
    return {
        row.submission_id: shapes.Appeal.model_construct(**_picked(row, fields)) for row in rows
    }


def _grouped(rows: Any, column: str) -> Grouped:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


def _picked(row: Row[Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}

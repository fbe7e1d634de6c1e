"""Reading of outcomes, answers to them and appeals."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.reviews.models import Appeal, Outcome, OutcomeAnswer
from lti_tool.reviews.outcomes.rules import Answer, AppealState, Decision
from lti_tool.reviews.rules import Overall

_OUTCOMES = table_of(Outcome)
_ANSWERS = table_of(OutcomeAnswer)
_APPEALS = table_of(Appeal)
_SUBMISSIONS = table_of(Submission)


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What a submission came to. `number` is 2 where an appeal decided."""

    id: int
    public_id: str
    organisation_id: int
    submission_id: int
    number: int
    decision: Decision
    released_at: datetime
    seen_at: datetime | None

    @property
    def overall(self) -> Overall:
        return self.decision.overall


@dataclass(frozen=True, slots=True)
class AppealView:
    """A learner's appeal, in their own words."""

    id: int
    public_id: str
    outcome_id: int
    reason: str
    state: AppealState
    made_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Assessed:
    """What assessors found of somebody's portfolio: the newest outcome in a placement."""

    person_id: int
    submission: str
    level: int
    overall: Overall
    met: int
    total: int
    released_at: datetime


def outcomes_of(session: Session, submission_id: int) -> list[OutcomeView]:
    """Returns the outcomes of a submission, oldest first: none, one, or two after an appeal."""
    rows = session.execute(
        select(_OUTCOMES)
        .where(_OUTCOMES.c.submission_id == submission_id)
        .order_by(_OUTCOMES.c.number)
    )
    return [_outcome(row) for row in rows]


def outcome_by_id(session: Session, outcome_id: int) -> OutcomeView | None:
    """Returns an outcome by its number, for the worker; None where there is none."""
    row = session.execute(select(_OUTCOMES).where(_OUTCOMES.c.id == outcome_id)).first()
    return _outcome(row) if row else None


def answers_of(session: Session, outcome_id: int) -> Mapping[str, Answer]:
    """Returns what the learner answered to an outcome, by code; "" is to the summary."""
    rows = session.execute(select(_ANSWERS).where(_ANSWERS.c.outcome_id == outcome_id))
    return {row.code: Answer(row.text, row.version) for row in rows}


def appeal_of(session: Session, submission_id: int) -> AppealView | None:
    """Returns the appeal against a submission's outcome, or None."""
    row = session.execute(select(_APPEALS).where(_APPEALS.c.submission_id == submission_id)).first()
    if row is None:
        return None
    return AppealView(
        id=row.id,
        public_id=row.public_id,
        outcome_id=row.outcome_id,
        reason=row.reason,
        state=AppealState(row.state),
        made_at=row.made_at,
        decided_at=row.decided_at,
    )


def outcomes_of_people(
    session: Session, placement_id: int, person_ids: Collection[int]
) -> dict[int, Assessed]:
    """Returns the newest outcome of each person in a placement, in one statement.

    Who has none is absent. It is what others found, and stands beside what people say of
    themselves, never mixed with it.
    """
    if not person_ids:
        return {}
    rows = session.execute(
        select(
            _SUBMISSIONS.c.person_id,
            _SUBMISSIONS.c.public_id,
            _SUBMISSIONS.c.level,
            _OUTCOMES.c.outcome,
            _OUTCOMES.c.met,
            _OUTCOMES.c.total,
            _OUTCOMES.c.released_at,
        )
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _OUTCOMES.c.submission_id)
        .where(
            _SUBMISSIONS.c.placement_id == placement_id,
            _SUBMISSIONS.c.person_id.in_(person_ids),
        )
        .order_by(_OUTCOMES.c.released_at, _OUTCOMES.c.id)
    )
    # The later ones take the place of those before.
    return {
        row.person_id: Assessed(
            row.person_id,
            row.public_id,
            row.level,
            Overall(row.outcome),
            row.met,
            row.total,
            row.released_at,
        )
        for row in rows
    }


def _outcome(row: Row[Any]) -> OutcomeView:
    return OutcomeView(
        id=row.id,
        public_id=row.public_id,
        organisation_id=row.organisation_id,
        submission_id=row.submission_id,
        number=row.number,
        decision=Decision(Overall(row.outcome), row.summary, row.findings),
        released_at=row.released_at,
        seen_at=row.seen_at,
    )

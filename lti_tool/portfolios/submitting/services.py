"""Handing in, withdrawing, and what a review makes of a submission. Services never commit."""

from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import standing_of
from lti_tool.portfolios.submitting.rules import State

_SUBMISSIONS = table_of(Submission)


def check_open(session: Session, portfolio_id: int, code: str) -> None:
    """Raises `Conflict` where a task may not be changed now, since it is handed in or accepted.

    The caller holds the person's lock.
    """
    if not standing_of(session, portfolio_id).is_open(code):
        raise Conflict(
            N_("This task is handed in, so it cannot be changed now."),
            code="portfolio-handed-in",
            advice=N_("What you typed is kept on this device. Look at how your submission stands."),
        )


def begin_review(session: Session, submission_id: int) -> bool:
    """Notes that an assessor began to read: from now on it cannot be withdrawn.

    Returns False when it is not waiting any more, as after a withdrawal.
    """
    return _move(session, submission_id, {State.SUBMITTED}, State.IN_REVIEW)


def return_for_more(session: Session, submission_id: int, codes: Collection[str]) -> bool:
    """Returns a submission to its owner, for more evidence in these tasks. False as above."""
    return _move(session, submission_id, {State.IN_REVIEW}, State.RETURNED, reopened=sorted(codes))


def close(session: Session, submission_id: int, *, recognised: bool) -> bool:
    """Notes what the review ended in. False as above; after an appeal it may end anew."""
    to = State.RECOGNISED if recognised else State.NOT_RECOGNISED
    return _move(session, submission_id, {State.IN_REVIEW}, to)


def reopen(session: Session, submission_id: int) -> bool:
    """Takes a decided submission up again, for an appeal. False as above."""
    decided = {State.RETURNED, State.NOT_RECOGNISED}
    return _move(session, submission_id, decided, State.IN_REVIEW, reopened=[])


def _move(
    session: Session,
    submission_id: int,
    before: Collection[State],
    after: State,
    **values: object,
) -> bool:
    moved = session.execute(
        update(_SUBMISSIONS)
        .where(
            _SUBMISSIONS.c.id == submission_id,
            _SUBMISSIONS.c.state.in_([state.value for state in before]),
        )
        .values(state=after.value, changed_at=clock.now(), **values)
        .returning(_SUBMISSIONS.c.id)
    )
    return moved.first() is not None

"""What a placement is worth for a person who came to it now, or whose column or set-up is new."""

from datetime import timedelta

from sqlalchemy.orm import Session

from lti_tool.assessments.services import refresh_score
from lti_tool.competencies.models import Kind
from lti_tool.competencies.queries import library
from lti_tool.courses.queries import PlacementView
from lti_tool.portfolios.submitting.grading import record_pending
from lti_tool.portfolios.submitting.queries import newest_at
from lti_tool.reviews.outcomes.queries import outcomes_of
from lti_tool.reviews.outcomes.releasing import record_grade


def refresh_worth(
    session: Session, person_id: int, placement: PlacementView, *, delay: timedelta
) -> None:
    """Records what a self-assessment is worth, or what came of a portfolio that was handed in.

    Who has done nothing gets no grade. What is on record already is no news.
    """
    asked = library().get(placement.set_up.instrument)
    if asked is None or asked.kind is not Kind.PORTFOLIO:
        refresh_score(session, person_id, placement, delay=delay)
        return
    submission = newest_at(session, placement.id, person_id)
    if submission is None:
        return
    outcomes = outcomes_of(session, submission.id)
    if outcomes:
        record_grade(session, submission, outcomes[-1].decision)
    elif submission.is_live:
        record_pending(session, submission)

"""Reading across rooms for a tutor at a portfolio: five statements, however many learners."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import LearnerRow, PlacementView
from lti_tool.dashboards.portfolio_rules import PortfolioLine
from lti_tool.grades.queries import scores_of_placements
from lti_tool.grades.rules import WHOLE, ScoreRow
from lti_tool.portfolios.queries import Writing, writing_of_people
from lti_tool.portfolios.submitting.rules import State
from lti_tool.portfolios.tutoring import HandedIn, evidence_of_people, submissions_of_people
from lti_tool.reviews.outcomes.queries import Assessed, outcomes_of_people


def portfolio_lines(
    session: Session,
    learners: Iterable[LearnerRow],
    place: PlacementView,
    library: Mapping[str, Instrument],
    now: datetime,
) -> list[PortfolioLine]:
    """Returns learners with how far their portfolios are at a placement.

    Of who has never come to the course nothing is told, whatever they did in others.
    """
    learners = list(learners)
    people = [one.person_id for one in learners if one.last_seen_at]
    writing = writing_of_people(session, place.id, people)
    evidence = evidence_of_people(session, place.id, people)
    submissions = submissions_of_people(session, place.id, people)
    outcomes = outcomes_of_people(session, place.id, people)
    scores = {
        row.person_id: row for row in scores_of_placements(session, [place.id]) if row.part == WHOLE
    }
    is_over = place.dates.due_at is not None and place.dates.due_at <= now
    return [
        _line(
            learner,
            library,
            writing.get(learner.person_id),
            evidence.get(learner.person_id, 0),
            next(iter(submissions.get(learner.person_id, ())), None),
            outcomes.get(learner.person_id),
            scores.get(learner.person_id) if learner.last_seen_at else None,
            is_over=is_over,
        )
        for learner in learners
    ]


def _line(
    learner: LearnerRow,
    library: Mapping[str, Instrument],
    writing: Writing | None,
    evidence: int,
    submission: HandedIn | None,
    outcome: Assessed | None,
    score: ScoreRow | None,
    *,
    is_over: bool,
) -> PortfolioLine:
    chosen = library.get(writing.instrument) if writing else None
    moments = (writing.changed_at if writing else None, learner.last_seen_at)
    is_handed_in = submission is not None and submission.state is not State.WITHDRAWN
    return PortfolioLine(
        public_id=learner.public_id,
        name=learner.name,
        in_course=learner.active,
        groups=learner.groups,
        title=chosen.title if chosen else "",
        total=len(chosen.by_code) if chosen else 0,
        begun=writing.begun if writing else 0,
        ready=writing.ready if writing else 0,
        words=writing.words if writing else 0,
        evidence=evidence,
        submission=submission,
        outcome=outcome,
        active_at=max((moment for moment in moments if moment), default=None),
        score=score,
        is_overdue=is_over and learner.last_seen_at is not None and not is_handed_in,
    )

"""Reading across rooms for a tutor: four statements for a course, however many learners."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from lti_tool.assessments.queries import states_of_people
from lti_tool.assessments.rules import Rated, overall, progress
from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import LearnerRow, PlacementView, learners_of_course
from lti_tool.dashboards.rules import LearnerLine
from lti_tool.grades.queries import scores_of_placements
from lti_tool.grades.rules import ScoreRow
from lti_tool.kernel.actor import Actor
from lti_tool.training.plans.queries import overdue_goals_of_people
from lti_tool.training.plans.tutoring import sight_of


def learners_with_progress(
    session: Session, actor: Actor, placement: PlacementView, asked: Instrument, today: date
) -> list[LearnerLine]:
    """Returns every learner who has come to the course, with progress, grade, overdue goals."""
    learners = learners_of_course(session, actor)
    people = [one.person_id for one in learners]
    answers = states_of_people(session, people, [asked.id])
    overdue = overdue_goals_of_people(session, people, today, sight_of(placement, asked))
    scores = {row.person_id: row for row in scores_of_placements(session, [placement.id])}
    return [
        learner_line(
            learner,
            answers.get((learner.person_id, asked.id), {}),
            scores.get(learner.person_id),
            placement,
            asked,
            overdue=overdue.get(learner.person_id, 0),
        )
        for learner in learners
    ]


def learner_line(
    learner: LearnerRow,
    ratings: Mapping[str, Rated],
    score: ScoreRow | None,
    placement: PlacementView,
    asked: Instrument,
    *,
    overdue: int = 0,
) -> LearnerLine:
    """Returns one learner's progress over what the placement asks for."""
    scope = asked.scope(placement.set_up.domains)
    parts = tuple(progress(domain, ratings) for domain in scope)
    codes = {code for domain in scope for code in domain.codes}
    changes = (rated.changed_at for code, rated in ratings.items() if code in codes)
    active_at = max([learner.last_seen_at, *(moment for moment in changes if moment)])
    return LearnerLine(
        learner.public_id,
        learner.name,
        learner.active,
        overall(parts),
        parts,
        active_at,
        score,
        overdue,
    )

"""Reading across rooms for a tutor: four statements for a course, however many learners."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from lti_tool.assessments.queries import states_of_people
from lti_tool.assessments.rules import Rated, overall, progress
from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import LearnerRow, PlacementView
from lti_tool.courses.rules import GradeParts
from lti_tool.dashboards.rules import LearnerLine
from lti_tool.grades.queries import scores_of_placements
from lti_tool.grades.rules import ScoreRow
from lti_tool.training.plans.queries import overdue_goals_of_people
from lti_tool.training.plans.tutoring import sight_of


def learners_with_progress(
    session: Session,
    learners: Iterable[LearnerRow],
    placement: PlacementView,
    asked: Instrument,
    today: date,
) -> list[LearnerLine]:
    """Returns learners of a course with progress, grade, overdue goals.

    Of who has never come to the course nothing is told, whatever they did in others.
    """
    learners = list(learners)
    people = [one.person_id for one in learners if one.last_seen_at]
    answers = states_of_people(session, people, [asked.id])
    overdue = overdue_goals_of_people(session, people, today, sight_of(placement, asked))
    scores: dict[int, list[ScoreRow]] = defaultdict(list)
    for row in scores_of_placements(session, [placement.id]):
        scores[row.person_id].append(row)
    return [
        learner_line(
            learner,
            answers.get((learner.person_id, asked.id), {}),
            scores[learner.person_id],
            placement,
            asked,
            overdue=overdue.get(learner.person_id, 0),
        )
        for learner in learners
    ]


def learner_line(
    learner: LearnerRow,
    ratings: Mapping[str, Rated],
    scores: Iterable[ScoreRow],
    placement: PlacementView,
    asked: Instrument,
    *,
    overdue: int = 0,
) -> LearnerLine:
    """Returns one learner's progress over what the placement asks for, and its grades."""
    scope = asked.scope(placement.set_up.domains)
    parts = tuple(progress(domain, ratings) for domain in scope)
    codes = {code for domain in scope for code in domain.codes}
    changes = (rated.changed_at for code, rated in ratings.items() if code in codes)
    moments = [moment for moment in (learner.last_seen_at, *changes) if moment]
    by_domain = {row.domain: row for row in scores}
    whole = placement.grade_parts is GradeParts.WHOLE
    numbers = () if whole else (domain.number for domain in scope)
    return LearnerLine(
        learner.public_id,
        learner.name,
        learner.active,
        overall(parts),
        parts,
        max(moments) if learner.last_seen_at else None,
        by_domain.get(None) if whole else None,
        overdue,
        learner.groups,
        tuple(by_domain[number] for number in numbers if number in by_domain),
    )

"""What the tutors of a course see of a learner's plans: goals and hours, nothing that is private."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView
from lti_tool.training.plans.queries import goals_seen, records_of
from lti_tool.training.plans.rules import GoalView, Sight, arranged, hours_by_year, total_hours


@dataclass(frozen=True, slots=True)
class PlansSeen:
    """A learner's plans through one placement: goals by group, hours by year and altogether.

    Of the training record only hours are here: no titles, reflections or certificates.
    """

    today: date
    groups: Mapping[str, list[GoalView]]
    year_hours: Mapping[int, Decimal]
    hours: Decimal

    @property
    def has_goals(self) -> bool:
        return any(self.groups.values())


def sight_of(placement: PlacementView, asked: Instrument) -> Sight:
    """Returns what the tutors of the placement's course see of goals."""
    scope = asked.scope(placement.set_up.domains)
    codes = tuple(code for domain in scope for code in domain.codes)
    return Sight(asked.id, codes, placement.course_id)


def plans_seen(session: Session, person_id: int, sight: Sight, today: date) -> PlansSeen:
    """Returns a learner's plans as a tutor sees them."""
    records = records_of(session, person_id)
    return PlansSeen(
        today,
        arranged(goals_seen(session, person_id, sight), today),
        hours_by_year(records),
        total_hours(records),
    )

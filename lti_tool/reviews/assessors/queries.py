"""Reading of assessors: who could read a submission, who is appointed, who must not read whom."""

from collections.abc import Collection

from sqlalchemy import ScalarSelect, and_, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Membership, Placement
from lti_tool.kernel.actor import Role
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.assessors.rules import Candidate
from lti_tool.reviews.models import Assessor, AssessorConflict, Review
from lti_tool.reviews.queries import ASSESSORS
from lti_tool.reviews.rules import ReviewState

_ASSESSORS = table_of(Assessor)
_CONFLICTS = table_of(AssessorConflict)
_REVIEWS = table_of(Review)
_SUBMISSIONS = table_of(Submission)


def candidates_for(
    session: Session, submission: SubmissionView, excluded: Collection[int] = ()
) -> list[Candidate]:
    """Returns every active assessor of the organisation, and what keeps them from this submission.

    A constant number of statements, however many there are.
    """
    kept_away = kept_from(session, submission)
    before = _readers_before(session, submission)
    last_given: ScalarSelect[object] = (
        select(func.max(_REVIEWS.c.allocated_at))
        .where(_REVIEWS.c.assessor_id == _ASSESSORS.c.id)
        .correlate(_ASSESSORS)
        .scalar_subquery()
    )
    rows = session.execute(
        ASSESSORS.add_columns(last_given.label("last_given")).where(
            _ASSESSORS.c.organisation_id == submission.organisation_id, _ASSESSORS.c.active
        )
    )
    return [
        Candidate(
            id=row.id,
            levels=tuple(row.levels),
            capacity=row.capacity,
            load=row.load,
            moderates=row.moderates,
            away_until=row.away_until,
            is_apart=row.id not in kept_away and row.id not in excluded,
            knows_it=row.id in before,
            last_given=row.last_given,
        )
        for row in rows
    ]


def kept_from(session: Session, submission: SubmissionView) -> set[int]:
    """Returns the assessors who must not get a submission: see `reasons_against`."""
    return set(reasons_against(session, submission))


def reasons_against(session: Session, submission: SubmissionView) -> dict[int, str]:
    """Returns, by the number of an assessor, why they must not read a submission.

    "self" is the learner, "tutor" their tutor in that course, "conflict" one who declared a
    conflict, "handed-back" one who gave it back, "before" one who has it or had it.
    """
    found: dict[int, str] = {}
    had = select(_REVIEWS.c.assessor_id, _REVIEWS.c.state).where(
        _REVIEWS.c.submission_id == submission.id
    )
    for row in session.execute(had):
        handed_back = row.state == ReviewState.HANDED_BACK
        if handed_back or found.get(row.assessor_id) != "handed-back":
            found[row.assessor_id] = "handed-back" if handed_back else "before"
    conflicts = select(_CONFLICTS.c.assessor_id).where(
        _CONFLICTS.c.person_id == submission.person_id
    )
    found |= dict.fromkeys(session.execute(conflicts).scalars(), "conflict")
    tutors = (
        select(_ASSESSORS.c.id)
        .join(Membership, Membership.person_id == _ASSESSORS.c.person_id)
        .join(
            Placement,
            and_(
                Placement.course_id == Membership.course_id,
                Placement.id == submission.placement_id,
            ),
        )
        .where(Membership.roles.contains(Role.TUTOR.value))
    )
    found |= dict.fromkeys(session.execute(tutors).scalars(), "tutor")
    oneself = select(_ASSESSORS.c.id).where(_ASSESSORS.c.person_id == submission.person_id)
    return found | dict.fromkeys(session.execute(oneself).scalars(), "self")


def _readers_before(session: Session, submission: SubmissionView) -> set[int]:
    """Who read the submission of the same portfolio that came before this one."""
    rows = session.execute(
        select(_REVIEWS.c.assessor_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _REVIEWS.c.submission_id)
        .where(
            _SUBMISSIONS.c.portfolio_id == submission.portfolio_id,
            _SUBMISSIONS.c.number == submission.number - 1,
            _REVIEWS.c.state == ReviewState.DONE.value,
        )
    )
    return set(rows.scalars())

"""What the gradebook hears of a submission: that one waits, was taken back, or what came of it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from lti_tool.competencies.models import Kind
from lti_tool.competencies.queries import library
from lti_tool.courses.queries import PlacementView, placement_of_course, subject_of
from lti_tool.courses.rules import GradeRule
from lti_tool.courses.services import lock_person
from lti_tool.grades import services as grades
from lti_tool.grades.queries import score_of
from lti_tool.grades.rules import MAXIMUM, Destination, Worth
from lti_tool.portfolios.submitting.rules import SubmissionView

# A submission is one deliberate act: nothing is gained by waiting for more of them.
_AT_ONCE = timedelta(0)


def record_pending(session: Session, submission: SubmissionView) -> None:
    """Notes that a portfolio was handed in and is not graded yet.

    Where a graded score is on record already, as after a return, that one stays until there is
    another.
    """
    comment = f"Portfolio, Level {submission.level}: handed in, waiting for review."
    _record_ungraded(session, submission, comment)


def record_withdrawn(session: Session, submission: SubmissionView) -> None:
    """Notes that what was handed in was taken back; a graded score stays as above."""
    comment = f"Portfolio, Level {submission.level}: taken back before its review."
    _record_ungraded(session, submission, comment)


def record_verdict(
    session: Session,
    submission: SubmissionView,
    *,
    met: int,
    total: int,
    recognised: bool,
    comment: str,
) -> None:
    """Records what a review came to: the share of competencies that are met, from 0 to 100.

    A hundred is for recognition alone, and recognition is always a hundred.
    """
    share = (met * 2 * MAXIMUM + total) // max(2 * total, 1)
    value = MAXIMUM if recognised else min(share, MAXIMUM - 1)
    _record(session, submission, Worth(value, comment, recognised, submission.submitted_at))


def _record_ungraded(session: Session, submission: SubmissionView, comment: str) -> None:
    lock_person(session, submission.person_id)
    known = score_of(session, submission.placement_id, submission.person_id)
    if known is None or known.value is None:
        _record(session, submission, Worth(None, comment, False, submission.submitted_at))


def _record(session: Session, submission: SubmissionView, worth: Worth) -> None:
    lock_person(session, submission.person_id)
    place = placement_of_course(session, submission.placement_id)
    if place.set_up.grade_rule is GradeRule.NONE or not place.line_item:
        return
    asked = library().get(place.set_up.instrument)
    if asked is None or asked.kind is not Kind.PORTFOLIO:
        return  # a portfolio beside a self-assessment, whose column is for something else
    destination = _destination(session, submission, place)
    if destination is not None:
        grades.record(session, destination, worth, delay=_AT_ONCE)


def _destination(
    session: Session, submission: SubmissionView, place: PlacementView
) -> Destination | None:
    subject = subject_of(session, submission.person_id, place.course_id)
    if not subject:
        return None
    return Destination(
        place.id, submission.person_id, place.registration_id, place.line_item, subject
    )

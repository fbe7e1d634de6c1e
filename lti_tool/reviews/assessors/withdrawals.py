"""Ending readings: of a submission that was withdrawn, and those taken away from an assessor."""

from sqlalchemy.orm import Session

from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.queries import assessors_by_id, readings_of
from lti_tool.reviews.rules import Act, By, ReviewState, ReviewView
from lti_tool.reviews.services import begin_log, hold, move, title_of


def end_readings(session: Session, submission_id: int) -> list[ReviewView]:
    """Ends the readings of a submission that its owner took back, and tells their assessors.

    Returns those that were ended: none the second time, and none where it was not taken back.
    """
    submission = hold(session, submission_id)
    begin_log(session, submission)
    if submission.state is not State.WITHDRAWN:
        return []
    if all(line.act != Act.WITHDRAWN for line in log.lines_of(session, submission.id)):
        log.write(
            session,
            submission.id,
            Act.WITHDRAWN,
            By.LEARNER,
            person_id=submission.person_id,
            details={"at": submission.changed_at.isoformat()},
        )
    ended = [one for one in readings_of(session, submission.id) if one.is_open]
    for review in ended:
        move(session, review, ReviewState.ENDED)
    tell_of_end(session, submission, ended)
    return ended


def end_open(
    session: Session,
    submission: SubmissionView,
    review_id: int,
    reason: str,
    *,
    by: int | None,
    who: By = By.ADMINISTRATOR,
) -> None:
    """Ends one open reading, with a line in the log, and tells its assessor.

    The caller holds the submission. Raises `Conflict` for a reading that is not open any more.
    """
    found = [one for one in readings_of(session, submission.id) if one.id == review_id]
    if not found or not found[0].is_open:
        raise Conflict(
            N_("This reading is not open any more."),
            code="review-not-open",
            advice=N_("Look at how the submission stands now."),
        )
    review = found[0]
    assessor = assessors_by_id(session, [review.assessor_id])[review.assessor_id]
    move(session, review, ReviewState.ENDED)
    log.write(
        session,
        submission.id,
        Act.TAKEN_AWAY,
        who,
        person_id=by,
        details={
            "review": review.public_id,
            "assessor": assessor.public_id,
            "part": review.part.value,
            "reason": reason,
        },
    )
    tell_of_end(session, submission, [review])


def tell_of_end(session: Session, submission: SubmissionView, reviews: list[ReviewView]) -> None:
    """Tells assessors that these readings left their desk."""
    assessors = assessors_by_id(session, {one.assessor_id for one in reviews})
    title = title_of(session, submission) if reviews else ""
    tell(
        session,
        [
            Telling(
                person_id=assessors[one.assessor_id].person_id,
                organisation_id=one.organisation_id,
                kind=Kind.REVIEW_WITHDRAWN,
                reference=f"review-withdrawn:{one.public_id}",
                endpoint="desk.queue",
                params={"title": title},
            )
            for one in reviews
        ],
    )

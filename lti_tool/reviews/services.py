"""What every change to a submission's review begins with: its row held, its log begun."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.queries import instruments_for
from lti_tool.courses.services import lock_person
from lti_tool.kernel.errors import Conflict, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.portfolios.models import Portfolio
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import submission_by_id
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.models import Review
from lti_tool.reviews.queries import review_by_id, terms_of
from lti_tool.reviews.rules import STANDING, Act, By, ReviewState, ReviewView

_SUBMISSIONS = table_of(Submission)
_REVIEWS = table_of(Review)
_PORTFOLIOS = table_of(Portfolio)


def hold(session: Session, submission_id: int) -> SubmissionView:
    """Returns a submission as it stands now, and lets nobody else change it until the commit.

    Whoever changes its readings or writes to its log calls this first. Raises `NotFound`.
    """
    found = submission_by_id(session, submission_id)
    if found is None:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    # The learner first, as a withdrawal does: two orders would wait for each other.
    lock_person(session, found.person_id)
    session.execute(
        select(_SUBMISSIONS.c.id).where(_SUBMISSIONS.c.id == submission_id).with_for_update()
    )
    return submission_by_id(session, submission_id) or found


def hold_review(session: Session, review: ReviewView) -> tuple[SubmissionView, ReviewView]:
    """Holds the submission of a reading, and returns both as they stand now.

    Raises `Conflict` where the reading was taken away or handed back meanwhile.
    """
    submission = hold(session, review.submission_id)
    now = review_by_id(session, review.id)
    if now.state not in STANDING:
        raise Conflict(
            N_("This review is no longer on your desk."),
            code="review-gone",
            advice=N_("It was withdrawn, or went to somebody else. Look at your desk."),
        )
    return submission, now


def begin_log(session: Session, submission: SubmissionView) -> None:
    """Writes the first line of a submission's log, if need be. The caller holds the submission.

    It says when it was handed in, and how many readers the rules of that time want.
    """
    if log.lines_of(session, submission.id):
        return
    terms = terms_of(session, submission.organisation_id)
    log.write(
        session,
        submission.id,
        Act.SUBMITTED,
        By.LEARNER,
        person_id=submission.person_id,
        details={
            "at": submission.submitted_at.isoformat(),
            "receipt": submission.receipt_code,
            "digest": submission.digest,
            "number": submission.number,
            "readers": terms.readers(submission.level),
        },
    )


def title_of(session: Session, submission: SubmissionView) -> str:
    """Returns the title of the portfolio that was handed in, for what people are told."""
    found = instruments_for(session, submission.organisation_id).get(submission.instrument)
    return found.title if found else submission.instrument


def owner_link(session: Session, submission: SubmissionView) -> dict[str, str]:
    """Returns the values of the addresses at which the learner finds a submission."""
    found = select(_PORTFOLIOS.c.public_id).where(_PORTFOLIOS.c.id == submission.portfolio_id)
    portfolio = session.execute(found).scalar_one()
    return {"portfolio": str(portfolio), "submission": submission.public_id}


def move(session: Session, review: ReviewView, state: ReviewState, **values: object) -> None:
    """Changes how a reading stands. The caller holds its submission and writes to the log."""
    session.execute(
        update(_REVIEWS).where(_REVIEWS.c.id == review.id).values(state=state.value, **values)
    )

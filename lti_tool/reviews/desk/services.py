"""The steps of a reading: begin, finish, think again, hand back.

Services never commit. Each holds the submission first, so that the steps of two readers, of a
withdrawal and of an administrator come one after the other.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.portfolios.submitting.services import begin_review
from lti_tool.portfolios.submitting.telling import RECEIPT
from lti_tool.reviews import log
from lti_tool.reviews.assessors.allocation import allocate
from lti_tool.reviews.desk.queries import codes_to_read
from lti_tool.reviews.desk.rules import Lack, is_settled, lacks
from lti_tool.reviews.desk.writing import check_owner, to_write
from lti_tool.reviews.models import Review
from lti_tool.reviews.outcomes.services import after_done
from lti_tool.reviews.queries import findings_of, readings_of, review_by_id
from lti_tool.reviews.rules import (
    Act,
    AssessorView,
    By,
    Part,
    ReviewState,
    ReviewView,
)
from lti_tool.reviews.services import hold_review, move, owner_link, title_of

_REVIEWS = table_of(Review)


class Unfinished(Conflict):
    """Something is missing before a reading can be done. Holds what."""

    code = "review-unfinished"

    def __init__(self, missing: tuple[Lack, ...]) -> None:
        super().__init__(
            N_("Something is still missing before this review can be finished."),
            advice=N_("What you wrote is saved."),
        )
        self.missing = missing


def begin(session: Session, assessor: AssessorView, review: ReviewView) -> ReviewView:
    """Begins a reading: from now on the learner cannot withdraw. Returns it as it stands.

    A reading that was begun stays as it is. Raises `Conflict` where the submission was withdrawn,
    or the reading taken away, meanwhile.
    """
    submission, now = hold_review(session, review)
    if now.state is not ReviewState.ALLOCATED:
        return now
    if submission.state is not State.IN_REVIEW and not begin_review(session, submission.id):
        raise Conflict(
            N_("This submission is no longer waiting for a review."),
            code="submission-gone",
            advice=N_("It was withdrawn by the learner. There is nothing that you have to do."),
        )
    move(session, now, ReviewState.BEGUN, begun_at=clock.now())
    log.write(
        session,
        submission.id,
        Act.BEGUN,
        as_by(now),
        person_id=assessor.person_id,
        details=_details(now, assessor),
    )
    if submission.state is State.SUBMITTED:
        tell(session, [_told_of_begin(session, submission)])
    return review_by_id(session, now.id)


def finish(session: Session, assessor: AssessorView, review: ReviewView) -> ReviewView:
    """Marks a reading as done, and lets what follows follow. Returns it as it stands.

    Raises `Unfinished` with what is missing, `Conflict` as `save_finding` does.
    """
    submission, now = to_write(session, assessor, review)
    findings = findings_of(session, now.id)
    missing = lacks(codes_to_read(session, submission.id), findings, now.verdict, now.summary)
    if missing:
        raise Unfinished(missing)
    values: dict[str, object] = {"done_at": clock.now()}
    if not _first_verdict(session, now):
        values["first_verdict"] = now.verdict.value
        values["first_findings"] = {code: one.verdict.value for code, one in findings.items()}
    move(session, now, ReviewState.DONE, **values)
    log.write(
        session,
        submission.id,
        Act.DONE,
        as_by(now),
        person_id=assessor.person_id,
        details=_details(now, assessor) | {"verdict": now.verdict.value},
    )
    after_done(session, now.id)
    return review_by_id(session, now.id)


def think_again(session: Session, assessor: AssessorView, review: ReviewView) -> ReviewView:
    """Opens a reading that was done: second thoughts, until release. Returns it.

    As long as the other reader was not done, what is decided anew still is decided apart, and
    counts as the first decision. Raises `Conflict` where it is settled by now.
    """
    check_owner(assessor, review)
    submission, now = hold_review(session, review)
    if now.state is not ReviewState.DONE:
        return now
    acts = [Act(line.act) for line in log.lines_of(session, submission.id)]
    if is_settled(acts, now.part):
        raise Conflict(
            N_("This review is settled, so it cannot be changed any more."),
            code="review-settled",
            advice=N_("It was released to the learner, or went to a moderator."),
        )
    readers = [one for one in readings_of(session, submission.id) if one.part is Part.READER]
    was_alone = any(one.state is not ReviewState.DONE for one in readers)
    first = {"first_verdict": "", "first_findings": {}} if was_alone else {}
    move(session, now, ReviewState.BEGUN, done_at=None, **first)
    log.write(
        session,
        submission.id,
        Act.THOUGHT_AGAIN,
        as_by(now),
        person_id=assessor.person_id,
        details=_details(now, assessor),
    )
    return review_by_id(session, now.id)


def hand_back(session: Session, assessor: AssessorView, review: ReviewView, reason: str) -> None:
    """Gives a reading back, with a reason; the next assessor gets it, never the same again.

    Raises `InvalidInput` without a reason, `Conflict` for one that is done.
    """
    if not reason:
        raise InvalidInput(
            N_("Say why you hand this review back."),
            code="reason-missing",
            advice=N_("Administrators read the reason; the learner does not."),
        )
    check_owner(assessor, review)
    submission, now = hold_review(session, review)
    if not now.is_open:
        raise Conflict(N_("This review is done, so it cannot be handed back."), code="review-done")
    move(session, now, ReviewState.HANDED_BACK)
    log.write(
        session,
        submission.id,
        Act.HANDED_BACK,
        as_by(now),
        person_id=assessor.person_id,
        details=_details(now, assessor) | {"reason": reason},
    )
    allocate(session, submission.id)


def as_by(review: ReviewView) -> By:
    """Returns in what part the assessor of a reading acts."""
    return By.ASSESSOR if review.part is Part.READER else By.MODERATOR


def _details(review: ReviewView, assessor: AssessorView) -> dict[str, str]:
    return {
        "review": review.public_id,
        "assessor": assessor.public_id,
        "part": review.part.value,
    }


def _first_verdict(session: Session, review: ReviewView) -> str:
    found = select(_REVIEWS.c.first_verdict).where(_REVIEWS.c.id == review.id)
    return str(session.execute(found).scalar_one())


def _told_of_begin(session: Session, submission: SubmissionView) -> Telling:
    return Telling(
        person_id=submission.person_id,
        organisation_id=submission.organisation_id,
        kind=Kind.REVIEW_BEGUN,
        reference=f"review-begun:{submission.public_id}",
        placement_id=submission.placement_id,
        endpoint=RECEIPT,
        link=owner_link(session, submission),
        params={"title": title_of(session, submission)},
    )

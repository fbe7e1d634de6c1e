"""Allocation by an administrator's hand: giving, taking away, putting another in one's place."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.kernel.actor import Actor
from lti_tool.kernel.errors import Conflict, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.submitting.rules import LIVE, SubmissionView
from lti_tool.reviews.assessors.allocation import allocate, give, missing_parts
from lti_tool.reviews.assessors.queries import assessor_of_organisation, reasons_against
from lti_tool.reviews.assessors.withdrawals import end_open
from lti_tool.reviews.models import Review
from lti_tool.reviews.queries import readings_of, review_view
from lti_tool.reviews.rules import AssessorView, Part, ReviewView
from lti_tool.reviews.services import begin_log, hold

_REVIEWS = table_of(Review)
AGAINST = {
    "self": N_("Nobody reads their own portfolio."),
    "tutor": N_("This assessor is the learner's tutor in that course."),
    "conflict": N_("A conflict of interest is declared between this assessor and the learner."),
    "handed-back": N_("This assessor handed this submission back."),
    "before": N_("This assessor has this submission already."),
}


def give_by_hand(
    session: Session, actor: Actor, submission: SubmissionView, assessor_id: str
) -> ReviewView:
    """Gives a submission that lacks somebody to an assessor whom an administrator chose.

    Capacity and days away are the administrator's to overrule; what keeps readings apart is not.
    Raises `Conflict` with the reason where it may not be, `NotFound` for an unknown assessor.
    """
    _check(actor, submission)
    submission = hold(session, submission.id)
    begin_log(session, submission)
    assessor = assessor_of_organisation(session, actor.organisation_id, assessor_id)
    parts = missing_parts(session, submission) if submission.state in LIVE else []
    if not parts:
        raise Conflict(
            N_("Nobody is missing to read this submission."),
            code="readers-complete",
            advice=N_("Take it away from somebody first, or choose who reads in their place."),
        )
    check_may_get(session, submission, assessor, parts[0])
    return give(session, submission, assessor, parts[0], by=actor.person_id)


def take_away(
    session: Session, actor: Actor, review: ReviewView, reason: str, *, to: str = ""
) -> ReviewView | None:
    """Takes an open reading away from its assessor; `to` reads in their place, else the next.

    What they wrote stays on record. Returns the reading that takes its place, if somebody was
    found. Raises as `give_by_hand` does, then nothing is changed.
    """
    submission = hold(session, review.submission_id)
    _check(actor, submission)
    if to:  # before anything is changed
        chosen = assessor_of_organisation(session, actor.organisation_id, to)
        check_may_get(session, submission, chosen, review.part)
    end_open(session, submission, review.id, reason, by=actor.person_id)
    if to:
        return give(session, submission, chosen, review.part, by=actor.person_id)
    found = allocate(session, submission.id)
    return found[0] if found else None


def check_may_get(
    session: Session, submission: SubmissionView, assessor: AssessorView, part: Part
) -> None:
    """Raises `Conflict` with the reason where an assessor must not get a submission by hand."""
    against = reasons_against(session, submission).get(assessor.id)
    if against == "before":
        standing = {one.assessor_id for one in readings_of(session, submission.id)}
        against = against if assessor.id in standing else None
    if against:
        raise Conflict(AGAINST[against], code="assessor-kept-apart", advice=_CHOOSE)
    if not assessor.active:
        raise Conflict(N_("This appointment has ended."), code="assessor-ended", advice=_CHOOSE)
    if submission.level not in assessor.levels:
        raise Conflict(
            N_("This assessor is not appointed for this level."),
            code="assessor-level",
            advice=_CHOOSE,
        )
    if part is not Part.READER and not assessor.moderates:
        raise Conflict(
            N_("This assessor is not appointed as a moderator."),
            code="assessor-no-moderator",
            advice=_CHOOSE,
        )


def open_review_in(session: Session, submission: SubmissionView, public_id: str) -> ReviewView:
    """Returns a reading of a submission by its name in addresses; raises `NotFound`."""
    row = session.execute(
        select(_REVIEWS).where(
            _REVIEWS.c.public_id == as_kept(public_id),
            _REVIEWS.c.submission_id == submission.id,
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such reading of this submission."), code="review-unknown")
    return review_view(row)


_CHOOSE = N_("Choose another assessor.")


def _check(actor: Actor, submission: SubmissionView) -> None:
    is_theirs = submission.organisation_id == actor.organisation_id
    if not actor.is_administrator or not is_theirs:
        raise NotAllowed(N_("Only administrators allocate reviews."), code="role-not-allowed")
    if submission.person_id == actor.person_id:
        raise NotAllowed(
            N_("This is your own portfolio, so somebody else allocates it."), code="own-portfolio"
        )

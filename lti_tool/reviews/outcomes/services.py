"""What follows when a reading is done: agreement, or a moderator. Services never commit."""

from sqlalchemy.orm import Session

from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.reviews import log
from lti_tool.reviews.assessors.allocation import allocate
from lti_tool.reviews.outcomes.matters import Matter, matter_of
from lti_tool.reviews.outcomes.rules import Step
from lti_tool.reviews.queries import assessors_by_id, review_by_id, submission_of
from lti_tool.reviews.rules import Act, AssessorView, By, Part, ReviewView
from lti_tool.reviews.services import hold_review, title_of


def after_done(session: Session, review_id: int) -> None:
    """Lets follow what follows from a reading that is done. The caller holds the submission.

    With one reader, or a moderator, the decision waits for its release. Where two readers are
    both done, either they agree and any of them may release, or both are told that they differ.
    """
    review = review_by_id(session, review_id)
    if review.part is not Part.READER:
        return
    matter = matter_of(session, submission_of(session, review))
    if len(matter.readers) < 2 or matter.step is Step.READING:
        return
    if matter.step is Step.READY:
        log.write(session, matter.submission.id, Act.AGREED, By.TOOL)
        _tell_readers(session, matter, Kind.REVIEW_AGREED, besides=review)
    elif matter.step is Step.DIFFERENT:
        _tell_readers(session, matter, Kind.REVIEW_TO_AGREE)


def send_to_moderator(session: Session, assessor: AssessorView, review: ReviewView) -> None:
    """Lets a moderator decide where two readers differ. A second time changes nothing.

    Where there is no moderator yet, the submission waits for one, and administrators are told.
    Raises `Conflict` where the two do not differ, or are not both done.
    """
    submission, now = hold_review(session, review)
    matter = matter_of(session, submission)
    if matter.step is Step.MODERATING:
        return
    if matter.step is not Step.DIFFERENT or now.part is not Part.READER:
        raise Conflict(
            N_("There is nothing for a moderator to settle now."),
            code="nothing-to-settle",
            advice=N_("Look at how the two readings stand."),
        )
    apart = matter.apart
    log.write(
        session,
        submission.id,
        Act.SENT_TO_MODERATOR,
        By.ASSESSOR,
        person_id=assessor.person_id,
        details={"assessor": assessor.public_id, "codes": list(apart.codes) if apart else []},
    )
    allocate(session, submission.id)


def _tell_readers(
    session: Session, matter: Matter, kind: Kind, *, besides: ReviewView | None = None
) -> None:
    """Tells both, or the one who did not bring it about. Each time anew: they may change again."""
    readers = [one for one in matter.readers if besides is None or one.id != besides.id]
    people = assessors_by_id(session, [one.assessor_id for one in readers])
    round_ = len(log.lines_of(session, matter.submission.id))
    tell(
        session,
        [
            Telling(
                person_id=people[one.assessor_id].person_id,
                organisation_id=one.organisation_id,
                kind=kind,
                reference=f"{kind.value}:{one.public_id}:{round_}",
                endpoint="decisions.decision",
                link={"review": one.public_id},
                params={"title": title_of(session, matter.submission)},
            )
            for one in readers
        ],
    )

"""What an assessor does with a reading: begin, find, conclude, finish, think again, hand back.

Services never commit. Each holds the submission first, so that the steps of two readers, of a
withdrawal and of an administrator come one after the other.
"""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, InvalidInput, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.portfolios.submitting.services import RECEIPT, begin_review
from lti_tool.reviews import log
from lti_tool.reviews.assessors.allocation import allocate
from lti_tool.reviews.desk.queries import codes_to_read, notes_of
from lti_tool.reviews.desk.rules import (
    Conclusion,
    Lack,
    Note,
    is_settled,
    lacks,
    may_write,
)
from lti_tool.reviews.models import Finding, Review
from lti_tool.reviews.outcomes.services import after_done
from lti_tool.reviews.queries import findings_of, readings_of, review_by_id
from lti_tool.reviews.rules import (
    Act,
    AssessorView,
    By,
    FindingView,
    Part,
    ReviewState,
    ReviewView,
)
from lti_tool.reviews.services import hold_review, move, owner_link, title_of

_REVIEWS = table_of(Review)
_FINDINGS = table_of(Finding)


class FindingChanged(Conflict):
    """The finding was changed meanwhile, in another tab or frame. Holds what is on record."""

    code = "changed-elsewhere"

    def __init__(self, finding: FindingView) -> None:
        super().__init__(
            N_("This was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.finding = finding


class ConclusionChanged(Conflict):
    """Verdict or summary, or the notes, were changed meanwhile. Holds what is on record."""

    code = "changed-elsewhere"

    def __init__(self, verdict: str, text: str, version: int) -> None:
        super().__init__(
            N_("This was changed in another tab or on another device."),
            advice=N_("Look at both versions and choose the one to keep."),
        )
        self.verdict, self.text, self.version = verdict, text, version


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


def save_finding(
    session: Session, assessor: AssessorView, review: ReviewView, note: Note
) -> FindingView:
    """Stores what an assessor found for a competency; returns what is on record.

    Raises `FindingChanged`, and stores nothing, when what the assessor saw is no longer on record
    and differs from the wish; `NotFound` for a competency that is not to be read; `Conflict`
    where the reading is not open for writing.
    """
    _submission, now = _to_write(session, assessor, review)
    if note.code not in codes_to_read(session, now.submission_id):
        raise NotFound(N_("This competency is not to be read in this review."), code="code-unknown")
    before = findings_of(session, now.id).get(note.code, FindingView(note.code))
    if (before.verdict, before.feedback) == (note.verdict, note.feedback):
        return before
    if before.version != note.seen:
        raise FindingChanged(before)
    after = FindingView(note.code, note.verdict, note.feedback, before.version + 1, clock.now())
    values = {
        "verdict": after.verdict.value,
        "feedback": after.feedback,
        "version": after.version,
        "changed_at": after.changed_at,
    }
    if before.version:
        session.execute(
            update(_FINDINGS)
            .where(_FINDINGS.c.review_id == now.id, _FINDINGS.c.code == note.code)
            .values(**values)
        )
    else:
        session.execute(insert(_FINDINGS).values(review_id=now.id, code=note.code, **values))
    return after


def save_conclusion(
    session: Session, assessor: AssessorView, review: ReviewView, wish: Conclusion
) -> ReviewView:
    """Stores overall verdict and summary; returns the reading. Raises as `save_finding` does."""
    _submission, now = _to_write(session, assessor, review)
    if (now.verdict, now.summary) == (wish.verdict, wish.summary):
        return now
    if now.summary_version != wish.seen:
        raise ConclusionChanged(now.verdict.value, now.summary, now.summary_version)
    move(
        session,
        now,
        now.state,
        verdict=wish.verdict.value,
        summary=wish.summary,
        summary_version=now.summary_version + 1,
    )
    return review_by_id(session, now.id)


def save_notes(
    session: Session, assessor: AssessorView, review: ReviewView, text: str, seen: int
) -> tuple[str, int]:
    """Stores an assessor's private notes, at any time; returns them with their version.

    Raises `ConclusionChanged` as `save_conclusion` does.
    """
    _check_owner(assessor, review)
    _submission, now = hold_review(session, review)
    before, version = notes_of(session, now.id)
    if before == text:
        return before, version
    if version != seen:
        raise ConclusionChanged("", before, version)
    move(session, now, now.state, notes=text, notes_version=version + 1)
    return text, version + 1


def finish(session: Session, assessor: AssessorView, review: ReviewView) -> ReviewView:
    """Marks a reading as done, and lets what follows follow. Returns it as it stands.

    Raises `Unfinished` with what is missing, `Conflict` as `save_finding` does.
    """
    submission, now = _to_write(session, assessor, review)
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
    _check_owner(assessor, review)
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
    _check_owner(assessor, review)
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


def _to_write(
    session: Session, assessor: AssessorView, review: ReviewView
) -> tuple[SubmissionView, ReviewView]:
    _check_owner(assessor, review)
    submission, now = hold_review(session, review)
    if now.state is ReviewState.ALLOCATED:
        raise Conflict(
            N_("You have not begun this review yet."),
            code="review-not-begun",
            advice=N_("Choose “Begin reading” first."),
        )
    if not may_write(now.state) or submission.state is not State.IN_REVIEW:
        raise Conflict(
            N_("This review is done, so nothing was changed."),
            code="review-done",
            advice=N_("Choose “Think again” to open it, as long as nothing was released."),
        )
    return submission, now


def _check_owner(assessor: AssessorView, review: ReviewView) -> None:
    if review.assessor_id != assessor.id:
        raise NotFound(N_("This review is not on your desk."), code="review-unknown")


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

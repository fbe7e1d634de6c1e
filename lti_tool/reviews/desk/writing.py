"""What an assessor writes to a reading: findings, the verdict as a whole, private notes.

Services never commit. Each save names the version that was seen, so that nothing is written over.
"""

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_
from lti_tool.portfolios.submitting.rules import State, SubmissionView
from lti_tool.reviews.desk.queries import codes_to_read, notes_of
from lti_tool.reviews.desk.rules import Conclusion, Note, may_write
from lti_tool.reviews.models import Finding
from lti_tool.reviews.queries import findings_of, review_by_id
from lti_tool.reviews.rules import AssessorView, FindingView, ReviewState, ReviewView
from lti_tool.reviews.services import hold_review, move

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


def save_finding(
    session: Session, assessor: AssessorView, review: ReviewView, note: Note
) -> FindingView:
    """Stores what an assessor found for a competency; returns what is on record.

    Raises `FindingChanged`, and stores nothing, when what the assessor saw is no longer on record
    and differs from the wish; `NotFound` for a competency that is not to be read; `Conflict`
    where the reading is not open for writing.
    """
    _submission, now = to_write(session, assessor, review)
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
    _submission, now = to_write(session, assessor, review)
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
    check_owner(assessor, review)
    _submission, now = hold_review(session, review)
    before, version = notes_of(session, now.id)
    if before == text:
        return before, version
    if version != seen:
        raise ConclusionChanged("", before, version)
    move(session, now, now.state, notes=text, notes_version=version + 1)
    return text, version + 1


def to_write(
    session: Session, assessor: AssessorView, review: ReviewView
) -> tuple[SubmissionView, ReviewView]:
    """Holds a reading to be written to, and returns its submission and it as they stand.

    Raises `Conflict` where it was not begun, or is done.
    """
    check_owner(assessor, review)
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


def check_owner(assessor: AssessorView, review: ReviewView) -> None:
    """Raises `NotFound` for a reading of somebody else's."""
    if review.assessor_id != assessor.id:
        raise NotFound(N_("This review is not on your desk."), code="review-unknown")

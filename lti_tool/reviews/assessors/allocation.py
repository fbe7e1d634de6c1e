"""Giving submissions to assessors: by load, by hand, and again where one was handed back.

Everything here may be repeated: it looks at what is there, and adds what is missing.
"""

from collections.abc import Collection

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from lti_tool.courses.queries import administrators_of
from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.portfolios.submitting.rules import LIVE, SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.assessors.queries import candidates_for
from lti_tool.reviews.assessors.rules import due_day, next_reader
from lti_tool.reviews.assessors.withdrawals import end_open
from lti_tool.reviews.models import Assessor, Review
from lti_tool.reviews.outcomes.prefilling import prefill
from lti_tool.reviews.queries import (
    assessors_by_id,
    readers_wanted,
    readings_of,
    review_by_id,
    terms_of,
)
from lti_tool.reviews.rules import (
    Act,
    AssessorView,
    By,
    Part,
    ReviewState,
    ReviewView,
)
from lti_tool.reviews.services import begin_log, hold, title_of

_ASSESSORS = table_of(Assessor)
_REVIEWS = table_of(Review)
_KINDS = {
    Part.READER: Kind.REVIEW_ALLOCATED,
    Part.MODERATOR: Kind.MODERATION_WANTED,
    Part.APPEAL: Kind.APPEAL_MADE,
}


def allocate(session: Session, submission_id: int) -> list[ReviewView]:
    """Gives a submission every reader that it lacks, as far as there are any; returns the new ones.

    Where some are still missing it waits as it is, and administrators are told. Moderators and
    readers of an appeal who are wanted and missing are found in the same way.
    """
    submission = hold(session, submission_id)
    begin_log(session, submission)
    if submission.state not in LIVE:
        return []
    _end_what_nobody_reads(session, submission)
    found = []
    for part in missing_parts(session, submission):
        review = allocate_one(session, submission, part)
        if review is None:
            _tell_nobody_there(session, submission, part)
            break
        found.append(review)
    return found


def missing_parts(session: Session, submission: SubmissionView) -> list[Part]:
    """Returns who is still to read a submission, one entry for each reading that is missing."""
    there = [review.part for review in readings_of(session, submission.id)]
    acts = [Act(line.act) for line in log.lines_of(session, submission.id)]
    if _is_wanted(acts, Act.APPEALED, {Act.APPEAL_WITHDRAWN, Act.RELEASED}):
        return [] if Part.APPEAL in there else [Part.APPEAL]
    if Act.RELEASED in acts:
        return []
    if _is_wanted(acts, Act.SENT_TO_MODERATOR, {Act.AGREED}):
        return [] if Part.MODERATOR in there else [Part.MODERATOR]
    lacking = readers_wanted(session, submission) - there.count(Part.READER)
    return [Part.READER] * max(lacking, 0)


def allocate_one(
    session: Session,
    submission: SubmissionView,
    part: Part,
    excluded: Collection[int] = (),
) -> ReviewView | None:
    """Gives a submission to the assessor who is next, and tells them; None where nobody may.

    Never to the learner, their tutor in that course, somebody with a declared conflict, or
    whoever had it before in any part; `excluded` are further assessors, by number. The caller
    holds the submission (`reviews.services.hold`).
    """
    hold_assessors(session, submission.organisation_id)
    candidates = candidates_for(session, submission, excluded)
    chosen = next_reader(candidates, submission.level, part, clock.now().date())
    if chosen is None:
        return None
    assessor = assessors_by_id(session, [chosen.id])[chosen.id]
    return give(session, submission, assessor, part)


def give(
    session: Session,
    submission: SubmissionView,
    assessor: AssessorView,
    part: Part,
    *,
    by: int | None = None,
) -> ReviewView:
    """Puts a submission on an assessor's desk, with a line in the log, and tells them.

    `by` is the administrator who does it by hand. Nothing is checked: the caller has done that,
    and holds the submission.
    """
    now = clock.now()
    terms = terms_of(session, submission.organisation_id)
    public_id = new_public_id()
    review_id = session.execute(
        insert(_REVIEWS)
        .values(
            public_id=public_id,
            organisation_id=submission.organisation_id,
            submission_id=submission.id,
            assessor_id=assessor.id,
            part=part.value,
            state=ReviewState.ALLOCATED.value,
            allocated_at=now,
            allocated_by=by,
            due_on=due_day(part, submission.submitted_at.date(), now.date(), terms.target_days),
            begun_at=None,
            done_at=None,
            verdict="",
            summary="",
            summary_version=0,
            notes="",
            notes_version=0,
            first_verdict="",
            first_findings={},
        )
        .returning(_REVIEWS.c.id)
    ).scalar_one()
    log.write(
        session,
        submission.id,
        Act.ALLOCATED,
        By.ADMINISTRATOR if by else By.TOOL,
        person_id=by,
        details={"review": public_id, "assessor": assessor.public_id, "part": part.value},
    )
    tell(session, [_told(session, assessor, submission, part, public_id)])
    return prefill(session, submission, review_by_id(session, review_id))


def _end_what_nobody_reads(session: Session, submission: SubmissionView) -> None:
    """Ends open readings of assessors whose appointment ended at the moment of the allocation."""
    open_ones = [one for one in readings_of(session, submission.id) if one.is_open]
    assessors = assessors_by_id(session, {one.assessor_id for one in open_ones})
    for review in open_ones:
        if not assessors[review.assessor_id].active:
            reason = N_("The appointment ended.")
            end_open(session, submission, review.id, reason, by=None, who=By.TOOL)


def _told(
    session: Session,
    assessor: AssessorView,
    submission: SubmissionView,
    part: Part,
    public_id: str,
) -> Telling:
    return Telling(
        person_id=assessor.person_id,
        organisation_id=assessor.organisation_id,
        kind=_KINDS[part],
        reference=f"review-allocated:{public_id}",
        endpoint="desk.reading",
        link={"review": public_id},
        params={"title": title_of(session, submission)},
    )


def _tell_nobody_there(session: Session, submission: SubmissionView, part: Part) -> None:
    tell(
        session,
        [
            Telling(
                person_id=person_id,
                organisation_id=submission.organisation_id,
                kind=Kind.NO_ASSESSOR,
                reference=f"no-assessor:{submission.public_id}:{part.value}",
                endpoint="reviews.submissions",
                params={"title": title_of(session, submission)},
            )
            for person_id in administrators_of(session, submission.organisation_id)
        ],
    )


def hold_assessors(session: Session, organisation_id: int) -> None:
    """Makes allocations of one organisation come in turn, so that nobody gets more than they take.

    Whoever holds submissions as well has held those first.
    """
    session.execute(
        select(_ASSESSORS.c.id)
        .where(_ASSESSORS.c.organisation_id == organisation_id)
        .order_by(_ASSESSORS.c.id)
        .with_for_update(key_share=True)
    )


def _is_wanted(acts: list[Act], asked: Act, settled: set[Act]) -> bool:
    """Says whether something was asked for in the log, and not settled by a later line."""
    wanted = False
    for act in acts:
        wanted = act is asked or (wanted and act not in settled)
    return wanted

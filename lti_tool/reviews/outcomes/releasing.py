"""Releasing what a review came to: all that follows, in one transaction, once."""

from datetime import timedelta

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.errors import Conflict
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_
from lti_tool.notifications.rules import Kind, Telling
from lti_tool.notifications.services import tell
from lti_tool.outbox import services as outbox
from lti_tool.portfolios.submitting import services as submitting
from lti_tool.portfolios.submitting.grading import record_verdict
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews import log
from lti_tool.reviews.models import Appeal, Outcome
from lti_tool.reviews.outcomes.matters import Matter, matter_of, seal_of
from lti_tool.reviews.outcomes.queries import OutcomeView, outcomes_of
from lti_tool.reviews.outcomes.rules import AppealState, Decision, Step, Whose, wanting
from lti_tool.reviews.queries import terms_of
from lti_tool.reviews.rules import (
    LANE,
    RECOGNISE,
    Act,
    AssessorView,
    By,
    Overall,
    Part,
    ReviewView,
    Verdict,
)
from lti_tool.reviews.services import hold_review, owner_link, title_of

_OUTCOMES = table_of(Outcome)
_APPEALS = table_of(Appeal)


class SeenOtherwise(Conflict):
    """What would be released is not what the page showed."""

    code = "decision-changed"

    def __init__(self) -> None:
        super().__init__(
            N_("This has changed since you opened the page, so nothing was released."),
            advice=N_("Read it as it stands now, and release it then."),
        )


def release(
    session: Session, assessor: AssessorView, review: ReviewView, *, seen: str, whose: Whose
) -> OutcomeView:
    """Releases what a review came to; returns the outcome. All of it happens, or nothing.

    `seen` is the seal of what the assessor saw. A second click, or the other reader's, finds the
    outcome that is there and changes nothing. Raises `SeenOtherwise`, or `Conflict` where there is
    nothing to release.
    """
    submission, now = hold_review(session, review)
    matter = matter_of(session, submission)
    if matter.outcome is not None:
        return matter.outcome
    if not matter.may_release(now):
        raise _not_ready(matter)
    found = matter.comes_to(now, whose)
    if seal_of(found) != seen:
        raise SeenOtherwise
    verdicts = {code: Verdict(one["verdict"]) for code, one in found.findings.items()}
    if wanting(found.overall, verdicts, matter.to_read):
        raise _not_ready(matter)
    _move(session, submission, found)
    outcome_id = _add(session, matter, found, assessor)
    _settle_appeal(session, matter)
    record_grade(session, submission, found)
    _note(session, matter, found, assessor, now)
    _tell(session, matter)
    if found.overall is Overall.RECOGNISED:
        outbox.put(session, RECOGNISE, str(outcome_id), lane=LANE, delay=timedelta(0))
    return outcomes_of(session, submission.id)[-1]


def _not_ready(matter: Matter) -> Conflict:
    if matter.step is Step.DIFFERENT:
        return Conflict(
            N_("The two readings differ, so nothing was released."),
            code="readings-differ",
            advice=N_("Agree with the other reader, or send it to a moderator."),
        )
    return Conflict(
        N_("This review is not ready to be released."),
        code="not-ready",
        advice=N_("Look at how the readings stand now."),
    )


def _move(session: Session, submission: SubmissionView, found: Decision) -> None:
    if found.overall is Overall.MORE_EVIDENCE:
        moved = submitting.return_for_more(session, submission.id, found.reopened)
    else:
        recognised = found.overall is Overall.RECOGNISED
        moved = submitting.close(session, submission.id, recognised=recognised)
    if not moved:
        raise Conflict(
            N_("This submission is not in review any more."),
            code="not-in-review",
            advice=N_("Look at your desk: it may have been settled elsewhere."),
        )


def _add(session: Session, matter: Matter, found: Decision, assessor: AssessorView) -> int:
    return int(
        session.execute(
            insert(_OUTCOMES)
            .values(
                public_id=new_public_id(),
                organisation_id=matter.submission.organisation_id,
                submission_id=matter.submission.id,
                number=matter.number,
                outcome=found.overall.value,
                summary=found.summary,
                findings=found.findings,
                met=found.met,
                total=found.total,
                released_by=assessor.person_id,
                released_at=clock.now(),
                seen_at=None,
            )
            .returning(_OUTCOMES.c.id)
        ).scalar_one()
    )


def _settle_appeal(session: Session, matter: Matter) -> None:
    if matter.appeal is not None and matter.is_appealed:
        session.execute(
            update(_APPEALS)
            .where(_APPEALS.c.id == matter.appeal.id)
            .values(state=AppealState.DECIDED.value, decided_at=clock.now())
        )


def record_grade(session: Session, submission: SubmissionView, found: Decision) -> None:
    """The grade follows; the summary goes with it where the organisation lets it."""
    is_recognised = found.overall is Overall.RECOGNISED
    comment = f"Portfolio, Level {submission.level}: " + (
        "recognised." if is_recognised else f"{found.met} of {found.total} competencies met."
    )
    if terms_of(session, submission.organisation_id).comment_in_grade and found.summary:
        comment += f"\n\n{found.summary}"
    record_verdict(
        session,
        submission,
        met=found.met,
        total=found.total,
        recognised=is_recognised,
        comment=comment,
    )


def _note(
    session: Session, matter: Matter, found: Decision, assessor: AssessorView, review: ReviewView
) -> None:
    log.write(
        session,
        matter.submission.id,
        Act.RELEASED,
        By.ASSESSOR if review.part is Part.READER else By.MODERATOR,
        person_id=assessor.person_id,
        details={
            "assessor": assessor.public_id,
            "part": review.part.value,
            "outcome": found.overall.value,
            "number": matter.number,
            "met": found.met,
            "total": found.total,
            "reopened": list(found.reopened),
            "seal": seal_of(found),
        },
    )


def _tell(session: Session, matter: Matter) -> None:
    submission = matter.submission
    tell(
        session,
        [
            Telling(
                person_id=submission.person_id,
                organisation_id=submission.organisation_id,
                kind=Kind.APPEAL_DECIDED if matter.is_appealed else Kind.OUTCOME_RELEASED,
                reference=f"outcome:{submission.public_id}:{matter.number}",
                placement_id=submission.placement_id,
                endpoint="outcomes.outcome",
                link=owner_link(session, submission),
                params={"title": title_of(session, submission)},
            )
        ],
    )

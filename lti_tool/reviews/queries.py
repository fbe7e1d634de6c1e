"""Reading of reviews: an organisation's rules, assessors, readings, findings."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import run
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import submission_by_id
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.models import Assessor, Finding, Review, ReviewEvent, ReviewTerms
from lti_tool.reviews.rules import (
    OPEN,
    STANDING,
    Act,
    AssessorView,
    FindingView,
    Overall,
    Part,
    ReviewState,
    ReviewView,
    Terms,
    Verdict,
)

_TERMS = table_of(ReviewTerms)
_ASSESSORS = table_of(Assessor)
_REVIEWS = table_of(Review)
_FINDINGS = table_of(Finding)
_EVENTS = table_of(ReviewEvent)
_PEOPLE = table_of(Person)
_SUBMISSIONS = table_of(Submission)

_LOAD = (
    select(func.count())
    .where(
        _REVIEWS.c.assessor_id == _ASSESSORS.c.id,
        _REVIEWS.c.state.in_([state.value for state in OPEN]),
    )
    .correlate(_ASSESSORS)
    .scalar_subquery()
)
ASSESSORS: Select[Any] = select(
    _ASSESSORS, _PEOPLE.c.name, _PEOPLE.c.public_id.label("person"), _LOAD.label("load")
).join(_PEOPLE, _PEOPLE.c.id == _ASSESSORS.c.person_id)
# Built once: every page of the tool asks it for its menu.
_AT_THE_DESK = select(_ASSESSORS.c.id).where(
    _ASSESSORS.c.organisation_id == bindparam("organisation"),
    _ASSESSORS.c.person_id == bindparam("person"),
    _ASSESSORS.c.active,
)


def terms_of(session: Session, organisation_id: int) -> Terms:
    """Returns an organisation's rules for reviews: the usual ones until somebody changed them."""
    row = session.execute(select(_TERMS).where(_TERMS.c.organisation_id == organisation_id)).first()
    if row is None:
        return Terms()
    return Terms(
        readers_1=row.readers["1"],
        readers_2=row.readers["2"],
        readers_3=row.readers["3"],
        blind=row.blind,
        target_days=row.target_days,
        appeal_days=row.appeal_days,
        comment_in_grade=row.comment_in_grade,
    )


def is_assessor(session: Session, actor: Actor) -> bool:
    """Says whether a person is an appointed assessor of their organisation now: one short look."""
    found = run(
        session, _AT_THE_DESK, organisation=actor.organisation_id, person=actor.person_id
    ).first()
    return found is not None


def assessor_of(session: Session, actor: Actor) -> AssessorView | None:
    """Returns the actor as an appointed, active assessor of their organisation; None for others."""
    row = session.execute(
        ASSESSORS.where(
            _ASSESSORS.c.organisation_id == actor.organisation_id,
            _ASSESSORS.c.person_id == actor.person_id,
            _ASSESSORS.c.active,
        )
    ).first()
    return assessor_view(row) if row else None


def assessors_by_id(session: Session, ids: Collection[int]) -> dict[int, AssessorView]:
    """Returns assessors by their numbers, with their names, in one statement."""
    if not ids:
        return {}
    rows = session.execute(ASSESSORS.where(_ASSESSORS.c.id.in_(ids)))
    return {row.id: assessor_view(row) for row in rows}


def review_of(session: Session, assessor: AssessorView, public_id: str) -> ReviewView:
    """Returns a reading of this assessor; raises `NotFound` for any other, and one given back."""
    row = session.execute(
        select(_REVIEWS).where(
            _REVIEWS.c.public_id == as_kept(public_id),
            _REVIEWS.c.assessor_id == assessor.id,
            _REVIEWS.c.organisation_id == assessor.organisation_id,
            _REVIEWS.c.state.in_([state.value for state in STANDING]),
        )
    ).first()
    if row is None:
        raise NotFound(
            N_("This review is not on your desk."),
            code="review-unknown",
            advice=N_("It may have been withdrawn, or gone to somebody else. Look at your desk."),
        )
    return review_view(row)


def review_by_id(session: Session, review_id: int) -> ReviewView:
    """Returns a reading by its number, for machinery that has checked the way to it."""
    return review_view(session.execute(select(_REVIEWS).where(_REVIEWS.c.id == review_id)).one())


def readings_of(session: Session, submission_id: int) -> list[ReviewView]:
    """Returns the readings of a submission that stand (not handed back, not ended), oldest first.

    Those of every part: readers, moderator, appeal.
    """
    rows = session.execute(
        select(_REVIEWS)
        .where(
            _REVIEWS.c.submission_id == submission_id,
            _REVIEWS.c.state.in_([state.value for state in STANDING]),
        )
        .order_by(_REVIEWS.c.id)
    )
    return [review_view(row) for row in rows]


def findings_of(session: Session, review_id: int) -> dict[str, FindingView]:
    """Returns what an assessor found so far, by code; a competency not yet touched is absent.

    So is one that was accepted in an earlier submission: it is met, and nobody is asked again.
    """
    rows = session.execute(select(_FINDINGS).where(_FINDINGS.c.review_id == review_id))
    return {row.code: finding_view(row) for row in rows}


def readers_wanted(session: Session, submission: SubmissionView) -> int:
    """Returns how many readers a submission is to have: by the rules of when it came in.

    The first line of its log says so, whatever the rules became since.
    """
    details = session.execute(
        select(_EVENTS.c.details).where(
            _EVENTS.c.submission_id == submission.id,
            _EVENTS.c.act == Act.SUBMITTED.value,
        )
    ).scalar()
    if details and "readers" in details:
        return int(details["readers"])
    return terms_of(session, submission.organisation_id).readers(submission.level)


def submission_of(session: Session, review: ReviewView) -> SubmissionView:
    """Returns the submission that is read."""
    found = submission_by_id(session, review.submission_id)
    if found is None:
        raise NotFound(N_("There is no such submission here."), code="submission-unknown")
    return found


def assessor_view(row: Row[Any]) -> AssessorView:
    """Returns an assessor out of a row of `ASSESSORS`."""
    return AssessorView(
        id=row.id,
        public_id=row.public_id,
        organisation_id=row.organisation_id,
        person_id=row.person_id,
        name=display_name(row.name, row.person),
        levels=tuple(row.levels),
        capacity=row.capacity,
        moderates=row.moderates,
        active=row.active,
        load=row.load,
        away_until=row.away_until,
    )


def review_view(row: Row[Any]) -> ReviewView:
    """Returns a reading out of a row of its table."""
    return ReviewView(
        id=row.id,
        public_id=row.public_id,
        organisation_id=row.organisation_id,
        submission_id=row.submission_id,
        assessor_id=row.assessor_id,
        part=Part(row.part),
        state=ReviewState(row.state),
        allocated_at=row.allocated_at,
        due_on=row.due_on,
        begun_at=row.begun_at,
        done_at=row.done_at,
        verdict=Overall(row.verdict),
        summary=row.summary,
        summary_version=row.summary_version,
    )


def finding_view(row: Row[Any]) -> FindingView:
    """Returns a finding out of a row of its table."""
    return FindingView(row.code, Verdict(row.verdict), row.feedback, row.version, row.changed_at)

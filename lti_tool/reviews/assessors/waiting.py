"""Submissions that found too few readers: asking again when somebody may be free."""

from datetime import timedelta

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.kernel import clock
from lti_tool.kernel.models import table_of
from lti_tool.outbox import services as outbox
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import ALLOCATE, LANE, LIVE
from lti_tool.reviews.assessors.rules import is_away
from lti_tool.reviews.models import Assessor, Review, ReviewEvent
from lti_tool.reviews.queries import ASSESSORS
from lti_tool.reviews.rules import OPEN, STANDING, Act, Part

_SUBMISSIONS = table_of(Submission)
_REVIEWS = table_of(Review)
_EVENTS = table_of(ReviewEvent)
_ASSESSORS = table_of(Assessor)
_AT_ONCE = timedelta(0)
# One round's worth: the oldest come first, and the next round takes the next.
A_ROUND = 200
_MOST_LOOKED_AT = 5000


def try_again(session: Session, organisation_id: int | None = None) -> int:
    """Asks again for submissions that lack somebody to read them; returns how many.

    Those for whose level nobody is free are left alone, so that they do not stand in others' way.
    """
    free = _free_levels(session)
    waiting = (
        select(_SUBMISSIONS.c.id, _SUBMISSIONS.c.organisation_id, _SUBMISSIONS.c.level)
        .where(
            _SUBMISSIONS.c.state.in_([state.value for state in LIVE]),
            _SUBMISSIONS.c.organisation_id.in_({organisation for organisation, _level in free}),
            lacks_somebody(),
        )
        .order_by(_SUBMISSIONS.c.id)
        .limit(_MOST_LOOKED_AT)
    )
    if organisation_id is not None:
        waiting = waiting.where(_SUBMISSIONS.c.organisation_id == organisation_id)
    found = [row.id for row in session.execute(waiting) if (row.organisation_id, row.level) in free]
    for number in found[:A_ROUND]:
        outbox.put(session, ALLOCATE, str(number), lane=LANE, delay=_AT_ONCE)
    return len(found[:A_ROUND])


def lacks_somebody() -> ColumnElement[bool]:
    """Returns the condition that a submission has fewer to read it than it should.

    It leaves none out; whoever acts on it looks closer, as `allocation.missing_parts` does.
    """
    readers = _standing(Part.READER)
    too_few = func.coalesce(_readers_wanted(), 1) > readers
    no_moderator = and_(_has(Act.SENT_TO_MODERATOR), _standing(Part.MODERATOR) == 0)
    no_appeal = and_(_has(Act.APPEALED), _standing(Part.APPEAL) == 0)
    return or_(and_(too_few, ~_has(Act.RELEASED)), no_moderator, no_appeal, _has_nobodys())


def _free_levels(session: Session) -> set[tuple[int, int]]:
    """Each organisation with a level for which somebody has room."""
    rows = session.execute(ASSESSORS.where(_ASSESSORS.c.active))
    today = clock.now().date()
    return {
        (row.organisation_id, level)
        for row in rows
        if row.load < row.capacity and not is_away(row.away_until, today)
        for level in row.levels
    }


def _standing(part: Part) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            _REVIEWS.c.submission_id == _SUBMISSIONS.c.id,
            _REVIEWS.c.part == part.value,
            _REVIEWS.c.state.in_([state.value for state in STANDING]),
        )
        .correlate(_SUBMISSIONS)
        .scalar_subquery()
    )


def _readers_wanted() -> ScalarSelect[int]:
    return (
        select(_EVENTS.c.details["readers"].as_integer())
        .where(_EVENTS.c.submission_id == _SUBMISSIONS.c.id, _EVENTS.c.number == 1)
        .correlate(_SUBMISSIONS)
        .scalar_subquery()
    )


def _has(act: Act) -> ColumnElement[bool]:
    return (
        exists()
        .where(_EVENTS.c.submission_id == _SUBMISSIONS.c.id, _EVENTS.c.act == act.value)
        .correlate(_SUBMISSIONS)
    )


def _has_nobodys() -> ColumnElement[bool]:
    """An open reading of somebody whose appointment ended."""
    return (
        exists()
        .where(
            _REVIEWS.c.submission_id == _SUBMISSIONS.c.id,
            _REVIEWS.c.state.in_([state.value for state in OPEN]),
            _REVIEWS.c.assessor_id == _ASSESSORS.c.id,
            ~_ASSESSORS.c.active,
        )
        .correlate(_SUBMISSIONS)
    )

"""Reading of the desk: what is to be read, the queue, notes, phrases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Person
from lti_tool.courses.rules import display_name
from lti_tool.kernel.models import table_of
from lti_tool.portfolios.submitting.models import Submission, SubmissionTask
from lti_tool.reviews.models import Finding, Outcome, Phrase, Review
from lti_tool.reviews.queries import review_view
from lti_tool.reviews.rules import OPEN, STANDING, AssessorView, Part, ReviewView

_REVIEWS = table_of(Review)
_TASKS = table_of(SubmissionTask)
_SUBMISSIONS = table_of(Submission)
_FINDINGS = table_of(Finding)
_OUTCOMES = table_of(Outcome)
_PHRASES = table_of(Phrase)
_PEOPLE = table_of(Person)
_IS_OPEN = _REVIEWS.c.state.in_([state.value for state in OPEN])
_STANDS = _REVIEWS.c.state.in_([state.value for state in STANDING])
# Far more than anybody takes at once; what waits for release is among them.
_MOST_OPEN = 400


def codes_to_read(session: Session, submission_id: int) -> tuple[str, ...]:
    """Returns the competencies that are to be read, in order: all but those accepted before."""
    rows = session.execute(
        select(_TASKS.c.code)
        .where(_TASKS.c.submission_id == submission_id, _TASKS.c.accepted_in.is_(None))
        .order_by(_TASKS.c.place)
    )
    return tuple(rows.scalars())


def notes_of(session: Session, review_id: int) -> tuple[str, int]:
    """Returns an assessor's private notes on a reading, and their version."""
    row = session.execute(
        select(_REVIEWS.c.notes, _REVIEWS.c.notes_version).where(_REVIEWS.c.id == review_id)
    ).one()
    return row.notes, row.notes_version


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A reading in an assessor's queue. `found` of `to_find` competencies have a verdict.

    `others_open` is how many other readers have still to finish; `released` says whether the
    learner has the outcome.
    """

    review: ReviewView
    name: str
    portfolio_id: int
    instrument: str
    level: int
    number: int
    submitted_at: datetime
    found: int
    to_find: int
    others_open: int
    released: bool


@dataclass(frozen=True, slots=True)
class PhraseView:
    """A sentence of an assessor's own."""

    public_id: str
    text: str


def queue_of(session: Session, assessor: AssessorView) -> list[QueueLine]:
    """Returns what an assessor has open or waits with, the most urgent first, in two statements."""
    return _lines(session, assessor, or_(_IS_OPEN, ~_released()), most=_MOST_OPEN)


def released_of(
    session: Session, assessor: AssessorView, *, limit: int, page: int = 1
) -> tuple[list[QueueLine], bool]:
    """Returns a page of what was read and released, newest first, and whether there is more."""
    wanted = and_(~_IS_OPEN, _released())
    found = _lines(session, assessor, wanted, most=limit + 1, skip=(page - 1) * limit, newest=True)
    return found[:limit], len(found) > limit


def phrases_of(session: Session, assessor_id: int) -> list[PhraseView]:
    """Returns an assessor's phrases, in the order in which they were added."""
    rows = session.execute(
        select(_PHRASES.c.public_id, _PHRASES.c.text)
        .where(_PHRASES.c.assessor_id == assessor_id)
        .order_by(_PHRASES.c.id)
    )
    return [PhraseView(row.public_id, row.text) for row in rows]


def name_of(session: Session, person_id: int) -> str:
    """Returns how a person is called."""
    row = session.execute(
        select(_PEOPLE.c.name, _PEOPLE.c.public_id).where(_PEOPLE.c.id == person_id)
    ).one()
    return display_name(row.name, row.public_id)


def _released() -> ColumnElement[bool]:
    """A reading whose outcome the learner has: an appeal's is the second one."""
    number = case((_REVIEWS.c.part == Part.APPEAL.value, 2), else_=1)
    return (
        exists()
        .where(_OUTCOMES.c.submission_id == _REVIEWS.c.submission_id, _OUTCOMES.c.number == number)
        .correlate(_REVIEWS)
    )


def _lines(
    session: Session,
    assessor: AssessorView,
    wanted: ColumnElement[bool],
    *,
    most: int,
    skip: int = 0,
    newest: bool = False,
) -> list[QueueLine]:
    order = (_REVIEWS.c.done_at.desc(), _REVIEWS.c.id.desc())
    if not newest:
        order = (_REVIEWS.c.due_on, _REVIEWS.c.id)  # type: ignore[assignment]
    rows = session.execute(
        select(
            _REVIEWS,
            _SUBMISSIONS.c.portfolio_id,
            _SUBMISSIONS.c.instrument,
            _SUBMISSIONS.c.level,
            _SUBMISSIONS.c.number,
            _SUBMISSIONS.c.submitted_at,
            _PEOPLE.c.name.label("person_name"),
            _PEOPLE.c.public_id.label("person_public_id"),
            _count(_FINDINGS.c.review_id == _REVIEWS.c.id, _FINDINGS.c.verdict != "").label(
                "found"
            ),
            _count(
                _TASKS.c.submission_id == _REVIEWS.c.submission_id, _TASKS.c.accepted_in.is_(None)
            ).label("to_find"),
            _others_open().label("others_open"),
            _released().label("released"),
        )
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _REVIEWS.c.submission_id)
        .join(_PEOPLE, _PEOPLE.c.id == _SUBMISSIONS.c.person_id)
        .where(_REVIEWS.c.assessor_id == assessor.id, _STANDS, wanted)
        .order_by(*order)
        .limit(most)
        .offset(skip)
    ).all()
    return [_line(row) for row in rows]


def _line(row: Row[Any]) -> QueueLine:
    return QueueLine(
        review=review_view(row),
        name=display_name(row.person_name, row.person_public_id),
        portfolio_id=row.portfolio_id,
        instrument=row.instrument,
        level=row.level,
        number=row.number,
        submitted_at=row.submitted_at,
        found=row.found,
        to_find=row.to_find,
        others_open=row.others_open,
        released=bool(row.released),
    )


def _others_open() -> ScalarSelect[int]:
    other = _REVIEWS.alias("other")
    return (
        select(func.count())
        .where(
            other.c.submission_id == _REVIEWS.c.submission_id,
            other.c.id != _REVIEWS.c.id,
            other.c.part == _REVIEWS.c.part,
            other.c.state.in_([state.value for state in OPEN]),
        )
        .correlate(_REVIEWS)
        .scalar_subquery()
    )


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(*conditions).correlate(_REVIEWS).scalar_subquery()

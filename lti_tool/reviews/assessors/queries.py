"""Reading of assessors: who could read a submission, who is appointed, who must not read whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from lti_tool.courses.models import Course, Identity, Membership, Person, Placement
from lti_tool.courses.rules import display_name
from lti_tool.kernel.actor import Role
from lti_tool.kernel.errors import NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.submitting.queries import submission_before
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.assessors.rules import Candidate
from lti_tool.reviews.models import Assessor, AssessorConflict, Review
from lti_tool.reviews.queries import ASSESSORS, assessor_view
from lti_tool.reviews.rules import AssessorView, ReviewState

_ASSESSORS = table_of(Assessor)
_CONFLICTS = table_of(AssessorConflict)
_REVIEWS = table_of(Review)
_PEOPLE = table_of(Person)
MOST_FOUND = 30
_MOST_NAMELESS = 5000


def candidates_for(
    session: Session, submission: SubmissionView, excluded: Collection[int] = ()
) -> list[Candidate]:
    """Returns every active assessor of the organisation, and what keeps them from this submission.

    A constant number of statements, however many there are.
    """
    kept_away = kept_from(session, submission)
    before = _readers_before(session, submission)
    last_given: ScalarSelect[object] = (
        select(func.max(_REVIEWS.c.allocated_at))
        .where(_REVIEWS.c.assessor_id == _ASSESSORS.c.id)
        .correlate(_ASSESSORS)
        .scalar_subquery()
    )
    rows = session.execute(
        ASSESSORS.add_columns(last_given.label("last_given")).where(
            _ASSESSORS.c.organisation_id == submission.organisation_id, _ASSESSORS.c.active
        )
    )
    return [
        Candidate(
            id=row.id,
            levels=tuple(row.levels),
            capacity=row.capacity,
            load=row.load,
            moderates=row.moderates,
            away_until=row.away_until,
            is_apart=row.id not in kept_away and row.id not in excluded,
            knows_it=row.id in before,
            last_given=row.last_given,
        )
        for row in rows
    ]


def kept_from(session: Session, submission: SubmissionView) -> set[int]:
    """Returns the assessors who must not get a submission: see `reasons_against`."""
    return set(reasons_against(session, submission))


def reasons_against(session: Session, submission: SubmissionView) -> dict[int, str]:
    """Returns, by the number of an assessor, why they must not read a submission.

    "self" is the learner, "tutor" their tutor in that course, "conflict" one who declared a
    conflict, "handed-back" one who gave it back, "before" one who has it or had it.
    """
    found: dict[int, str] = {}
    had = select(_REVIEWS.c.assessor_id, _REVIEWS.c.state).where(
        _REVIEWS.c.submission_id == submission.id
    )
    for row in session.execute(had):
        handed_back = row.state == ReviewState.HANDED_BACK
        if handed_back or found.get(row.assessor_id) != "handed-back":
            found[row.assessor_id] = "handed-back" if handed_back else "before"
    conflicts = select(_CONFLICTS.c.assessor_id).where(
        _CONFLICTS.c.person_id == submission.person_id
    )
    found |= dict.fromkeys(session.execute(conflicts).scalars(), "conflict")
    tutors = (
        select(_ASSESSORS.c.id)
        .join(Membership, Membership.person_id == _ASSESSORS.c.person_id)
        .join(
            Placement,
            and_(
                Placement.course_id == Membership.course_id,
                Placement.id == submission.placement_id,
            ),
        )
        .where(Membership.roles.contains(Role.TUTOR.value))
    )
    found |= dict.fromkeys(session.execute(tutors).scalars(), "tutor")
    oneself = select(_ASSESSORS.c.id).where(_ASSESSORS.c.person_id == submission.person_id)
    return found | dict.fromkeys(session.execute(oneself).scalars(), "self")


def _readers_before(session: Session, submission: SubmissionView) -> set[int]:
    """Who read the submission of the same portfolio that was decided before this one."""
    earlier = submission_before(session, submission)
    if earlier is None:
        return set()
    rows = session.execute(
        select(_REVIEWS.c.assessor_id).where(
            _REVIEWS.c.submission_id == earlier.id, _REVIEWS.c.state == ReviewState.DONE.value
        )
    )
    return set(rows.scalars())


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the organisation, as one chooses among them. `courses` are titles."""

    id: int
    public_id: str
    name: str
    courses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConflictView:
    """A declared conflict: with whom, why, since when, declared by whom."""

    public_id: str
    person: str
    reason: str
    declared_at: datetime
    declared_by: str


def people_found(session: Session, organisation_id: int, words: str) -> list[Someone]:
    """Returns people of an organisation whose name or pseudonym fits, by name, at most a page.

    Who was joined to somebody else has no identity any more, and is found as that person alone.
    """
    nameless = session.execute(
        select(_PEOPLE.c.id, _PEOPLE.c.public_id)
        .where(_PEOPLE.c.organisation_id == organisation_id, _PEOPLE.c.name == "")
        .limit(_MOST_NAMELESS)
    )
    sought = words.casefold()
    pseudonyms = [
        row.id for row in nameless if sought in display_name("", row.public_id).casefold()
    ]
    rows = session.execute(
        select(_PEOPLE.c.id, _PEOPLE.c.public_id, _PEOPLE.c.name)
        .where(
            _PEOPLE.c.organisation_id == organisation_id,
            exists().where(Identity.person_id == _PEOPLE.c.id),
            or_(_PEOPLE.c.name.icontains(words, autoescape=True), _PEOPLE.c.id.in_(pseudonyms)),
        )
        .order_by(_PEOPLE.c.name, _PEOPLE.c.id)
        .limit(MOST_FOUND + 1)
    ).all()
    titles: dict[int, list[str]] = {}
    for row in session.execute(
        select(Membership.person_id, Course.title)
        .join(Course, Course.id == Membership.course_id)
        .where(Membership.person_id.in_([row.id for row in rows]))
        .order_by(Membership.id)
    ):
        titles.setdefault(row.person_id, []).append(row.title)
    return [
        Someone(
            row.id,
            row.public_id,
            display_name(row.name, row.public_id),
            tuple(title for title in titles.get(row.id, []) if title),
        )
        for row in rows
    ]


def person_of_organisation(session: Session, organisation_id: int, public_id: str) -> Someone:
    """Returns a person of an organisation; raises `NotFound` for anyone else."""
    row = session.execute(
        select(_PEOPLE.c.id, _PEOPLE.c.public_id, _PEOPLE.c.name).where(
            _PEOPLE.c.organisation_id == organisation_id,
            _PEOPLE.c.public_id == as_kept(public_id),
            exists().where(Identity.person_id == _PEOPLE.c.id),
        )
    ).first()
    if row is None:
        raise NotFound(N_("There is no such person in your organisation."), code="person-unknown")
    return Someone(row.id, row.public_id, display_name(row.name, row.public_id))


def assessor_of_organisation(
    session: Session, organisation_id: int, public_id: str
) -> AssessorView:
    """Returns an assessor of an organisation, also one whose appointment ended; else `NotFound`."""
    row = session.execute(
        ASSESSORS.where(
            _ASSESSORS.c.organisation_id == organisation_id,
            _ASSESSORS.c.public_id == as_kept(public_id),
        )
    ).first()
    if row is None:
        raise NotFound(
            N_("There is no such assessor in your organisation."), code="assessor-unknown"
        )
    return assessor_view(row)


def assessors_of(session: Session, organisation_id: int) -> list[AssessorView]:
    """Returns every assessor that an organisation ever appointed, by name, the active ones first."""
    rows = session.execute(ASSESSORS.where(_ASSESSORS.c.organisation_id == organisation_id))
    found = [assessor_view(row) for row in rows]
    return sorted(found, key=lambda one: (not one.active, one.name.casefold(), one.id))


def conflicts_of(session: Session, assessor_id: int) -> list[ConflictView]:
    """Returns an assessor's declared conflicts, newest first."""
    by = _PEOPLE.alias()
    rows = session.execute(
        select(
            _CONFLICTS,
            _PEOPLE.c.name,
            _PEOPLE.c.public_id.label("person"),
            by.c.name.label("by_name"),
            by.c.public_id.label("by"),
        )
        .join(_PEOPLE, _PEOPLE.c.id == _CONFLICTS.c.person_id)
        .outerjoin(by, by.c.id == _CONFLICTS.c.declared_by)
        .where(_CONFLICTS.c.assessor_id == assessor_id)
        .order_by(_CONFLICTS.c.id.desc())
    )
    return [
        ConflictView(
            row.public_id,
            display_name(row.name, row.person),
            row.reason,
            row.declared_at,
            display_name(row.by_name, row.by) if row.by else "",
        )
        for row in rows
    ]

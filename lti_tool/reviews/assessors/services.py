"""Appointing assessors, changing and ending appointments, declaring conflicts of interest."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.database import insert_into
from lti_tool.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_, as_kept
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.rules import SubmissionView
from lti_tool.reviews.assessors.allocation import allocate, hold_assessors
from lti_tool.reviews.assessors.queries import assessor_of_organisation, person_of_organisation
from lti_tool.reviews.assessors.rules import Appointment
from lti_tool.reviews.assessors.waiting import try_again
from lti_tool.reviews.assessors.withdrawals import end_open
from lti_tool.reviews.models import Assessor, AssessorConflict, Review
from lti_tool.reviews.queries import readings_of
from lti_tool.reviews.rules import OPEN, AssessorView, By
from lti_tool.reviews.services import hold

_ASSESSORS = table_of(Assessor)
_CONFLICTS = table_of(AssessorConflict)
_REVIEWS = table_of(Review)
_SUBMISSIONS = table_of(Submission)


def appoint(
    session: Session, actor: Actor, person_id: str, appointment: Appointment
) -> AssessorView:
    """Appoints a person of the organisation as assessor; who was one before is one again.

    What waits for an assessor is asked for anew. Raises `NotAllowed` for anyone but an
    administrator, `NotFound` for a person of elsewhere, `Conflict` where they are one already.
    """
    check_administrator(actor)
    person = person_of_organisation(session, actor.organisation_id, person_id)
    now = clock.now()
    facts: dict[str, Any] = _facts(appointment) | {
        "active": True,
        "appointed_at": now,
        "appointed_by": actor.person_id,
        "changed_at": now,
        "changed_by": actor.person_id,
    }
    row = session.execute(
        insert_into(session, _ASSESSORS)
        .values(
            public_id=new_public_id(),
            organisation_id=actor.organisation_id,
            person_id=person.id,
            **facts,
        )
        .on_conflict_do_update(
            index_elements=["organisation_id", "person_id"],
            set_=facts,
            where=~_ASSESSORS.c.active,
        )
        .returning(_ASSESSORS.c.public_id)
    ).first()
    if row is None:
        raise Conflict(
            N_("This person is an assessor already."),
            code="assessor-already",
            advice=N_("Change the appointment that is there."),
        )
    try_again(session, actor.organisation_id)
    return assessor_of_organisation(session, actor.organisation_id, row.public_id)


def change_appointment(
    session: Session, actor: Actor, assessor: AssessorView, appointment: Appointment
) -> AssessorView:
    """Changes an appointment; readings that are open stay where they are. Raises `NotAllowed`,
    and `Conflict` for one that has ended.
    """
    check_administrator(actor, assessor)
    changed = session.execute(
        update(_ASSESSORS)
        .where(_ASSESSORS.c.id == assessor.id, _ASSESSORS.c.active)
        .values(**_facts(appointment), changed_at=clock.now(), changed_by=actor.person_id)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]
        raise Conflict(
            N_("This appointment has ended."),
            code="assessor-ended",
            advice=N_("Appoint the person anew."),
        )
    try_again(session, actor.organisation_id)
    return assessor_of_organisation(session, actor.organisation_id, assessor.public_id)


def end_appointment(session: Session, actor: Actor, assessor: AssessorView) -> int:
    """Ends an appointment; open readings go to others. Returns how many. Raises `NotAllowed`."""
    check_administrator(actor, assessor)
    held = _hold_open(session, assessor)
    hold_assessors(session, actor.organisation_id)
    session.execute(
        update(_ASSESSORS)
        .where(_ASSESSORS.c.id == assessor.id)
        .values(active=False, changed_at=clock.now(), changed_by=actor.person_id)
    )
    reason = N_("The appointment ended.")
    _end_readings(session, held, reason, by=actor.person_id, who=By.ADMINISTRATOR)
    return len(held)


def declare_conflict(
    session: Session, actor: Actor, assessor: AssessorView, person_id: str, reason: str
) -> None:
    """Declares a conflict of interest, by the assessor or an administrator.

    Open readings of that person's submissions go to others at once; declaring twice keeps the
    first. Raises `NotFound` for a person of elsewhere, `InvalidInput` for the assessor themselves.
    """
    who = _author(actor, assessor)
    person = person_of_organisation(session, actor.organisation_id, person_id)
    if person.id == assessor.person_id:
        raise InvalidInput(
            N_("Nobody reads their own portfolio anyway."),
            code="conflict-with-oneself",
            advice=N_("Choose another person."),
        )
    lock_person(session, person.id)
    session.execute(
        insert_into(session, _CONFLICTS)
        .values(
            public_id=new_public_id(),
            assessor_id=assessor.id,
            person_id=person.id,
            reason=reason,
            declared_at=clock.now(),
            declared_by=actor.person_id,
        )
        .on_conflict_do_nothing(index_elements=["assessor_id", "person_id"])
    )
    words = N_("A conflict of interest was declared.")
    held = _hold_open(session, assessor, of_person=person.id)
    _end_readings(session, held, words, by=actor.person_id, who=who)


def withdraw_conflict(
    session: Session, actor: Actor, assessor: AssessorView, public_id: str
) -> None:
    """Takes a declared conflict back. Raises `NotFound`, and `NotAllowed` for anybody else."""
    _author(actor, assessor)
    gone = session.execute(
        delete(_CONFLICTS)
        .where(
            _CONFLICTS.c.public_id == as_kept(public_id),
            _CONFLICTS.c.assessor_id == assessor.id,
        )
        .returning(_CONFLICTS.c.id)
    )
    if gone.first() is None:
        raise NotFound(N_("There is no such conflict here."), code="conflict-unknown")
    try_again(session, actor.organisation_id)


def _hold_open(
    session: Session, assessor: AssessorView, *, of_person: int | None = None
) -> list[tuple[int, SubmissionView]]:
    """Holds the submissions that an assessor has open, of everybody or of one person.

    Returns each with the number of the reading; always in one order, so that two such steps never
    wait for each other.
    """
    wanted = (
        select(_REVIEWS.c.id, _REVIEWS.c.submission_id)
        .join(_SUBMISSIONS, _SUBMISSIONS.c.id == _REVIEWS.c.submission_id)
        .where(
            _REVIEWS.c.assessor_id == assessor.id,
            _REVIEWS.c.state.in_([state.value for state in OPEN]),
        )
        .order_by(_SUBMISSIONS.c.person_id, _SUBMISSIONS.c.id)
    )
    if of_person is not None:
        wanted = wanted.where(_SUBMISSIONS.c.person_id == of_person)
    found = session.execute(wanted).all()
    held = [(row.id, hold(session, row.submission_id)) for row in found]
    still = {
        one.id
        for _review, submission in held
        for one in readings_of(session, submission.id)
        if one.is_open
    }
    return [(review, submission) for review, submission in held if review in still]


def _end_readings(
    session: Session,
    held: list[tuple[int, SubmissionView]],
    reason: str,
    *,
    by: int,
    who: By,
) -> None:
    for review_id, submission in held:
        end_open(session, submission, review_id, reason, by=by, who=who)
    for submission_id in {submission.id for _review, submission in held}:
        allocate(session, submission_id)


def _facts(appointment: Appointment) -> dict[str, Any]:
    return {
        "levels": list(appointment.levels),
        "capacity": appointment.capacity,
        "moderates": appointment.moderates,
        "away_until": appointment.away_until,
    }


def check_administrator(actor: Actor, assessor: AssessorView | None = None) -> None:
    """Raises `NotAllowed` for anyone but an administrator, and for an assessor of elsewhere."""
    is_theirs = assessor is None or assessor.organisation_id == actor.organisation_id
    if not actor.is_administrator or not is_theirs:
        raise NotAllowed(N_("Only administrators appoint assessors."), code="role-not-allowed")


def _author(actor: Actor, assessor: AssessorView) -> By:
    if assessor.organisation_id == actor.organisation_id:
        if assessor.person_id == actor.person_id:
            return By.ASSESSOR
        if actor.is_administrator:
            return By.ADMINISTRATOR
    raise NotAllowed(
        N_("Only the assessor and administrators declare conflicts."), code="role-not-allowed"
    )

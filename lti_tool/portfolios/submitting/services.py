"""Handing in, withdrawing, and what a review makes of a submission. Services never commit."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.competencies.models import Instrument
from lti_tool.courses.queries import PlacementView
from lti_tool.courses.services import lock_person
from lti_tool.kernel import clock
from lti_tool.kernel.actor import Actor
from lti_tool.kernel.codes import new_code
from lti_tool.kernel.errors import Conflict, NotAllowed
from lti_tool.kernel.models import table_of
from lti_tool.kernel.secrets import new_public_id
from lti_tool.kernel.text import N_, as_kept
from lti_tool.notifications.rules import Kind
from lti_tool.outbox import services as outbox
from lti_tool.portfolios.queries import PortfolioView
from lti_tool.portfolios.submitting.freezing import earlier_of, stock_of, store
from lti_tool.portfolios.submitting.grading import record_pending, record_withdrawn
from lti_tool.portfolios.submitting.models import Submission
from lti_tool.portfolios.submitting.queries import (
    standing_of,
    submission_of,
    terms_of,
)
from lti_tool.portfolios.submitting.readiness import Readiness, readiness
from lti_tool.portfolios.submitting.rules import (
    ALLOCATE,
    LANE,
    LOCKED_WORDS,
    LONGEST_FEE_REFERENCE,
    RENDER,
    WITHDRAWN,
    PdfState,
    State,
    SubmissionView,
)
from lti_tool.portfolios.submitting.sealing import digest_of
from lti_tool.portfolios.submitting.telling import tell_owner

_SUBMISSIONS = table_of(Submission)
_AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class HandIn:
    """What is handed in: a portfolio with its instrument, in a placement, and a fee's reference."""

    portfolio: PortfolioView
    asked: Instrument
    place: PlacementView
    fee_reference: str = ""


class NotReady(Conflict):
    """Something is missing. Holds what; nothing of the portfolio was changed."""

    code = "portfolio-not-ready"

    def __init__(self, found: Readiness) -> None:
        super().__init__(
            N_("This portfolio cannot be handed in yet."),
            advice=N_("What is missing is listed below. Everything that you wrote is as it was."),
        )
        self.found = found


class FeeReferenceWanted(Conflict):
    """The organisation asks for a fee's reference, and none that can be kept was given."""

    code = "fee-reference"


class AlreadyHandedIn(Conflict):
    """The portfolio is handed in, or recognised. Holds that submission."""

    code = "portfolio-handed-in"

    def __init__(self, submission: SubmissionView) -> None:
        super().__init__(
            N_("This portfolio was handed in already."),
            advice=N_("Look at how your submission stands."),
        )
        self.submission = submission


def look_at_readiness(session: Session, actor: Actor, what: HandIn) -> Readiness:
    """Returns what is missing, and what would be handed in. Reads only."""
    standing = standing_of(session, what.portfolio.id)
    stock = stock_of(session, what.portfolio.id)
    earlier = earlier_of(session, standing.decisive)
    terms = terms_of(session, actor.organisation_id)
    return readiness(what.asked, stock, standing, earlier, terms)


def submit(session: Session, actor: Actor, what: HandIn) -> SubmissionView:
    """Hands a portfolio in: freezes all of it, with a receipt; returns the submission.

    In one transaction the gradebook's "pending", the messages for those who allocate readers and
    who make the PDF, and what the owner is told. Raises `AlreadyHandedIn`, `NotReady`,
    `FeeReferenceWanted`, and `NotAllowed` for anyone but the owner; then nothing is changed.
    """
    if not actor.is_learner or what.portfolio.person_id != actor.person_id:
        raise NotAllowed(N_("Only its owner hands a portfolio in."), code="role-not-allowed")
    lock_person(session, actor.person_id)
    found = look_at_readiness(session, actor, what)
    decisive = found.standing.decisive
    if decisive is not None and found.standing.is_closed:
        raise AlreadyHandedIn(decisive)
    if not found.is_ready:
        raise NotReady(found)
    what = replace(what, fee_reference=_fee_reference(what.fee_reference, found))
    submission = _freeze(session, actor, what, found)
    record_pending(session, submission)
    for topic in (ALLOCATE, RENDER):
        outbox.put(session, topic, str(submission.id), lane=LANE, delay=_AT_ONCE)
    tell_owner(session, submission, Kind.SUBMITTED, what.portfolio.public_id, what.asked.title)
    return submission


def withdraw(
    session: Session, actor: Actor, portfolio: PortfolioView, public_id: str, title: str
) -> SubmissionView:
    """Takes a submission back, as long as no review has begun; returns it as it stands.

    It stays on record as withdrawn; the portfolio is as open as it was before. Withdrawing twice
    is withdrawing once. Raises `Conflict` once an assessor reads it, `NotFound` for one that is
    not the actor's. `title` is the portfolio's, for what the owner is told.
    """
    lock_person(session, actor.person_id)
    submission = submission_of(session, actor, public_id)
    if submission.state is State.WITHDRAWN:
        return submission
    if not _move(session, submission.id, {State.SUBMITTED}, State.WITHDRAWN):
        raise Conflict(
            N_("A review has begun, so this cannot be taken back any more."),
            code="review-begun",
            advice=N_("Nothing has changed. You will be told when the outcome is there."),
        )
    record_withdrawn(session, submission)
    outbox.put(session, WITHDRAWN, str(submission.id), lane=LANE, delay=_AT_ONCE)
    tell_owner(session, submission, Kind.WITHDRAWN, portfolio.public_id, title)
    return submission_of(session, actor, public_id)


def check_open(session: Session, portfolio_id: int, code: str) -> None:
    """Raises `Conflict` where a task may not be changed now, since it is handed in or accepted.

    The caller holds the person's lock.
    """
    lock = standing_of(session, portfolio_id).lock(code)
    if lock is not None:
        raise Conflict(
            LOCKED_WORDS[lock],
            code="portfolio-handed-in",
            advice=N_("What you typed is kept on this device. Look at how your submission stands."),
        )


def begin_review(session: Session, submission_id: int) -> bool:
    """Notes that an assessor began to read: from now on it cannot be withdrawn.

    Returns False when it is not waiting any more, as after a withdrawal.
    """
    return _move(session, submission_id, {State.SUBMITTED}, State.IN_REVIEW)


def return_for_more(session: Session, submission_id: int, codes: Collection[str]) -> bool:
    """Returns a submission to its owner, for more evidence in these tasks. False as above."""
    return _move(session, submission_id, {State.IN_REVIEW}, State.RETURNED, reopened=sorted(codes))


def close(session: Session, submission_id: int, *, recognised: bool) -> bool:
    """Notes what the review ended in. False as above; after an appeal it may end anew."""
    to = State.RECOGNISED if recognised else State.NOT_RECOGNISED
    return _move(session, submission_id, {State.IN_REVIEW}, to)


def reopen(session: Session, submission_id: int) -> bool:
    """Takes a decided submission up again, for an appeal.

    False as above, and where the portfolio was handed in anew since.
    """
    decided = {State.RETURNED, State.NOT_RECOGNISED}
    later = _SUBMISSIONS.alias()
    this = select(_SUBMISSIONS.c.portfolio_id, _SUBMISSIONS.c.number)
    row = session.execute(this.where(_SUBMISSIONS.c.id == submission_id)).one()
    lock_person(session, _owner(session, submission_id))
    is_old = session.execute(
        select(
            exists().where(
                later.c.portfolio_id == row.portfolio_id,
                later.c.number > row.number,
                later.c.state != State.WITHDRAWN.value,
            )
        )
    ).scalar()
    if is_old:
        return False
    return _move(session, submission_id, decided, State.IN_REVIEW, reopened=[])


def _fee_reference(typed: str, found: Readiness) -> str:
    if not found.terms.fee_required:
        return ""
    reference = " ".join(as_kept(typed).split())
    if not reference:
        raise FeeReferenceWanted(
            N_("Your organisation asks for the reference number of the fee."),
            advice=N_("Type it as it stands on your receipt or confirmation of payment."),
        )
    if len(reference) > LONGEST_FEE_REFERENCE:
        raise FeeReferenceWanted(
            N_("This reference number is too long: 80 characters can be kept."),
            advice=N_("Type the number alone."),
        )
    return reference


def _freeze(session: Session, actor: Actor, what: HandIn, found: Readiness) -> SubmissionView:
    newest = found.standing.submission
    now = clock.now()
    content = found.content
    facts = {
        "public_id": new_public_id(),
        "organisation_id": actor.organisation_id,
        "person_id": actor.person_id,
        "portfolio_id": what.portfolio.id,
        "placement_id": what.place.id,
        "number": newest.number + 1 if newest else 1,
        "instrument": what.asked.id,
        "instrument_version": what.asked.version,
        "level": what.asked.level,
        "state": State.SUBMITTED.value,
        "submitted_at": now,
        "changed_at": now,
        "fee_reference": what.fee_reference,
        "receipt_code": new_code(),
        "words": content.words,
        "evidence": content.pieces,
        "reopened": [],
        "pdf_state": PdfState.ASKED.value,
        "pdf_reason": "",
        "pdf_digest": "",
        "pdf_size": 0,
    }
    facts["digest"] = digest_of(facts, now, content.tasks)
    added = insert(_SUBMISSIONS).values(**facts).returning(_SUBMISSIONS.c.id)
    store(session, int(session.execute(added).scalar_one()), content)
    return submission_of(session, actor, str(facts["public_id"]))


def _owner(session: Session, submission_id: int) -> int:
    owner = select(_SUBMISSIONS.c.person_id).where(_SUBMISSIONS.c.id == submission_id)
    return int(session.execute(owner).scalar_one())


def _move(
    session: Session,
    submission_id: int,
    before: Collection[State],
    after: State,
    **values: object,
) -> bool:
    """Moves a submission on, if it stands so; its owner is locked first, as everywhere."""
    lock_person(session, _owner(session, submission_id))
    moved = session.execute(
        update(_SUBMISSIONS)
        .where(
            _SUBMISSIONS.c.id == submission_id,
            _SUBMISSIONS.c.state.in_([state.value for state in before]),
        )
        .values(state=after.value, changed_at=clock.now(), **values)
        .returning(_SUBMISSIONS.c.id)
    )
    return moved.first() is not None
